//! Doc comments say what a thing is or does.

use crate::{root, sources};

/// Clauses and fragments that name no subject, and so leave the reader to find the thing that they describe.
const BEGINNINGS_WITHOUT_A_SUBJECT: [&str; 6] =
    ["What", "Whatever", "Whoever", "So many", "Nobody", "Nothing."];

#[test]
fn doc_comments_begin_with_a_subject_or_a_verb() {
    let mut files = Vec::new();
    sources(&root(), &["rs"], &mut files);
    let (mut count, mut clauses) = (0, Vec::new());
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with("tests/documents/comments.rs")) {
        if path.components().any(|part| ["cases", "expand"].iter().any(|folder| part.as_os_str() == *folder))
        {
            continue;
        }
        let mut is_first = true;
        for line in text.lines().map(str::trim) {
            let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim);
            if let Some(comment) = comment.filter(|_| is_first) {
                let is_clause = BEGINNINGS_WITHOUT_A_SUBJECT.iter().any(|beginning| {
                    let rest = comment.strip_prefix(beginning);
                    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
                });
                if is_clause {
                    clauses.push(format!("{}: {line}", path.display()));
                }
                count += 1;
            }
            is_first = comment.is_none();
        }
    }
    assert!(count > 5_000, "the search finds too few: {count}");
    assert!(clauses.is_empty(), "comments without a subject:\n{}", clauses.join("\n"));
}
