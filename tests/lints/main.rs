//! An expectation of a lint holds on an annotated function whenever it holds without the attribute.
//!
//! All lints of the compiler and of Clippy read the functions in the other files of this folder. Each function, plain
//! and annotated, then expects the lints that fire on the plain one.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]
#![expect(clippy::print_stderr, reason = "a test that cannot run here says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use prefactor_tests::nested_cargo;
use serde_json::Value;

const FUNCTIONS: &str = concat!(
    include_str!("signatures.rs"),
    include_str!("more_signatures.rs"),
    include_str!("bodies.rs"),
    include_str!("more_bodies.rs"),
    include_str!("methods.rs")
);

/// Lints that concern the whole crate, or the lints themselves.
const NOT_OF_FUNCTIONS: [&str; 5] = [
    "warnings",
    "unfulfilled-lint-expectations",
    "linker-messages",
    "unused-crate-dependencies",
    "unstable-features",
];

/// Lints to expect, by the number of the function.
type Expectations = BTreeMap<usize, BTreeSet<String>>;

/// One firing of a lint: its name, the line, and the text there.
struct Said {
    lint: String,
    line: usize,
    text: String,
}

/// A compiler, or Clippy, and the libraries of the functions.
struct Linter {
    program: PathBuf,
    is_clippy: bool,
    folder: PathBuf,
    libraries: Vec<String>,
}

impl Linter {
    /// `None` where the toolchain has no such program.
    fn new(name: &str, features: &[&str]) -> Option<Self> {
        let printed = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
        let program = Path::new(String::from_utf8(printed).unwrap().trim()).join("bin").join(name);
        if !program.exists() {
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints");
        std::fs::create_dir_all(&folder).unwrap();
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("disabled");
        let mut build = vec!["build", "-p", "prefactor-attribute", "--lib", "--message-format=json"];
        build.extend(features);
        let libraries = nested_cargo::run(&target, &build);
        let libraries = libraries.lines().flat_map(library_of).collect();
        Some(Self { program, is_clippy: name.contains("clippy"), folder, libraries })
    }

    /// Returns all its firings on a source text.
    fn says(&self, source: &str, is_annotated: bool) -> Vec<Said> {
        let source_of_span = if is_annotated { "prefactor" } else { "prefactor_plain" };
        let name = format!("{}_{}_{source_of_span}", self.is_clippy, self.libraries.len());
        let file = self.folder.join(format!("{name}.rs"));
        std::fs::write(
            &file,
            source.replace("use attribute::span;", &format!("use {source_of_span}::span;")),
        )
        .unwrap();
        let mut command = Command::new(&self.program);
        if self.is_clippy {
            command.args([
                "rustc",
                "-Wclippy::all",
                "-Wclippy::pedantic",
                "-Wclippy::nursery",
                "-Wclippy::restriction",
            ]);
        }
        command.args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "--error-format",
            "json",
        ]);
        command.args(["--cap-lints", "warn"]).args(&self.libraries).args(self.lints()).arg(&file);
        command.arg("-o").arg(self.folder.join(format!("lib{name}.rmeta")));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let errors: Vec<_> = said.lines().filter(|line| line.contains("\"level\":\"error\"")).collect();
        assert!(output.status.success(), "{errors:#?}");
        said.lines().filter_map(said_in).collect()
    }

    /// All lints of the compiler.
    fn lints(&self) -> Vec<String> {
        let mut help = Command::new(&self.program);
        if self.is_clippy {
            help.arg("rustc");
        }
        let help = String::from_utf8(help.args(["-W", "help"]).output().unwrap().stdout).unwrap();
        let lints = help.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let lint = words.next()?;
            let is_level = matches!(words.next()?, "allow" | "warn" | "deny");
            let is_lint = is_level && !lint.contains(':') && !NOT_OF_FUNCTIONS.contains(&lint);
            is_lint.then(|| format!("-W{lint}"))
        });
        lints.collect()
    }

    /// Returns the lints that fire on plain functions and that an expectation fulfils.
    fn expectations(&self) -> Expectations {
        let mut expected = Expectations::new();
        let owners = owners(FUNCTIONS);
        for said in self.says(FUNCTIONS, false) {
            if let Some(function) = owners[said.line] {
                expected.entry(function).or_default().insert(said.lint);
            }
        }
        // Drops lints that are decided for the whole crate: an expectation at a function does not fulfil them.
        loop {
            let unfulfilled = self.unfulfilled(&expected, false);
            if unfulfilled.is_empty() {
                return expected;
            }
            for (function, lint) in unfulfilled {
                assert!(expected.get_mut(&function).unwrap().remove(&lint), "{lint} is in the list");
            }
        }
    }

    fn unfulfilled(&self, expected: &Expectations, is_annotated: bool) -> Vec<(usize, String)> {
        let source = with_expectations(expected);
        let owners = owners(&source);
        let said = self.says(&source, is_annotated).into_iter();
        let unfulfilled = said.filter(|said| said.lint == "unfulfilled_lint_expectations");
        unfulfilled.map(|said| (owners[said.line].unwrap(), said.text)).collect()
    }
}

