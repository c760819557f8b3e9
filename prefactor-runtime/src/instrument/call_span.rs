//! The span of a call: current while the function's own code runs, detached while a future or stream waits.
//!
//! Everything that happens only when a span is recorded is `#[cold]` and `extern "C"`. Such functions never unwind, so the
//! compiler emits no landing pads for them in the user's function. A panic inside the SDK is caught and costs only this
//! span.

use std::mem::ManuallyDrop;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use crate::context::{Context, stack};
use crate::instrument::outcome::ReadOutcome;
use crate::manager::outcome::Outcome;
use crate::manager::panics::catch_internal_panic;
use crate::manager::span_pool;
use crate::manager::span_state::SpanState;

/// Holds the returned value while the outcome is read.
///
/// Lending `&mut Returned<T>` instead of `&T` lets the optimiser keep the value in registers when nothing is recorded.
#[derive(Debug)]
pub struct Returned<T>(pub(crate) T);

/// A span that is current, and how its call may go on.
pub trait CallSpan {
    /// Whether there may be a span. If not, nothing else has to be called.
    fn is_recorded(&self) -> bool;

    /// Ends the span with the value that the function returned.
    fn end<T, N, E: ReadOutcome<T, N>>(&mut self, returned: &mut Returned<T>, reads: E, options: N);

    /// Takes the span away, into a future or stream that was returned.
    fn detach(&mut self) -> FutureSpan;
}

/// Ends the current call's span with a value that is passed on.
#[inline]
pub(crate) fn end_with<T, N, C, E>(value: T, span: &mut C, reads: E, options: N) -> T
where
    C: CallSpan,
    E: ReadOutcome<T, N>,
{
    if span.is_recorded() {
        let mut returned = Returned(value);
        span.end(&mut returned, reads, options);
        returned.0
    } else {
        value
    }
}

/// Ends the span that is current. Compiled once for each type that functions return.
#[cold]
#[inline(never)]
pub(crate) extern "C" fn end_current<T, N, E: ReadOutcome<T, N>>(
    returned: &mut Returned<T>,
    reads: E,
    options: N,
) {
    let mut options = Some(options);
    end_call(&mut || match options.take() {
        Some(options) => reads.read(&returned.0, options, true),
        None => Outcome::Complete(None),
    });
}

/// The part of [`end_current`] that does not depend on the type, compiled once.
fn end_call(outcome: &mut dyn FnMut() -> Outcome) {
    catch_internal_panic(|| {
        if let Some(call) = stack::pop_call() {
            call.span.finish_with(outcome);
            span_pool::release(call.span);
        }
    });
}

/// Fails the span that is current: a panic unwinds through its call.
#[cold]
pub(crate) extern "C" fn unwound() {
    catch_internal_panic(|| {
        if let Some(call) = stack::pop_call() {
            call.span.finish_call_unwound(call.panics);
        }
    });
}

/// Where a future stands with its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is recorded, or the span has ended.
    Off,
    /// The future is being polled, and its span is on the thread's stack. Before the first poll, it will be.
    Running,
    /// The future waits, and its span is here.
    Suspended,
}

/// The span of a future or stream.
#[derive(Debug)]
pub struct FutureSpan {
    /// While the future waits. [`FutureSpan::on_drop`] takes it, so no other drop code is needed.
    ///
    /// Unwind safe with any content: no code of the SDK leaves it half changed.
    span: AssertUnwindSafe<ManuallyDrop<Option<Arc<SpanState>>>>,
    phase: Phase,
}

impl Drop for FutureSpan {
    #[inline]
    fn drop(&mut self) {
        if self.phase != Phase::Off {
            self.on_drop();
        }
    }
}

impl CallSpan for FutureSpan {
    #[inline]
    fn is_recorded(&self) -> bool {
        self.phase != Phase::Off
    }

    #[inline]
    fn end<T, N, E: ReadOutcome<T, N>>(&mut self, returned: &mut Returned<T>, reads: E, options: N) {
        end_current(returned, reads, options);
        self.phase = Phase::Off;
    }

    fn detach(&mut self) -> FutureSpan {
        let detached = if self.is_recorded() { Self::of_current_call() } else { Self::new(false) };
        self.phase = Phase::Off;
        detached
    }
}

impl FutureSpan {
    /// A span that the first poll starts, if `is_recorded`.
    #[inline]
    #[must_use]
    pub(crate) const fn new(is_recorded: bool) -> Self {
        let phase = if is_recorded { Phase::Running } else { Phase::Off };
        Self { span: AssertUnwindSafe(ManuallyDrop::new(None)), phase }
    }

    /// Takes the span of the current call off the thread's stack.
    #[cold]
    pub(crate) fn of_current_call() -> Self {
        let span = catch_internal_panic(stack::pop_call).flatten().map(|call| call.span);
        let phase = if span.is_some() { Phase::Suspended } else { Phase::Off };
        Self { span: AssertUnwindSafe(ManuallyDrop::new(span)), phase }
    }

    /// Takes the span out. There is none while it is on the thread's stack.
    pub(crate) fn take(&mut self) -> Option<Arc<SpanState>> {
        self.phase = Phase::Off;
        self.span.0.take()
    }

    #[inline]
    pub(crate) fn is_suspended(&self) -> bool {
        self.phase == Phase::Suspended
    }

    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Makes the span current for another poll.
    #[cold]
    pub(crate) extern "C" fn resume(&mut self) {
        catch_internal_panic(|| stack::push_call(self.span.0.take()));
        self.phase = Phase::Running;
    }

    /// Takes the span back after a poll that was not the last, with all contexts that the future has entered and not left.
    #[cold]
    pub(crate) extern "C" fn suspend(&mut self) {
        let left = catch_internal_panic(stack::pop_call_and_above).flatten();
        self.phase = if left.is_some() { Phase::Suspended } else { Phase::Off };
        *self.span.0 = left.map(|left| left.span);
    }

    /// Makes the span current while the future is dropped, until [`FutureSpan::on_drop`].
    #[cold]
    pub(crate) extern "C" fn enter_for_drop(&self) {
        if let Some(span) = self.span.0.as_ref() {
            stack::enter_drop(Context::of_span(Arc::clone(span)));
        }
    }

    /// Ends the span of a future that is dropped.
    ///
    /// `Running` means that its own poll unwinds, so the span fails. Otherwise the span is cancelled, even if the thread
    /// unwinds for another reason.
    #[cold]
    extern "C" fn on_drop(&mut self) {
        catch_internal_panic(|| match std::mem::replace(&mut self.phase, Phase::Off) {
            Phase::Running => unwound(),
            Phase::Suspended => {
                stack::leave_drop();
                if let Some(span) = self.span.0.take() {
                    span.cancel();
                }
            }
            Phase::Off => {}
        });
    }
}
