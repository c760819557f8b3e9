//! The sans-I/O core of delivery: events in, actions out.

#[cfg(feature = "spool")]
pub(super) mod adoption;
mod in_flight;
pub(super) mod machine;
mod responses;
mod rounds;
mod schema_check;
mod waiters;
