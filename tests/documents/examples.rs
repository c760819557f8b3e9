//! Public items have an example.

use std::path::Path;

use crate::{read, root, sources};

/// The names that the facade exports.
fn public_names() -> Vec<String> {
    let facade = read("src/lib.rs");
    let list = facade.split("pub use prefactor_runtime::{").nth(1).unwrap().split("};").next().unwrap();
    let names = list.split(',').map(|name| name.trim().to_owned());
    names
        .filter(|name| {
            !name.is_empty()
                && !["adapters", "transport", "propagation", "thread", "span_data"].contains(&name.as_str())
        })
        .collect()
}

/// The doc comment above the declaration of a public item of that name, if this file has it.
fn doc_comment(text: &str, name: &str) -> Option<String> {
    let is_declaration = |line: &&str| {
        let rest = ["struct ", "enum ", "trait ", "fn ", "async fn "]
            .iter()
            .find_map(|kind| line.trim().strip_prefix("pub ")?.strip_prefix(kind));
        rest.and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    };
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(is_declaration)?;
    let above = lines[..place].iter().rev().map(|line| line.trim());
    let belongs =
        |line: &&str| line.starts_with("///") || !(line.is_empty() || line.ends_with(['{', '}', ';']));
    let above: Vec<_> = above.take_while(belongs).collect();
    Some(above.join("\n"))
}

#[test]
fn public_items_have_an_example_that_imports_the_facade() {
    let mut files = Vec::new();
    sources(&root().join("prefactor-runtime/src"), &["rs"], &mut files);
    files.retain(|(path, _)| path.components().all(|part| part.as_os_str() != "disabled"));
    let names = public_names();
    assert!(names.len() > 30, "the search finds too few: {names:?}");
    for name in names {
        let docs: Vec<_> = files.iter().filter_map(|(_, text)| doc_comment(text, &name)).collect();
        assert!(docs.iter().any(|doc| doc.contains("```")), "`{name}` has no example");
    }
    for (path, text) in &files {
        let mut examples = text.lines().filter(|line| line.trim().starts_with("//"));
        assert!(
            !examples.any(|line| line.contains("use prefactor_runtime")),
            "{}: an example imports `prefactor_runtime`, which users do not depend on",
            path.display()
        );
    }
}

/// The lines that declare public functions, each with its doc comment.
fn public_functions(text: &str) -> Vec<(&str, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_public = |line: &str| {
        let kinds = ["pub fn ", "pub const fn ", "pub async fn "];
        let name = kinds.iter().find_map(|kind| line.strip_prefix(kind));
        // A macro's own examples stand where it is called.
        name.is_some_and(|name| !name.starts_with('$'))
    };
    let declarations = lines.iter().enumerate().filter(|(_, line)| is_public(line));
    let with_docs = declarations.map(|(place, line)| {
        let above = lines[..place].iter().rev();
        let above = above.take_while(|line| line.starts_with("///") || line.starts_with("#["));
        (*line, above.copied().collect::<Vec<_>>().join("\n"))
    });
    with_docs.collect()
}

/// `pub` means public there: the lint `unreachable_pub` asks for `pub(crate)` otherwise.
#[test]
fn public_functions_of_the_local_server_have_an_example() {
    let mut files = Vec::new();
    sources(&root().join("prefactor-local/src"), &["rs"], &mut files);
    let mut count = 0;
    for (path, text) in &files {
        for (function, doc) in public_functions(text) {
            assert!(doc.contains("```"), "{}: no example: {function}", path.display());
            count += 1;
        }
    }
    assert!(count > 60, "the search finds too few: {count}");
}

/// The code of the examples in a file: in the doc comments of a source, or in a page.
fn examples(path: &Path, text: &str) -> String {
    let is_code = path.extension().is_some_and(|extension| extension == "rs");
    let (mut code, mut is_example) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        let line =
            if is_code { line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) } else { Some(line) };
        match line.map(str::trim) {
            Some(fence) if fence.starts_with("```") => is_example = !is_example,
            Some(line) if is_example => code.extend([line, "\n"]),
            _ => {}
        }
    }
    code
}

/// Folders of the runtime whose `pub` items generated code or programs of this project call, and no user.
const NOT_FOR_USERS: [&str; 10] = [
    "src/bin/",
    "src/disabled/",
    "src/instrument/",
    "src/manager/",
    "src/payload/",
    "src/span/undecided.rs",
    "src/span/unobserved.rs",
    "src/spool/",
    "src/macro_support.rs",
    "src/types/schema/contributed/",
];

/// A function without an example of its own stands in the example of its type or of another function.
#[test]
fn public_functions_of_the_sdk_are_called_in_an_example() {
    let mut files = Vec::new();
    sources(&root().join("prefactor-runtime/src"), &["rs"], &mut files);
    let mut pages = files.clone();
    sources(&root().join("prefactor-macros/src"), &["rs"], &mut pages);
    sources(&root().join("src"), &["md"], &mut pages);
    let examples: String = pages.iter().map(|(path, text)| examples(path, text)).collect();
    let mut count = 0;
    for (path, text) in &files {
        let path = path.to_string_lossy().replace('\\', "/");
        let (_, path) = path.split_once("/prefactor-runtime/").unwrap();
        if NOT_FOR_USERS.iter().any(|folder| path.contains(folder)) || path.contains("/tests") {
            continue;
        }
        for (function, doc) in public_functions(text) {
            let name = function.split("fn ").nth(1).unwrap();
            let name = &name[..name.find(['(', '<']).unwrap()];
            let is_called = ["(", "::<"].iter().any(|call| {
                let calls = [format!(".{name}{call}"), format!("::{name}{call}")];
                calls.iter().any(|call| examples.contains(call))
            });
            let is_hidden = doc.contains("doc(hidden)");
            assert!(is_called || is_hidden || doc.contains("```"), "{path}: no example calls {name}");
            count += 1;
        }
    }
    assert!(count > 250, "the search finds too few: {count}");
}
