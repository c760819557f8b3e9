//! Prints to the terminal. Recorded text is hostile to a terminal, so it loses its control characters.

use std::io::{self, Write};

use serde_json::Value;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Error;

/// Returns the text without characters that a terminal obeys, and without those that turn its direction.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| if is_hidden(character) { char::REPLACEMENT_CHARACTER } else { character })
        .collect()
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Prints a line. A reader that has left, such as `head`, is no error.
pub(super) fn say(line: impl AsRef<str>) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out
        .write_all(line.as_ref().as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Err(_) => std::process::exit(0),
        Ok(()) => Ok(()),
    }
}

/// Prints JSON on one line, without characters that a terminal obeys.
pub(super) fn say_json(value: &Value) -> Result<(), Error> {
    say(escaped(&value.to_string()))
}

/// Returns JSON text with its hidden characters, which stand in strings only, as escapes.
pub(super) fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hidden(character) && character != '\n' {
            text.extend(format!("\\u{:04x}", u32::from(character)).chars());
        } else {
            text.push(character);
        }
    }
    text
}

/// Returns as much of the text as fits into `width` columns, with a mark where something is cut.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut free = columns.saturating_sub(1);
    let fits = |character: &char| {
        let left = free.checked_sub(character.width().unwrap_or(0));
        free = left.unwrap_or(free);
        left.is_some()
    };
    let mut text: String = text.chars().take_while(fits).collect();
    text.push('…');
    text
}

/// Returns the width of the terminal in columns; without a terminal, one that is enough for most lines.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).unwrap_or(100).max(20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_text_has_nothing_that_a_terminal_obeys() {
        for hostile in
            ["\u{1b}[2J", "\u{9b}2J", "\r", "\u{7}", "\u{202e}", "\u{2066}", "\u{200f}", "\u{7f}", "\n"]
        {
            let text = printable(hostile);
            assert!(
                text.contains(char::REPLACEMENT_CHARACTER) && !text.chars().any(is_hidden),
                "{hostile:?}"
            );
        }
        assert_eq!(printable("naïve → 日本 🙂"), "naïve → 日本 🙂");
    }

    #[test]
    fn escaped_json_is_the_same_value() {
        let value = Value::from("a\u{1b}\u{9b}\u{202e}\"\n");
        let text = escaped(&value.to_string());
        assert!(!text.chars().any(is_hidden), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
    }

    #[test]
    fn cut_text_fits_and_shows_that_it_was_cut() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("äbcd", 3), "äb…");
        assert_eq!(cut("日本語", 6), "日本語", "each takes two columns");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
    }
}
