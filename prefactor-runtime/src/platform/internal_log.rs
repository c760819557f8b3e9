//! The SDK's own log lines: at most one line a minute for each kind of fault.
//!
//! Lines go to the `log` crate under the target `prefactor` when the program has a logger, else to standard error.
//! They contain no payloads, addresses or tokens.

use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const TARGET: &str = "prefactor";
const PERIOD: Duration = Duration::from_secs(60);
/// Longer than any line of ours.
const MAX_CHARACTERS: usize = 500;

/// A kind of fault, by which lines are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FaultKind {
    Unreachable,
    Slow,
    Odd,
    ServerRestart,
    Auth,
    Refused,
    QueueFull,
    AfterShutdown,
    Fallback,
    Worker,
    /// An exporter's, by its name.
    Exporter(&'static str, ExportFault),
}

/// A kind of fault of an exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ExportFault {
    Unreachable,
    Refused,
    Panicked,
}

/// Logs one line, unless a line of this kind was logged within the last minute.
pub(crate) fn log_rate_limited(fault: FaultKind, text: &str) {
    static LAST: Mutex<Option<HashMap<FaultKind, Instant>>> = Mutex::new(None);
    let now = Instant::now();
    let is_due = {
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.get_or_insert_default();
        let is_due = last.get(&fault).is_none_or(|last| now.duration_since(*last) >= PERIOD);
        if is_due {
            last.insert(fault, now);
        }
        is_due
    };
    if is_due {
        log_always(text);
    }
}

/// Logs one line: for what happens once in a client's life.
pub(crate) fn log_always(text: &str) {
    // Part of the text may come from the server, which must not forge lines or fill a disk.
    let text = printable(text, MAX_CHARACTERS);
    // The program's logger may panic, and this may run while another panic unwinds.
    let is_logged = catch_unwind(|| {
        let is_enabled = log::log_enabled!(target: TARGET, log::Level::Warn);
        if is_enabled {
            log::warn!(target: TARGET, "{text}");
        }
        is_enabled
    });
    if !is_logged.unwrap_or(false) {
        print_plain(&text);
    }
}

/// Prints one line on standard error, for when the program's logger may be gone.
pub(crate) fn print(text: &str) {
    print_plain(&printable(text, MAX_CHARACTERS));
}

fn print_plain(text: &str) {
    use std::io::Write as _;
    // A closed standard error is no reason to panic, as `eprintln!` would.
    let _ = writeln!(std::io::stderr(), "prefactor: {text}");
}

/// The text with its control characters escaped, at most so many characters of it.
pub(crate) fn printable(text: &str, max_characters: usize) -> String {
    let mut printable = String::new();
    let mut left = max_characters;
    for character in text.chars() {
        let is_plain = !character.is_control() && !reorders(character);
        let length = if is_plain { 1 } else { character.escape_unicode().len() };
        if length > left {
            break;
        }
        left -= length;
        if is_plain {
            printable.push(character);
        } else {
            printable.extend(character.escape_unicode());
        }
    }
    printable
}

/// Whether a terminal may show what follows in another place or on another line.
fn reorders(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(printable("plain, déjà vu", 200), "plain, déjà vu");
        let forged = "a\nprefactor: all is well\r\u{1b}[2J\u{9b}1m\u{202e}";
        let shown = printable(forged, 200);
        assert_eq!(shown, "a\\u{a}prefactor: all is well\\u{d}\\u{1b}[2J\\u{9b}1m\\u{202e}");
    }

    proptest! {
        #[test]
        fn no_text_exceeds_its_length(text in any::<String>(), max in 0_usize..300) {
            let shown = printable(&text, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(|character| character.is_control() || reorders(character)));
        }
    }
}
