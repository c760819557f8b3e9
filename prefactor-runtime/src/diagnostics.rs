//! What the SDK says about itself: one line for each kind of fault a minute.
//!
//! Lines go to the `log` crate under the target `prefactor` when the program has a logger, else to standard
//! error. Payloads, addresses and tokens are in none of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const TARGET: &str = "prefactor";
const PERIOD: Duration = Duration::from_secs(60);

/// The kinds of fault that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    Unreachable,
    Auth,
    Refused,
    QueueFull,
    AfterShutdown,
    Fallback,
    Worker,
}

/// One line for a kind of fault, unless it had one within the last minute.
pub(crate) fn warn(fault: Fault, text: &str) {
    static LAST: Mutex<Option<HashMap<Fault, Instant>>> = Mutex::new(None);
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
        say(text);
    }
}

/// One line, always: for what happens once in a client's life.
pub(crate) fn say(text: &str) {
    if log::log_enabled!(target: TARGET, log::Level::Warn) {
        log::warn!(target: TARGET, "{text}");
    } else {
        use std::io::Write as _;
        // A closed standard error is no reason to panic, as `eprintln!` would.
        let _ = writeln!(std::io::stderr(), "prefactor: {text}");
    }
}
