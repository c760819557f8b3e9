//! What the program `prefactor-spool` of this crate is made of. Nothing for others: it changes as the program does.

#[cfg(feature = "http")]
pub use crate::client::spool_delivery::{Delivery, Outcome, Progress};
pub use crate::spool::lines::{Exported, export};
pub use crate::spool::summary::{JournalSummary, SpoolSummary};
