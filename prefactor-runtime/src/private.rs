//! What generated code calls. Not part of the API: it changes with any release.
//!
//! Methods that are found by look-up have a private prefix: a user's trait for all types may have one of any name.

// Under these names even where a user's crate has other things by them, or no prelude.
pub use std::convert::Infallible;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{Err, Ok};

pub use crate::call::{
    Call, Prepared, arguments, arguments_and, call, call_and, call_in, prepare, prepare_in,
};
pub use crate::callsite::Callsite;
pub use crate::manager::is_anybody_there;
pub use crate::outcome::{
    Chooses, Outcome, Splits, by_type, demand_result, failure, failure_debug, failure_skipped, failure_with,
    is_failure, read_by, returned, split,
};
pub use crate::payload::{
    Argues, Argument, Arguments, Captures, Computed, Debugged, Demanded, Displayed, Probe, debug,
    demand_shown,
};
pub use crate::place::{in_client, in_instance, under, under_root};
pub use crate::returns::{
    AwaitsBoxed, Returns, ReturnsBoxed, ReturnsValue, boxed, boxed_local, run_async_stream, run_async_value,
    run_future, run_stream, run_value,
};

/// The value itself.
#[inline]
pub fn same<T>(value: T) -> T {
    value
}

/// Runs a closure out of the way of what comes after it.
#[cold]
#[inline(never)]
pub fn aside(run: impl FnOnce()) {
    run();
}
