//! Each kind of function with the attribute and without: the same results.
//!
//! [`twins!`] compiles functions twice, [`alike!`] calls both forms and compares. The cases are in
//! `tests/transparency/`. The other files in `tests/` are crates of their own, because their subject is a whole crate.

mod recording;

use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub use prefactor_plain::span as plain_span;
pub use recording::{Recording, Spans};

/// Emits functions twice: in `mod plain` the attribute does nothing, in `mod spanned` it is the real one.
///
/// The tokens pass through as they are, so that lints and hygiene see them as code that was written out.
#[macro_export]
macro_rules! twins {
    ($($items:tt)*) => {
        mod plain {
            #[expect(unused_imports, reason = "some groups define no types")]
            use super::*;
            use $crate::plain_span as span;
            $($items)*
        }
        mod spanned {
            use super::*;
            use ::prefactor::span;
            $($items)*
        }
    };
}

/// Tests that run a block against both modules and compare what it returns.
#[macro_export]
macro_rules! alike {
    ($($(#[$meta:meta])* fn $test:ident($twin:ident) $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $test() {
            let plain = { use plain as $twin; || $body };
            let spanned = { use spanned as $twin; || $body };
            $crate::assert_alike(plain, spanned);
        }
    )*};
}

/// Checks that both return the same, with a client and without one.
///
/// # Panics
///
/// When they differ.
pub fn assert_alike<T: PartialEq + Debug>(plain: impl Fn() -> T, spanned: impl Fn() -> T) {
    let expected = plain();
    assert_eq!(spanned(), expected, "without a client");
    assert_eq!(Recording::shared().in_scope(spanned), expected, "with a client");
}

/// Waits for a future, in the context of the caller.
///
/// # Panics
///
/// When the future is not ready in time, or there can be no runtime.
pub fn wait<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime without threads needs nothing");
    let in_time = async { tokio::time::timeout(Duration::from_secs(60), future).await };
    runtime.block_on(in_time).expect("nothing here takes long")
}

/// Polls a future once, without a waker.
pub fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Returns the text of a function's panic.
///
/// # Panics
///
/// When the function does not panic.
pub fn panic_text<T: Debug>(function: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(function)).expect_err("the function panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or_else(|| "?".to_owned(), ToString::to_string),
    }
}
