//! The futures of annotated functions.

use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::context::{Context, stack};
use crate::instrument::active_call::{self, Kept};
use crate::instrument::entry::Returns;
use crate::instrument::outcome::Ends;
use crate::instrument::pending_call::{Call, Recording};
use crate::manager::panics::catch_internal_panic;
use crate::manager::span_pool;
use crate::manager::span_state::SpanState;

/// What becomes of the span of an annotated async function when its future was polled.
pub trait End<T>: Copy {
    /// What the future returns when it is ready.
    type Output;

    /// Suspends the span, or ends it with the value, or passes it on with that.
    fn end(self, polled: Poll<T>, span: &mut OpenSpan) -> Poll<Self::Output>;
}

/// Suspends the span of a future, or ends it with the value.
#[inline]
pub(crate) fn end_with<T, E: Ends<T>>(
    polled: Poll<T>,
    span: &mut OpenSpan,
    ends: impl FnOnce() -> E,
) -> Poll<T> {
    match polled {
        Poll::Pending => {
            if span.is_recorded() {
                span.suspend();
            }
            Poll::Pending
        }
        Poll::Ready(value) => Poll::Ready(if span.is_recorded() {
            let mut kept = Kept(value);
            active_call::end(&mut kept, ends());
            span.phase = Phase::Off;
            kept.0
        } else {
            value
        }),
    }
}

/// Where the future of an annotated function stands with its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is recorded, or nothing any more.
    Off,
    /// The future is being polled, and its span is in the context: before the first poll, it will be.
    Running,
    /// The future waits, and its span is here.
    Suspended,
}

/// The span of a future.
#[derive(Debug)]
pub struct OpenSpan {
    /// While the future waits. What is dropped is seen to by [`OpenSpan::give_up`], so no other code is needed for it.
    span: ManuallyDrop<Option<Arc<SpanState>>>,
    phase: Phase,
}

impl Drop for OpenSpan {
    #[inline]
    fn drop(&mut self) {
        if self.is_recorded() {
            self.give_up();
        }
    }
}

impl OpenSpan {
    /// The span that the future's first poll starts, by [`start`](crate::instrument::pending_call::start), if it is recorded.
    #[inline]
    #[must_use]
    pub const fn new(is_recorded: bool) -> Self {
        let phase = if is_recorded { Phase::Running } else { Phase::Off };
        Self { span: ManuallyDrop::new(None), phase }
    }

    const fn suspended(span: Arc<SpanState>) -> Self {
        Self { span: ManuallyDrop::new(Some(span)), phase: Phase::Suspended }
    }

    /// Takes the span of a future that waits.
    fn take(&mut self) -> Option<Arc<SpanState>> {
        self.phase = Phase::Off;
        self.span.take()
    }

    #[inline]
    fn is_recorded(&self) -> bool {
        self.phase != Phase::Off
    }

    /// Makes the span current for another poll.
    #[cold]
    extern "C" fn resume(&mut self) {
        catch_internal_panic(|| stack::push_call(self.span.take()));
        self.phase = Phase::Running;
    }

    /// Takes the span back from a poll after which the future waits.
    #[cold]
    extern "C" fn suspend(&mut self) {
        let left = catch_internal_panic(stack::pop_call).flatten();
        self.phase = if left.is_some() { Phase::Suspended } else { Phase::Off };
        *self.span = left.map(|left| left.span);
    }

    /// Takes the span away from a future that is ready.
    fn leave(&mut self) -> Option<Arc<SpanState>> {
        self.phase = Phase::Off;
        stack::pop_call().map(|left| left.span)
    }

    /// The span goes with the value of a future that is ready.
    pub(crate) fn hand_on<T>(&mut self, polled: Poll<T>) -> Poll<(T, Option<Arc<SpanState>>)> {
        match polled {
            Poll::Ready(value) => Poll::Ready((value, if self.is_recorded() { self.leave() } else { None })),
            Poll::Pending => {
                if self.is_recorded() {
                    self.suspend();
                }
                Poll::Pending
            }
        }
    }

    /// What is dropped next belongs to the span.
    #[cold]
    extern "C" fn enter_drop(&self) {
        if let Some(span) = &*self.span {
            stack::enter_drop(Context::of_span(Arc::clone(span)));
        }
    }

