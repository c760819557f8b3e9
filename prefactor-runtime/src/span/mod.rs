//! Spans as users hold them.

pub(crate) mod handle;