/// The arguments that bring a library of this name into scope, from a line of cargo's.
fn library_of(line: &str) -> Vec<String> {
    let message: Value = serde_json::from_str(line).unwrap();
    let name = message["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
    if message["reason"] != "compiler-artifact"
        || !["prefactor", "prefactor_plain", "tokio"].contains(&&*name)
    {
        return Vec::new();
    }
    let files = message["filenames"].as_array().unwrap();
    let file = files.iter().filter_map(Value::as_str).rfind(|file| !file.contains(".rmeta")).unwrap();
    let folder = Path::new(file).parent().unwrap();
    let dependencies = if folder.ends_with("deps") { folder.to_owned() } else { folder.join("deps") };
    vec![format!("--extern={name}={file}"), format!("-Ldependency={}", dependencies.display())]
}

/// Reads a line of the compiler's, at the outermost place.
fn said_in(message: &str) -> Option<Said> {
    let message: Value = serde_json::from_str(message).unwrap();
    let lint = message["code"]["code"].as_str()?.to_owned();
    let spans = message["spans"].as_array()?;
    let mut place = spans.iter().find(|span| span["is_primary"] == true)?;
    while !place["expansion"].is_null() {
        place = &place["expansion"]["span"];
    }
    let text = &place["text"][0];
    let column = |name: &str| usize::try_from(text[name].as_u64().unwrap_or(1) - 1).unwrap();
    let words = text["text"].as_str()?.chars().skip(column("highlight_start"));
    let words = words.take(column("highlight_end") - column("highlight_start")).collect();
    Some(Said { lint, line: usize::try_from(place["line_start"].as_u64()?).unwrap(), text: words })
}

/// For each line, the number of the function that it belongs to: from its attributes to its last brace.
fn owners(source: &str) -> Vec<Option<usize>> {
    let mut owners = vec![None];
    let mut next = 0;
    let mut inside: Option<usize> = None;
    for line in source.lines() {
        let (indent, text) = (line.len() - line.trim_start().len(), line.trim_start());
        if inside.is_none() && (text == "#[span]" || text.starts_with(EXPECT)) {
            inside = Some(indent);
            next += 1;
        }
        owners.push(inside.map(|_| next - 1));
        if inside == Some(indent) && text.ends_with('}') {
            inside = None;
        }
    }
    owners
}

const EXPECT: &str = "#[expect(/* of the function */ ";

fn with_expectations(expected: &Expectations) -> String {
    let mut source = String::new();
    let mut function = 0;
    for line in FUNCTIONS.lines() {
        if line.trim_start() == "#[span]" {
            let lints =
                expected.get(&function).map(|lints| lints.iter().cloned().collect::<Vec<_>>().join(", "));
            if let Some(lints) = lints.filter(|lints| !lints.is_empty()) {
                source.extend([&line[..line.len() - "#[span]".len()], EXPECT, &lints, ")]\n"]);
            }
            function += 1;
        }
        source += line;
        source.push('\n');
    }
    source
}

/// Expects the lints of plain functions on annotated ones, with the feature and without.
fn assert_expectations_hold(linter: &str, at_least: usize) {
    for features in [&[][..], &["--no-default-features"]] {
        let Some(linter) = Linter::new(linter, features) else {
            return eprintln!("skipped: this toolchain has no {linter}");
        };
        let expected = linter.expectations();
        let lints: BTreeSet<&String> = expected.values().flatten().collect();
        assert!(lints.len() >= at_least, "too few lints speak: {lints:?}");
        assert_eq!(linter.unfulfilled(&expected, true), []);
    }
}

#[test]
fn expectations_of_the_compilers_lints_hold_on_annotated_functions() {
    assert_expectations_hold("rustc", 45);
}

#[test]
fn expectations_of_clippys_lints_hold_on_annotated_functions() {
    assert_expectations_hold("clippy-driver", 200);
}
