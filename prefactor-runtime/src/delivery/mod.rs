//! From the queue to the API: nothing lost in silence, nobody kept waiting.
//!
//! [`queue`] is what callers touch: it takes an operation or refuses it at once; [`inbox`] is its other end. [`core`] decides what is
//! sent when: a plain state machine of events, time and randomness. It has a [`lane`] for each agent instance, which
//! writes the calls that may be made to the [`outbox`]; [`flight`] puts calls together into requests, as far as
//! the API has shown to take them ([`capability`], [`company`]); one [`backoff`] is the client's clock of retries. [`driver`] feeds
//! the core and carries out its actions, on the thread that [`worker`] keeps alive.

mod core;
mod driver;
mod fail_point;
mod instance;
pub(crate) mod pipeline;
mod policy;
mod queue;
mod schedule;
mod worker;

pub(crate) use queue::sender::{Queue, Reply};
pub(crate) use worker::{Equipment, Worker};

#[cfg(test)]
mod tests;
