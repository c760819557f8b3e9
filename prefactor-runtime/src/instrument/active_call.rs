//! A span while the body of its function runs.
//!
//! The body is called between two questions, whether there is a span to enter and whether there is one to leave, and not
//! in a closure that is handed over: so it is compiled once, and into its caller. A body that does not come back to the
//! second question has panicked, whatever else the thread unwinds for.

use crate::context::stack;
use crate::instrument::outcome::Ends;
use crate::instrument::pending_call;
use crate::manager::outcome::Outcome;
use crate::manager::panics::catch_internal_panic;
use crate::manager::span_pool;

/// A value on its way through a function that looks at it. Of a type of its own, and lent as if it could be changed, so
/// that the compiler keeps what is looked at apart from what is returned, which need not be in memory, nor kept during a
/// call, where nothing is recorded.
#[derive(Debug)]
pub(crate) struct Kept<T>(pub(crate) T);

/// Whether the span of a call is current. Dropped then, it fails the span: a panic passes through.
#[derive(Debug)]
#[must_use]
pub struct Running(bool);

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        if self.0 {
            unwound();
        }
    }
}

impl Running {
    /// Starts the span of the call that has begun, if it is recorded.
    #[inline]
    pub(crate) fn start(is_recorded: bool) -> Self {
        if is_recorded {
            pending_call::start();
        }
        Self(is_recorded)
    }

    /// Ends the span with what the body gave, and passes that on.
    #[inline]
    pub(crate) fn finish<T, E: Ends<T>>(mut self, value: T, ends: E) -> T {
        let mut kept = Kept(value);
        if std::mem::take(&mut self.0) {
            end(&mut kept, ends);
        }
        kept.0
    }
}

/// Ends the span that is current with a value. Compiled once for each type that is returned.
#[cold]
#[inline(never)]
pub(crate) extern "C" fn end<T, E: Ends<T>>(kept: &mut Kept<T>, ends: E) {
    end_call(&mut || ends.outcome(&kept.0, true));
}

/// What is not about the type is compiled once, in this crate.
fn end_call(outcome: &mut dyn FnMut() -> Outcome) {
    catch_internal_panic(|| {
        if let Some(call) = stack::pop_call() {
            call.span.finish_with(outcome);
            span_pool::release(call.span);
        }
    });
}

/// A panic passes through the call that is current.
#[cold]
pub(crate) extern "C" fn unwound() {
    catch_internal_panic(|| {
        if let Some(call) = stack::pop_call() {
            call.span.finish_call_unwound(call.panics);
        }
    });
}
