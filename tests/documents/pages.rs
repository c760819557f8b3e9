//! Pages that are read on GitHub: their code can be copied, and their links lead to files.

use crate::{read, root, sources};

/// README, and the other pages outside of `src`, whose pages rustdoc shows.
fn pages() -> Vec<(String, String)> {
    let mut pages = vec![("README.md".to_owned(), read("README.md"))];
    for folder in ["docs", "examples"] {
        let mut found = Vec::new();
        sources(&root().join(folder), &["md"], &mut found);
        pages.extend(found.into_iter().map(|(path, text)| (path.display().to_string(), text)));
    }
    assert!(pages.len() > 8, "the search finds too few: {}", pages.len());
    pages
}

/// The lines of the blocks of Rust.
fn lines_of_rust(page: &str) -> Vec<&str> {
    let (mut lines, mut fence) = (Vec::new(), None);
    for line in page.lines() {
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(of), None) => fence = Some(of),
            (Some(_), Some(_)) => fence = None,
            (None, Some(of)) if of.starts_with("rust") => lines.push(line),
            _ => {}
        }
    }
    lines
}

/// A hidden line begins with `# `. rustdoc hides it and GitHub does not, so that a copied block would not compile.
#[test]
fn code_on_pages_of_github_has_no_hidden_lines() {
    let mut count = 0;
    for (path, page) in pages() {
        for line in lines_of_rust(&page) {
            let text = line.trim_start();
            assert!(text != "#" && !text.starts_with("# "), "{path} has a hidden line: {line}");
            count += 1;
        }
    }
    assert!(count > 40, "the search finds too few: {count}");
}

/// A link to a path of Rust works in rustdoc only. The guide's files have such links, so that no page for GitHub links them.
#[test]
fn pages_of_github_have_no_links_that_only_rustdoc_follows() {
    for (path, page) in pages() {
        for link in ["](crate::", "](prefactor::", "src/guide/"] {
            assert!(!page.contains(link), "{path} links {link}");
        }
    }
}
