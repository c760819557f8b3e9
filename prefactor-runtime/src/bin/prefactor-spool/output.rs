//! Formats the output.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::Path;

use crate::Error;

/// Prints a line. A reader that has gone away, such as `head`, is no error.
pub(crate) fn say(line: impl Display) -> Result<(), Error> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says on standard error why the program ends.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "prefactor-spool: {}", printable(line));
}

/// The text without what a terminal takes for a command: names in a spool are what programs made of them.
pub(crate) fn printable(text: &str) -> String {
    let is_hidden = |character: char| {
        character.is_control()
            || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|character| if is_hidden(character) { char::REPLACEMENT_CHARACTER } else { character })
        .collect()
}

/// The name of a journal's folder.
pub(crate) fn name(journal: &Path) -> String {
    printable(&journal.file_name().unwrap_or_default().to_string_lossy())
}

/// `1 span`, `2 spans`.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
