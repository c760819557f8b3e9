//! Counts of spans, runs and calls by their outcome: no span is lost without being counted.

#[cfg(feature = "enabled")]
mod counters;
mod counts;
mod drop_reason;
mod fallback;
mod report;
mod run_counts;

#[cfg(feature = "enabled")]
pub(crate) use counters::{Counters, RunCallEvent, RunEvent};
pub use counts::Stats;
pub use drop_reason::DropReason;
pub use fallback::Fallback;
pub use report::FlushReport;
pub use run_counts::{RunCallStats, RunStats};
