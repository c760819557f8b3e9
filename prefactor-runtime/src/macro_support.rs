//! Names for generated code. They are not part of the API and change with any release.
//!
//! Methods that method look-up finds have a private prefix: a user may have implemented a trait for all types, with a
//! method of any name.

// Generated code uses these names: the user's crate may shadow the prelude or have none.
pub use std::convert::Infallible;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{Err, Ok};
pub use std::{concat, line, module_path};

#[cfg(feature = "schemas")]
pub use inventory;

pub use crate::instrument::active_call::CallGuard;
pub use crate::instrument::entry::{
    boxed, boxed_local, run, run_async, run_async_by_value, run_by_value, run_never,
};
pub use crate::instrument::finish::with_options;
pub use crate::instrument::outcome::{
    NoOptions, Options, fail_when, failed_as, failure_debug, failure_skipped, failure_with, require_result,
    with_usage,
};
pub use crate::instrument::parent::{at_root, child_of, in_client, in_instance};
pub use crate::instrument::pending_call::{begin_call, begin_call_in, start_span};
pub use crate::instrument::reach::{BoxLeaf, FutureLeaf, Named, Opaque, PinBoxLeaf, StreamLeaf, WithinLeaf};
pub use crate::instrument::specialize::{error, items, returning, returning_in, sides};
pub use crate::manager::outcome::Outcome;
pub use crate::manager::recorders::{has_client, is_enabled};
pub use crate::payload::{
    argument, data, debug, display, put_computed, put_debug, put_display, put_primitive, put_redacted,
    put_sensitive, value,
};
#[cfg(feature = "schemars")]
pub use crate::types::schema::contributed::exact::schema_of;
#[cfg(feature = "schemas")]
pub use crate::types::schema::contributed::{contribution::Contribution, shape::Shape};
pub use crate::types::schema::risk::{
    Classification, DataCategory, DataRisk, Permission, Presence, RiskAction,
};
pub use crate::{contribute, exact, returning};

/// The value itself.
#[inline]
pub fn same<T>(value: T) -> T {
    value
}

/// A value of the type, for a statement that is never reached.
///
/// # Panics
///
/// When it is reached.
#[cold]
#[must_use]
pub fn never<T>() -> T {
    unreachable!("generated code calls this nowhere")
}
