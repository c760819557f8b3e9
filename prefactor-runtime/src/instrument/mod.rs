//! The functions and types that an expanded function calls.

pub(crate) mod active_call;
pub(crate) mod callsite;
pub(crate) mod entry;
pub(crate) mod future;
pub(crate) mod outcome;
pub(crate) mod parent;
pub(crate) mod pending_call;
pub(crate) mod specialize;
pub(crate) mod stream;
