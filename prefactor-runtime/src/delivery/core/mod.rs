//! The sans-I/O core of delivery: events in, actions out.

#[cfg(feature = "spool")]
pub(super) mod adoption;
mod answers;
mod in_flight;
pub(super) mod machine;
mod operations;
mod responses;
mod rounds;
mod schema_check;
mod waiters;
