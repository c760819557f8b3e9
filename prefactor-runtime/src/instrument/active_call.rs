//! The span of a function that is not async, while its body runs.

use crate::instrument::call_span::{CallSpan, FutureSpan, Returned, end_current, end_with, unwound};
use crate::instrument::finish::{ByValue, Finish};
use crate::instrument::outcome::{Nothing, ReadOutcome, Returns};

/// Whether the call that runs has a span. Dropped while it has, it fails the span: a panic unwinds through the call.
#[derive(Debug)]
#[must_use]
pub(crate) struct ActiveCall(bool);

impl Drop for ActiveCall {
    #[inline]
    fn drop(&mut self) {
        if self.0 {
            unwound();
        }
    }
}

impl CallSpan for ActiveCall {
    #[inline]
    fn is_recorded(&self) -> bool {
        self.0
    }

    #[inline]
    fn end<T, N, E: ReadOutcome<T, N>>(&mut self, returned: &mut Returned<T>, reads: E, options: N) {
        self.0 = false;
        end_current(returned, reads, options);
    }

    fn detach(&mut self) -> FutureSpan {
        if std::mem::take(&mut self.0) { FutureSpan::of_current_call() } else { FutureSpan::new(false) }
    }
}

impl ActiveCall {
    #[inline]
    pub(crate) const fn new(is_recorded: bool) -> Self {
        Self(is_recorded)
    }
}

/// Ends the span of the current call when it is dropped: `failed` when a panic unwinds through it, else `complete`.
///
/// For bodies that a closure would change: `#[track_caller]` functions and functions that return `impl Fn`.
#[derive(Debug)]
#[must_use]
pub struct CallGuard {
    call: ActiveCall,
    was_panicking: bool,
}

impl CallGuard {
    /// Guards the call whose span was started, if `is_recorded`.
    pub fn new(is_recorded: bool) -> Self {
        Self { call: ActiveCall::new(is_recorded), was_panicking: std::thread::panicking() }
    }

    /// Finishes the call with the value that the body returned.
    pub fn finish<R, F: Finish<R, ()>>(mut self, value: R, finish: F) -> F::Output {
        finish.finish(value, &mut self.call, ())
    }

    /// As [`CallGuard::finish`], where only the body determines the type of the value.
    pub fn finish_by_value<R, O, F>(self, value: R, finish: O) -> F::Output
    where
        O: Fn(Returns<R>) -> F + Copy,
        F: Finish<R, ()>,
    {
        self.finish(value, ByValue(finish))
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        if self.was_panicking || !std::thread::panicking() {
            end_with((), &mut self.call, Nothing::NEW, ());
        }
    }
}
