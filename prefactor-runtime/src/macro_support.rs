//! What generated code calls. Not part of the API: it changes with any release.
//!
//! Methods that are found by look-up have a private prefix: a user's trait for all types may have one of any name.

// Under these names even where a user's crate has other things by them, or no prelude.
pub use std::convert::Infallible;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{Err, Ok};

pub use crate::instrument::callsite::Callsite;
pub use crate::instrument::entry::{
    AwaitsBoxed, Returns, ReturnsBoxed, ReturnsValue, await_stream, await_value, boxed, boxed_local,
    run_future, run_never, run_stream, run_value,
};
pub use crate::instrument::future::{Instrumented, OpenSpan};
pub use crate::instrument::outcome::{
    Chooses, Splits, demand_result, failure, failure_debug, failure_skipped, failure_with, is_failure,
    read_by, returned, split,
};
pub use crate::instrument::parent::{in_client, in_instance, under, under_root};
pub use crate::instrument::pending_call::{Call, begin, begin_in, start, take};
pub use crate::instrument::specialize::{ways, ways_of};
pub use crate::manager::outcome::Outcome;
pub use crate::manager::span_manager::is_anybody_there;
pub use crate::payload::{
    Captures, Debugged, Demanded, Displayed, Probe, argument, debug, demand_shown, put_computed, put_debug,
    put_display, put_redacted,
};

/// The value itself.
#[inline]
pub fn same<T>(value: T) -> T {
    value
}
