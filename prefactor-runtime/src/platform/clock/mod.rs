//! Times of spans and runs: monotonic moments that become wall-clock dates.
//!
//! A [`Timestamp`] is a reading of the monotonic clock, which costs the caller least. It becomes a date by the distance
//! between the monotonic clock and the wall clock, mostly on the worker.

mod distance;
mod timestamp;

pub(crate) use self::{distance::RunClock, timestamp::Timestamp};
