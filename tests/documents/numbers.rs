//! Numbers such as `F36` have a row in a document, and each row a test or a benchmark.

use std::collections::{BTreeMap, BTreeSet};

use crate::{read, root, sources};

/// The rows of a document's tables that begin with a number such as `F36`, cell by cell.
fn rows(document: &str) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for line in read(document).lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let is_number = cells[0].starts_with(|c: char| c.is_ascii_uppercase())
            && cells[0].chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if is_number {
            assert!(rows.insert(cells[0].clone(), cells).is_none(), "{document} has a number twice: {line}");
        }
    }
    rows
}

/// The texts in backticks that are paths below the root.
fn paths(cell: &str) -> Vec<String> {
    let quoted = cell.split('`').skip(1).step_by(2).filter(|text| text.contains('/'));
    quoted.map(|path| path.replace("core/", "prefactor-runtime/src/delivery/tests/")).collect()
}

/// The number of a test called `f36_…`, as the document writes it: `F36`, `F11b`.
fn number_of(test: &str) -> Option<String> {
    let (number, _) = test.split_once('_')?;
    let digits = number.strip_prefix(['f', 's', 'g'])?;
    let letter = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (digits.len() > letter.len() && letter.len() <= 1).then(|| number[..1].to_uppercase() + digits)
}

#[test]
fn fault_matrix_names_files_that_hold_tests_of_the_number() {
    let rows = rows("docs/fault-matrix.md");
    assert!(rows.len() > 70, "only {} rows", rows.len());
    for (number, cells) in &rows {
        let files = paths(cells.last().unwrap());
        for file in &files {
            assert!(root().join(file).exists(), "{number} names {file}, which does not exist");
            let test = format!("{}_", number.to_lowercase());
            let has_test = number.starts_with('G')
                || read(file).contains(&format!("fn {test}"))
                || read(file).contains(&format!("\"{test}"));
            assert!(has_test, "{file} holds no test of {number}, called {test}…");
        }
        assert!(!files.is_empty() || number.starts_with('G'), "{number} names no file");
    }
}

#[test]
fn tests_with_a_number_have_a_row_in_the_fault_matrix() {
    let rows = rows("docs/fault-matrix.md");
    let mut files = Vec::new();
    sources(&root(), &["rs"], &mut files);
    let mut numbers = BTreeSet::new();
    for (path, text) in &files {
        for test in text.split("fn ").skip(1) {
            let Some(number) = number_of(test) else { continue };
            assert!(rows.contains_key(&number), "{}: {number} has no row", path.display());
            numbers.insert(number);
        }
    }
    assert!(numbers.len() > 50, "the search finds too few: {numbers:?}");
}

#[test]
fn benchmarks_print_only_numbers_that_have_a_row() {
    let mut rows = rows("docs/performance-targets.md");
    rows.extend(self::rows("docs/fault-matrix.md"));
    let mut files = Vec::new();
    sources(&root().join("benches"), &["rs"], &mut files);
    let mut numbers = BTreeSet::new();
    for (path, text) in &files {
        for quoted in text.split('"').skip(1).step_by(2) {
            let (letter, digits) = quoted.split_at_checked(1).unwrap_or_default();
            let is_number = matches!(letter, "P" | "E" | "C" | "L" | "F" | "G")
                && !digits.is_empty()
                && digits.chars().all(|c| c.is_ascii_digit());
            if is_number {
                assert!(rows.contains_key(quoted), "{}: {quoted} has no row", path.display());
                numbers.insert(quoted.to_owned());
            }
        }
    }
    assert!(numbers.len() > 15, "the search finds too few: {numbers:?}");
}

/// The numbers such as `F36` in a line: a letter of the documents' tables, one or two digits, perhaps a small letter.
fn numbers_in(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || "_%\\-".contains(c))).filter(|word| {
        let digits = word.strip_prefix(['F', 'S', 'G', 'P', 'E', 'C', 'X', 'D', 'L']).unwrap_or_default();
        let digits = digits.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(digits);
        matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[test]
fn numbers_in_comments_and_texts_have_a_row() {
    let mut rows = rows("docs/performance-targets.md");
    rows.extend(self::rows("docs/fault-matrix.md"));
    let mut files = Vec::new();
    sources(&root(), &["rs", "md"], &mut files);
    let mut found = 0;
    for (path, text) in &files {
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        for line in text.lines().filter(|line| !is_code || line.trim().starts_with("//")) {
            for number in numbers_in(line) {
                assert!(rows.contains_key(number), "{}: {number} has no row: {line}", path.display());
                found += 1;
            }
        }
    }
    assert!(found > 200, "the search finds too few: {found}");
}
