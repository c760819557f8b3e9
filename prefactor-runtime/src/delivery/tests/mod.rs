//! The core against a model of the API, in virtual time.

mod bulk;
mod capabilities;
mod connections;
mod ending;
mod faults;
mod model;
mod odd_answers;
mod order;
mod outages;
mod property;
mod queue;
mod sim;
mod termination;
mod worker;
