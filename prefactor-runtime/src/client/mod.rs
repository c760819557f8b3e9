//! Handles on the client and its instances, and the life of the process.

pub(crate) mod builder;
mod destinations;
pub(crate) mod exit_hook;
pub(crate) mod global;
pub(crate) mod guard;
pub(crate) mod handle;
pub(crate) mod instance;
mod instance_calls;
pub(crate) mod signal;
pub(crate) mod trace;

#[cfg(all(test, feature = "http"))]
mod tests;
