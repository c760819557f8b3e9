//! The span manager and the state that it manages.

pub(crate) mod client_state;
pub(crate) mod held;
mod held_bytes;
pub(crate) mod installed;
pub(crate) mod instance_state;
pub(crate) mod observer;
pub(crate) mod outcome;
pub(crate) mod panics;
pub(crate) mod recorders;
pub(crate) mod span_manager;
pub(crate) mod span_pool;
pub(crate) mod span_state;
pub(crate) mod undecided;
