//! Futures and streams of annotated functions have the five auto traits of the plain ones, in every form of function.
//!
//! A program's other crates change some of them: with tokio's `parking_lot`, which `full` has, tokio's locks are not
//! unwind safe. `tests/disabled` runs these tests without that feature.

mod async_functions;
#[cfg(feature = "enabled")]
mod boxed;
mod futures;
mod methods;
mod questions;
mod streams;
mod values;

pub(crate) use questions::{Otherwise, ask, auto_traits};

/// Checks that the build has the feature that the tests need, so that a change of features cannot make them empty.
#[test]
fn locks_of_tokio_are_unwind_safe_only_without_parking_lot() {
    let is_unwind_safe = auto_traits!(&tokio::sync::Semaphore::new(1))[3];
    assert_eq!(is_unwind_safe, !cfg!(feature = "parking_lot"));
}
