//! From the queue to the API: nothing is lost in silence, and no caller waits.
//!
//! Callers hand operations to the [`queue`], which accepts or refuses them at once. The worker's thread ([`worker`]) runs the
//! [`driver`], which feeds the [`core`]: a state machine of events, time and randomness without a clock or a socket. The
//! core keeps one [`instance`] for each run, which puts the API calls that may be made into the [`schedule`], and combines
//! them into requests. [`policy`] decides what a response means, how large requests are and how long to wait.

mod core;
mod driver;
mod fail_point;
mod instance;
#[cfg_attr(not(feature = "spool"), path = "persistence/absent.rs")]
mod persistence;
pub(crate) mod pipeline;
mod policy;
pub(crate) mod queue;
mod schedule;
pub(crate) mod worker;

#[cfg(test)]
mod tests;
