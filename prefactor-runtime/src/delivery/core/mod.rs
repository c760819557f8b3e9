//! The sans-I/O core of delivery: events in, actions out.

mod in_flight;
pub(super) mod machine;
mod responses;
