//! Spans as users hold them.

pub(crate) mod future_ext;
pub(crate) mod handle;
pub(crate) mod stream_ext;
#[cfg(feature = "tokio")]
pub mod task;
pub mod thread;
