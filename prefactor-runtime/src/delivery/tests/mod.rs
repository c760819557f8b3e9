//! The core against a model of the API, in virtual time.

mod bulk;
mod faults;
mod model;
mod order;
mod property;
mod sim;
mod worker;
