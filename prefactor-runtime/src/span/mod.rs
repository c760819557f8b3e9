//! Spans as users hold them.

pub(crate) mod future_ext;
pub(crate) mod handle;
