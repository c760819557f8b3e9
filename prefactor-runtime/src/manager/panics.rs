//! Records where the last panic of a thread happened, which the panic's payload does not tell.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::Once;

use crate::platform::clock::Timestamp;
use crate::platform::internal_log::{self, FaultKind};
use crate::platform::suppression::is_suppressed;
use crate::types::span_error::SpanError;

thread_local! {
    static LAST: RefCell<Option<(Timestamp, SpanError)>> = const { RefCell::new(None) };
    /// Panics that the hook has seen.
    static SEEN: Cell<u64> = const { Cell::new(0) };
}

/// Installs a panic hook that records panics, once in the process. It calls the hook that was there before.
///
/// `before_abort` is called where a panic aborts the process: no guard is dropped then, and no exit handler runs.
pub(crate) fn install_hook(before_abort: fn()) {
    static NOTED: Once = Once::new();
    // A panicking thread cannot take the hook, so the next client installs this one.
    if !std::thread::panicking() {
        NOTED.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                record(info);
                if is_suppressed() && cfg!(panic = "unwind") {
                    return note_contained(info);
                }
                previous(info);
                if cfg!(panic = "abort") {
                    before_abort();
                }
            }));
        });
    }
}

/// Says where a panic was that the SDK catches: in code of the program that captures, hides or exports values.
///
/// The hook of before is not called, for it would say that the program has panicked, and write to standard error on the
/// thread of the program or of the delivery, whoever reads there.
fn note_contained(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    internal_log::log_rate_limited(
        FaultKind::Contained,
        &format!(
            "a panic at {place} was caught: the value that was captured, redacted or exported there is left out; fix the panic"
        ),
    );
}

fn record(info: &PanicHookInfo<'_>) {
    let mut error = error_of_payload(info.payload());
    error.location = info.location().map(ToString::to_string);
    let _ =
        LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some((Timestamp::now(), error))));
    let _ = SEEN.try_with(|seen| seen.set(seen.get() + 1));
}

/// Runs code that must not unwind into the program: a panic in it is a fault of the SDK.
pub(crate) fn catch_internal_panic<R>(run: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => Some(result),
        Err(panic) => {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(panic)));
            None
        }
    }
}

/// Goes on with a destructor's panic, unless the thread unwinds already: a second panic would end the process.
pub(crate) fn resume_destructor(dropped: std::thread::Result<()>) {
    match dropped {
        Err(panic) if !std::thread::panicking() => resume_unwind(panic),
        _ => {}
    }
}

/// How many panics of this thread the hook has seen.
#[inline]
pub(crate) fn panic_count() -> u64 {
    SEEN.try_with(Cell::get).unwrap_or(0)
}

/// The error of a panic that was caught on this thread just now.
pub(crate) fn error_of(payload: &(dyn Any + Send)) -> SpanError {
    let error = error_of_payload(payload);
    match last(|_| true) {
        // A different message means that another hook has replaced this one.
        Some(last) if last.message == error.message => last,
        _ => error,
    }
}

/// The error of the panic that unwinds this thread, through what it entered when so many had been seen.
///
/// A panic that was seen before is another one: this one was resumed from elsewhere, or a hook that was set later has
/// kept it from ours.
pub(crate) fn unwinding(seen_before: u64) -> SpanError {
    last(|_| panic_count() > seen_before).unwrap_or_else(unseen)
}

/// As [`unwinding`], through what was made at that time, perhaps by another thread.
pub(crate) fn unwinding_since(time: Timestamp) -> SpanError {
    last(|at| at >= time).unwrap_or_else(unseen)
}

fn unseen() -> SpanError {
    SpanError::new("a panic whose message was not seen here").with_type("panic")
}

fn last(is_meant: impl FnOnce(Timestamp) -> bool) -> Option<SpanError> {
    let last = LAST.try_with(|last| last.try_borrow().ok().and_then(|last| last.clone())).ok().flatten();
    let (at, error) = last?;
    is_meant(at).then_some(error)
}

fn error_of_payload(payload: &(dyn Any + Send)) -> SpanError {
    let text = payload.downcast_ref::<&'static str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    SpanError::new(text.unwrap_or("a value that is not text")).with_type("panic")
}
