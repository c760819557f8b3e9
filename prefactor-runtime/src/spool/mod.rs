//! Waiting operations on disk, which outlive the process.
//!
//! Each client writes a [`journal`] of its own, a folder of segments, in which every operation stands before anything of it
//! is sent. A [`segment`] is a file of [`frame`]s, each with a length and a checksum. Who holds the [`lock`] of a journal
//! owns it; the lock ends with its process, and another takes the journal over. `docs/spool.md` has the format and what
//! is promised.

pub(crate) mod attempts;
pub(crate) mod backlog;
pub(crate) mod contents;
pub(crate) mod directory;
mod folder;
pub(crate) mod frame;
pub(crate) mod index;
pub(crate) mod journal;
pub(crate) mod lines;
pub(crate) mod lock;
pub(crate) mod owner;
pub(crate) mod record;
pub(crate) mod segment;
mod sensitive;
mod spare;
pub(crate) mod summary;
pub(crate) mod takeover;
pub(crate) mod writer;

#[cfg(test)]
mod tests;