    /// Ends the span of a future that is dropped: `failed` where its own poll unwinds, for then that has not come back
    /// and its span is in the context; else the future was given up, even if the thread unwinds for another reason.
    #[cold]
    extern "C" fn give_up(&mut self) {
        catch_internal_panic(|| match std::mem::replace(&mut self.phase, Phase::Off) {
            Phase::Running => active_call::unwound(),
            Phase::Suspended => {
                stack::leave_drop();
                if let Some(span) = self.span.take() {
                    span.cancel();
                }
            }
            Phase::Off => {}
        });
    }
}

pin_project! {
    /// The future of an annotated async function: one span, from its first poll to its end.
    ///
    /// It is dropped from the top: its own destructor enters the span, then the future goes, then the span leaves and is
    /// cancelled, also when the future's destructor panics.
    #[must_use = "futures do nothing unless polled"]
    #[expect(missing_docs, reason = "the fields, written out by generated code: the body, its span, and what ends that")]
    pub struct Instrumented<F, E> {
        #[pin]
        pub future: F,
        pub span: OpenSpan,
        pub end: E,
    }

    impl<F, E> PinnedDrop for Instrumented<F, E> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.span.phase == Phase::Suspended {
                this.span.enter_drop();
            }
        }
    }
}

impl<F, E> Future for Instrumented<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    type Output = E::Output;

    // Everything that is recorded is out of the way, and the body is polled in one place: it is compiled once, into the
    // function that awaits it.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<E::Output> {
        if self.span.phase == Phase::Suspended {
            self.as_mut().project().span.resume();
        }
        let polled = self.as_mut().project().future.poll(task);
        let this = self.project();
        this.end.end(polled, this.span)
    }
}

/// Polls a future in its span, which is over when that panics.
fn poll_in<F: Future>(
    mut future: Pin<&mut F>,
    task: &mut Task<'_>,
    span: &mut Option<Arc<SpanState>>,
) -> (Poll<F::Output>, Option<Arc<SpanState>>) {
    let Some(open) = span.take() else { return (future.poll(task), None) };
    let mut polled = Poll::Pending;
    let open = run_in_span(open, &mut || polled = future.as_mut().poll(task));
    if polled.is_pending() {
        *span = open;
        return (Poll::Pending, None);
    }
    (polled, open)
}

/// Runs a closure in a span, which is over when that panics.
fn run_in_span(span: Arc<SpanState>, body: &mut dyn FnMut()) -> Option<Arc<SpanState>> {
    let (ran, context) = stack::run_in(Context::of_span(span), body);
    let span = context.into_span();
    if let Err(panic) = ran {
        if let Some(span) = span {
            span.finish_panicked(&*panic);
        }
        resume_unwind(panic)
    }
    span
}

impl<F, E> fmt::Debug for Instrumented<F, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Instrumented").field("span", &self.span).finish_non_exhaustive()
    }
}

pin_project! {
    /// The future that an annotated function returns: its span starts where it is first polled.
    #[must_use = "futures do nothing unless polled"]
    pub struct Later<F, O> {
        #[pin]
        future: F,
        recording: Option<Box<Recording>>,
        span: OpenSpan,
        outcome: O,
    }

    impl<F, O> PinnedDrop for Later<F, O> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.span.phase == Phase::Suspended {
                this.span.enter_drop();
            }
        }
    }
}

impl<F, O> fmt::Debug for Later<F, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Later").field("span", &self.span).finish_non_exhaustive()
    }
}

impl<F, O> Later<F, O> {
    pub(crate) fn new(future: F, call: Call, outcome: O) -> Self {
        Self { future, recording: call.into_recording(), span: OpenSpan::new(false), outcome }
    }
}

impl<F, O, E> Future for Later<F, O>
where
    F: Future,
    O: Fn(Returns<F::Output>) -> E,
    E: Ends<F::Output>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        let this = self.project();
        let begun = this.recording.take().and_then(Recording::begin);
        let mut span = begun.or_else(|| this.span.take());
        let (polled, ready) = poll_in(this.future, task, &mut span);
        if let Some(span) = span {
            *this.span = OpenSpan::suspended(span);
        }
        if let (Some(span), Poll::Ready(value)) = (ready, &polled) {
            let ends = (this.outcome)(Returns::TYPE);
            span.finish_with(&mut || ends.outcome(value, true));
            span_pool::release(span);
        }
        polled
    }
}
