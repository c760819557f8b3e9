//! The parts of the program `prefactor-spool`. Not part of the API: they change as the program does.

#[cfg(feature = "http")]
pub use crate::client::spool_delivery::{Delivery, Outcome, Progress};
pub use crate::spool::lines::{Exported, export};
pub use crate::spool::summary::{JournalSummary, SpoolSummary};
