//! The source of 500 functions, half of them async, in the form of each contender.

use std::fmt::Write as _;

use prefactor_benches::generated::{Package, ROOT};

/// The functions that the bodies call, and those that wrap bodies.
const PRELUDE: &str = include_str!("prelude.rs");

const FUNCTIONS: usize = 500;

/// One way to write the functions.
pub(crate) struct Contender {
    /// Its name in the table.
    pub(crate) name: &'static str,
    package: &'static str,
    dependency: &'static str,
    /// The attribute of each function.
    attribute: &'static str,
    /// The calls that take the statements of a body: for a function, and for an async function.
    wrapper: Option<[&'static str; 2]>,
}

pub(crate) const CONTENDERS: [Contender; 5] = [
    Contender { name: "unannotated", package: "without", dependency: "", attribute: "", wrapper: None },
    Contender {
        name: "prefactor",
        package: "with-prefactor",
        dependency: "prefactor = { path = \"$ROOT\", default-features = false, features = [\"enabled\"] }",
        attribute: "#[prefactor::span(\"agent:llm_call\")]",
        wrapper: None,
    },
    Contender {
        name: "fastrace",
        package: "with-fastrace",
        dependency: "fastrace = { version = \"0.7\", features = [\"enable\"] }",
        attribute: "#[fastrace::trace(properties = { \"model\": \"{model}\", \"prompt\": \"{prompt}\", \"temperature\": \"{temperature}\" })]",
        wrapper: None,
    },
    Contender {
        name: "wrapper",
        package: "with-wrapper",
        dependency: "",
        attribute: "",
        wrapper: Some([
            "crate::observed(\"agent:llm_call\", ||",
            "crate::observed_async(\"agent:llm_call\", async move",
        ]),
    },
    Contender {
        name: "JSON wrapper",
        package: "with-json-wrapper",
        dependency: "",
        attribute: "",
        wrapper: Some([
            "crate::captured(\"agent:llm_call\", &(model, prompt, temperature), ||",
            "crate::captured_async(\"agent:llm_call\", &(model, prompt, temperature), async move",
        ]),
    },
];

/// Makes a package of the functions and of the wrappers, which every contender has.
pub(crate) fn package(contender: &Contender) -> Package {
    let dependency = contender.dependency.replace("$ROOT", ROOT);
    let manifest = format!(
        "[dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n{dependency}\n"
    );
    let mut library = format!("#![allow(dead_code)] // No contender calls all wrappers.\n\n{PRELUDE}\n");
    for number in 0..FUNCTIONS {
        contender.write_function(number, &mut library);
    }
    Package { name: contender.package, manifest, library: Some(library) }
}

impl Contender {
    fn write_function(&self, number: usize, library: &mut String) {
        let Self { attribute, wrapper, .. } = self;
        let is_async = number % 2 == 1;
        let (keyword, step) = if is_async { ("async fn", ".await") } else { ("fn", "") };
        let remote = if is_async { "ask_remote" } else { "ask" };
        let statements = format!(
            "let text = {remote}(model, prompt, temperature){step}?; \
             if text.len() > {number} {{ return Err(Error(text)); }} \
             Ok(Completion {{ text, tokens: prompt.len() + {number} }})"
        );
        let body = match wrapper {
            None => statements,
            Some([call, await_call]) => {
                let call = if is_async { await_call } else { call };
                format!("{call} {{ {statements} }}){step}")
            }
        };
        // The compiler generates a future's code only where something uses it, here a box.
        let boxed = if is_async {
            format!(
                "pub fn boxed_{number}() -> Boxed<'static> {{ Box::pin(call_{number}(\"model\", \"prompt\", 0.5)) }}\n"
            )
        } else {
            String::new()
        };
        let _ = write!(
            library,
            "{attribute}\npub {keyword} call_{number}(model: &str, prompt: &str, temperature: f32) -> Result<Completion, Error> {{\n    {body}\n}}\n{boxed}\n"
        );
    }
}
