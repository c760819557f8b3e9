//! The process and the machine: clocks, the clock of retries, randomness, forks, threads, the log, timers, one-shot channels, maps,
//! dates as text.

pub(crate) mod backoff;
pub(crate) mod clock;
pub(crate) mod fork;
#[cfg(feature = "http")]
pub(crate) mod http_date;
pub(crate) mod internal_log;
pub(crate) mod key_map;
pub(crate) mod log_writer;
pub(crate) mod oneshot;
pub(crate) mod peak;
pub(crate) mod per_process;
pub(crate) mod random;
pub(crate) mod rfc3339;
pub(crate) mod suppression;
pub(crate) mod thread;
pub(crate) mod timer;
pub(crate) mod untrusted_text;
