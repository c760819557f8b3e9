//! One agent instance on its way to the API.

#[cfg(feature = "spool")]
mod adopted;
mod anew;
pub(super) mod encode;
mod ending;
mod journal;
pub(super) mod key_map;
mod losses;
mod notice;
mod packed;
mod progress;
mod ready_calls;
pub(super) mod results;
mod run_operations;
pub(super) mod span;
mod span_operations;
mod span_table;
pub(super) mod state;
mod watch;
mod word;
