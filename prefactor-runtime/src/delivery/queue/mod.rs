//! The bounded queue between callers and the worker.

pub(crate) mod receiver;
pub(crate) mod sender;
pub(crate) mod usage;
