//! From the queue to the API: nothing lost in silence, nobody kept waiting.
//!
//! [`queue`] is what callers touch: it takes an operation or refuses it at once. [`core`] decides what is
//! sent when: a plain state machine of events, time and randomness, with a [`lane`] for each agent
//! instance and one [`backoff`] for the whole client. [`driver`] is the thread that feeds it and carries out its actions.

mod backoff;
mod core;
mod driver;
mod lane;
mod queue;
mod verdict;

pub(crate) use driver::Worker;
pub(crate) use queue::{Queue, Reply};

#[cfg(test)]
mod tests;
