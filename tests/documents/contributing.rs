//! ARCHITECTURE.md and CONTRIBUTING.md name what is there.

use crate::{read, root, sources};

/// The texts in backticks outside of code blocks.
fn quoted(document: &str) -> Vec<String> {
    let outside = document.split("```").step_by(2);
    outside.flat_map(|text| text.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The part of a document from one heading of the second level to the next.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let section = document.split("\n## ").find_map(|section| section.strip_prefix(heading));
    section.unwrap_or_else(|| panic!("no section {heading}"))
}

#[test]
fn architecture_is_one_page_with_nine_steps_of_one_folder_each() {
    let page = read("ARCHITECTURE.md");
    assert!(page.lines().count() <= 120, "{} lines", page.lines().count());
    let steps = section(&page, "One span, from function to wire").split("\n\n").nth(1).unwrap();
    let heads: Vec<&str> =
        steps.lines().filter_map(|line| line.split_once(". **`")).map(|(_, head)| head).collect();
    assert!((5..=9).contains(&heads.len()), "{heads:?}");
    for head in heads {
        let (folder, _) = head.split_once("`: ").unwrap();
        assert!(
            root().join("prefactor-runtime/src").join(folder).is_dir(),
            "the step {head} names no folder"
        );
    }
    let glossary = section(&page, "Glossary").lines().filter(|line| line.starts_with("| ")).count();
    assert!((10..=40).contains(&glossary), "{glossary} rows");
}

#[test]
fn recipes_and_architecture_name_files_and_methods_that_exist() {
    let bases = ["", "prefactor-runtime/src", "prefactor-runtime/src/delivery", "prefactor-macros/src"];
    let mut sources_of_sdk = Vec::new();
    for package in ["prefactor-runtime/src", "prefactor-local/src", "tests"] {
        sources(&root().join(package), &["rs"], &mut sources_of_sdk);
    }
    let (mut files, mut methods) = (0, 0);
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for text in quoted(&read(document)) {
            let is_path = text.contains('/')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c))
                && !text.starts_with('-');
            if is_path {
                let is_there = bases.iter().any(|base| {
                    let path = root().join(base).join(&text);
                    path.exists() || path.with_extension("rs").exists()
                });
                assert!(is_there || text == "target/", "{document} names {text}, which does not exist");
                files += 1;
            } else if let Some((of, method)) = text.split_once("::") {
                let is_method = of.starts_with(|c: char| c.is_ascii_uppercase())
                    && method.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_method {
                    let declaration = format!("fn {method}");
                    let is_there = sources_of_sdk.iter().any(|(_, text)| text.contains(&declaration));
                    assert!(is_there, "{document} names {text}, which does not exist");
                    methods += 1;
                }
            }
        }
    }
    assert!(files > 30 && methods >= 2, "the search finds too few: {files} and {methods}");
}

/// So that the owner fills in one line each, in the places that CONTRIBUTING.md names.
#[test]
fn published_packages_take_their_links_from_the_workspace() {
    let mut manifests = Vec::new();
    sources(&root(), &["toml"], &mut manifests);
    let mut count = 0;
    for (path, text) in &manifests {
        if path.ends_with("Cargo.toml") && text.contains("[package]") && !text.contains("publish") {
            let links = ["repository.workspace = true", "homepage.workspace = true"];
            assert!(links.iter().all(|link| text.contains(link)), "{}: no link", path.display());
            count += 1;
        }
    }
    assert!(count >= 9, "the search finds too few: {count}");
    let places = read("CONTRIBUTING.md");
    let places = section(&places, "Before the first release");
    for place in ["`Cargo.toml`", "`tests/foreign/Cargo.toml`", "`SECURITY.md`"] {
        assert!(places.contains(place), "{place}");
    }
}
