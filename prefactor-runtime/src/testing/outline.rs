//! Shows how two outlines of traces differ.

use std::fmt::Write as _;

/// Both outlines as one text, with `-` before missing lines and `+` before unexpected ones.
pub(super) fn diff(expected: &[&str], actual: &[&str]) -> String {
    let mut text = String::new();
    for index in 0..expected.len().max(actual.len()) {
        let (wanted, found) = (expected.get(index), actual.get(index));
        let marks = if wanted == found { vec![(' ', wanted)] } else { vec![('-', wanted), ('+', found)] };
        for (mark, line) in marks {
            if let Some(line) = line {
                let _ = writeln!(text, "{mark} {line}");
            }
        }
    }
    text
}
