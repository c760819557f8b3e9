//! The SDK's own log lines: at most one line a minute for each kind of fault.
//!
//! Lines go to the `log` crate under the target `prefactor` when the program has a logger, else to standard error. They
//! contain no payloads, addresses or tokens. A thread of its own writes them ([`log_writer`]).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::platform::log_writer::{self, Destination};
use crate::platform::oneshot;
use crate::platform::per_process::{PerProcess, Succeed};
use crate::platform::untrusted_text::untrusted;

const PERIOD: Duration = Duration::from_secs(60);
/// Longer than any line of ours.
const MAX_CHARACTERS: usize = 500;
/// How long the end of a client waits for its last lines, where its deadline allows it.
const PATIENCE: Duration = Duration::from_secs(1);
/// The same where the deadline has passed.
const LATE_PATIENCE: Duration = Duration::from_millis(100);

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
    Held,
    AfterShutdown,
    Name,
    RunFinished,
    Fallback,
    /// Schemas that the API has taken and cannot use.
    Schemas,
    Worker,
    Contained,
    #[cfg(feature = "spool")]
    Spool,
    #[cfg(feature = "spool")]
    SpoolFull,
    #[cfg(feature = "spool")]
    SpoolForeign,
    #[cfg(feature = "spool")]
    SpoolDamaged,
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

/// When a line of each kind was last logged by this process.
#[derive(Debug, Default)]
struct RateLimit {
    process: PerProcess<Self>,
    last: Mutex<HashMap<FaultKind, Instant>>,
}

static LIMIT: LazyLock<Arc<RateLimit>> = LazyLock::new(Arc::default);

/// The line of [`FaultKind::Name`]: names are cleaned where runs are registered, and where spans arrive at the worker.
pub(crate) const NAME_CLEANED: &str = "a name was changed before it is sent: names have at most 256 characters (descriptions 512) and no control characters";

/// Logs one line, unless a line of this kind was logged within the last minute. Never blocks.
pub(crate) fn log_rate_limited(fault: FaultKind, text: &str) {
    if LIMIT.current().is_due(fault) {
        log_always(text);
    }
}

/// Logs one line, for events that happen once in a client's life. Never blocks.
pub(crate) fn log_always(text: &str) {
    log_writer::write(Destination::Log, untrusted(text, MAX_CHARACTERS));
}

/// Prints one line on standard error, for when the program's logger may be gone. Never blocks.
pub(crate) fn print(text: &str) {
    log_writer::write(Destination::StandardError, untrusted(text, MAX_CHARACTERS));
}

/// For the end of a client: a receiver that is told when its lines are written, and how long to wait for that.
pub(crate) fn last_lines(deadline: Instant) -> (oneshot::Receiver<()>, Instant) {
    let now = Instant::now();
    (log_writer::written(), deadline.min(now + PATIENCE).max(now + LATE_PATIENCE))
}

/// Waits until the lines so far are written, for one second at most. At once where there are none.
pub(crate) fn wait_for_lines() {
    let (written, until) = last_lines(Instant::now() + PATIENCE);
    written.recv_deadline(until);
}

impl RateLimit {
    fn is_due(&self, fault: FaultKind) -> bool {
        let now = Instant::now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.get(&fault).is_none_or(|last| now.duration_since(*last) >= PERIOD);
        if is_due {
            last.insert(fault, now);
        }
        is_due
    }
}

impl Succeed for RateLimit {
    fn process(&self) -> &PerProcess<Self> {
        &self.process
    }

    fn needs_successor(&self) -> bool {
        true
    }

    fn succeed(&self) -> Arc<Self> {
        Arc::default()
    }
}
