//! Statements of SQL: the store puts them together from constants, so text of a request reaches none of them.

/// The parts of statements beside literals and constants: each is a `&'static str`, or put together from some. Text of
/// a request is bound, and reaches no statement.
const PARTS_OF_STATEMENTS: [&str; 11] = [
    "&conditions",
    "&conditions.join()",
    "&sql",
    "&filter.sql",
    "and",
    "direction",
    "of_run",
    "rows.count",
    "rows.id",
    "rows.select",
    "sorted.column",
];
const WORDS_OF_STATEMENTS: [&str; 8] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", " WHERE ", "ORDER BY", "LIMIT ", "VALUES "];

/// The files of the store, without their tests.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn store() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            (path.file_name().unwrap().to_string_lossy().into_owned(), code)
        })
        .collect();
    assert!(files.len() > 20, "{}", files.len());
    files
}

fn is_of_a_statement(code: &str) -> bool {
    WORDS_OF_STATEMENTS.iter().any(|word| code.contains(word))
}

/// Returns the code from here to the bracket that closes the first one.
fn bracketed(code: &str) -> &str {
    let (mut depth, mut is_quoted, mut is_escaped) = (0, false, false);
    for (place, character) in code.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '(' | '[' if !is_quoted => depth += 1,
            ')' | ']' if !is_quoted => depth -= 1,
            _ => continue,
        }
        if depth == 0 && matches!(character, ')' | ']') {
            return &code[..=place];
        }
    }
    code
}

#[test]
fn no_statement_is_formatted() {
    for (file, code) in store() {
        for call in ["format!(", "write!(", "writeln!(", "format_args!("] {
            for (place, _) in code.match_indices(call) {
                let call = bracketed(&code[place..]);
                assert!(!is_of_a_statement(call), "{file}: {call}");
            }
        }
    }
}

#[test]
fn statements_are_put_together_from_constants() {
    let mut count = 0;
    for (file, code) in store() {
        for (place, _) in code.match_indices('[') {
            let list = bracketed(&code[place..]);
            let rest = code[place + list.len()..].trim_start();
            if !rest.starts_with(".concat()") && !rest.starts_with(".join(") || !is_of_a_statement(list) {
                continue;
            }
            count += 1;
            let mut outside = String::new();
            let literals = list[1..list.len() - 1].split('"');
            literals.step_by(2).for_each(|part| outside.push_str(part));
            for part in outside.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let is_constant =
                    part.chars().all(|character| character.is_ascii_uppercase() || character == '_')
                        || part.starts_with("Rows::") && part.ends_with(".select");
                assert!(is_constant || PARTS_OF_STATEMENTS.contains(&part), "{file}: {part} in {list}");
            }
        }
    }
    assert!(count > 10, "{count}");
}
