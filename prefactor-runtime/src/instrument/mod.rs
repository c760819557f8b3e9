//! The functions and types that an expanded function calls.

pub(crate) mod active_call;
mod boxed;
pub(crate) mod call_span;
mod containers;
mod contribute;
pub(crate) mod entry;
pub(crate) mod finish;
pub(crate) mod future;
mod known_errors;
pub(crate) mod outcome;
pub(crate) mod parent;
pub(crate) mod pending_call;
pub(crate) mod reach;
pub(crate) mod specialize;
pub(crate) mod strategy;
pub(crate) mod stream;
pub(crate) mod stream_rules;
pub(crate) mod wrap;
