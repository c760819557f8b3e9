//! Handles on the client and its instances, and the life of the process.

#[cfg(feature = "api")]
mod api;
mod build;
pub(crate) mod builder;
mod builder_capture;
mod builder_delivery;
mod builder_destinations;
mod builder_redaction;
mod destinations;
pub(crate) mod exit_hook;
pub(crate) mod global;
pub(crate) mod guard;
pub(crate) mod handle;
pub(crate) mod instance;
mod instance_calls;
mod instance_times;
#[cfg(all(test, feature = "http"))]
mod precedence;
mod shutdown;
pub(crate) mod signal;
#[cfg(all(feature = "spool", feature = "http"))]
pub(crate) mod spool_delivery;
#[cfg(feature = "spool")]
mod spool_owner;
pub(crate) mod trace;

#[cfg(all(test, feature = "http"))]
mod tests;
