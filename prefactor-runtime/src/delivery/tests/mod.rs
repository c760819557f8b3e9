//! The core against a model of the API, in virtual time.

mod bulk;
mod capabilities;
mod connections;
mod decisions;
mod ending;
mod errors_of_others;
mod faults;
mod losses;
mod model;
mod odd_answers;
mod order;
mod outages;
mod property;
mod queue;
mod runs;
mod schema_check;
mod sim;
#[cfg(feature = "spool")]
mod spool;
mod termination;
mod worker;
