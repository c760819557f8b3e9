//! The current span of a thread, and how it is carried to other threads and tasks.

pub(crate) mod future;
pub(crate) mod stack;

pub use future::WithContext;
pub use stack::{Context, ContextGuard};
