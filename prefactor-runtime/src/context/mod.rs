//! The current span of a thread, and how it is carried to other threads and tasks.

pub(crate) mod stack;

pub use stack::{Context, Entered};
