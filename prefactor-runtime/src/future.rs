//! Futures that set the current span at each poll.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::call::{Call, Recording};
use crate::context::{self, Context};
use crate::span::SpanInner;

pin_project! {
    /// A future that runs in a context. Made by [`Context::scope`] and [`InSpan`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InContext<F> {
        #[pin]
        future: Option<F>,
        context: Option<Context>,
    }

    impl<F> PinnedDrop for InContext<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(context) = this.context.take() {
                resume(context::run_in(context, || this.future.set(None)).0);
            }
        }
    }
}

impl<F: Future> InContext<F> {
    pub(crate) fn new(future: F, context: Context) -> Self {
        Self { future: Some(future), context: Some(context) }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (polled, context) =
            context::run_in(this.context.take().unwrap_or_default(), || poll(this.future, task));
        *this.context = Some(context);
        polled.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Carries the current span into futures that are handed to another task.
///
/// # Examples
///
/// ```no_run
/// use prefactor_runtime::InSpan as _;
///
/// # async fn retrieve() {}
/// # async fn agent() {
/// tokio::spawn(retrieve().in_current_span());
/// # }
/// ```
pub trait InSpan: Future + Sized {
    /// Runs the future under the span that is current now.
    fn in_current_span(self) -> InContext<Self> {
        Context::current().scope(self)
    }

    /// Runs the future under a span.
    fn in_span(self, span: &crate::Span) -> InContext<Self> {
        span.context().scope(self)
    }
}

impl<F: Future> InSpan for F {}

/// What becomes of a span when its future is ready.
pub trait End<T> {
    /// What the future returns then.
    type Output;

    /// Ends the span, if there is one, or passes it on.
    fn end(&self, span: Option<Arc<SpanInner>>, value: T) -> Self::Output;
}

pin_project! {
    /// The future of an annotated function: one span, from its first poll to its end.
    #[must_use = "futures do nothing unless polled"]
    pub struct Instrumented<F, E> {
        #[pin]
        future: Option<F>,
        // `None` when nothing is recorded, and after the end.
        span: Option<Arc<SpanInner>>,
        end: E,
    }

    impl<F, E> PinnedDrop for Instrumented<F, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // A panic of the future's own poll has been recorded there, so whoever drops an open span here
            // gave the future up, even if the thread happens to be unwinding for some other reason.
            if let Some(span) = this.span.take() {
                // Dropped in its context, so that what its destructors do belongs to the span.
                let (dropped, context) = context::run_in(Context::of_span(span), || this.future.set(None));
                if let Some(span) = context.into_span() {
                    span.cancel();
                }
                resume(dropped);
            }
        }
    }
}

impl<F, E> Instrumented<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    pub(crate) fn new(future: F, span: Option<Arc<SpanInner>>, end: E) -> Self {
        Self { future: Some(future), span, end }
    }
}

impl<F, E> Future for Instrumented<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    type Output = E::Output;

    // Out of the way of calls without a client, which do not come here.
    #[inline(never)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<E::Output> {
        let this = self.project();
        let Some(span) = this.span.take() else {
            return poll(this.future, task).map(|value| this.end.end(None, value));
        };
        let (polled, context) = context::run_in(Context::of_span(span), || poll(this.future, task));
        let span = context.into_span();
        match polled {
            Ok(Poll::Pending) => {
                *this.span = span;
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => Poll::Ready(this.end.end(span, value)),
            Err(panic) => {
                if let Some(span) = span {
                    span.finish_panicked(&*panic);
                }
                resume_unwind(panic)
            }
        }
    }
}

impl<F, E> fmt::Debug for Instrumented<F, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Instrumented").field("span", &self.span).finish_non_exhaustive()
    }
}

pin_project! {
    /// The future that an annotated function returns: its span starts where it is first polled.
    #[must_use = "futures do nothing unless polled"]
    pub struct Later<F, E> {
        #[pin]
        future: Instrumented<F, E>,
        recording: Option<Recording>,
    }
}

impl<F, E> fmt::Debug for Later<F, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Later").field("future", &self.future).finish_non_exhaustive()
    }
}

impl<F, E> Later<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    pub(crate) fn new(future: F, call: Call, end: E) -> Self {
        Self { future: Instrumented::new(future, None, end), recording: call.recording }
    }
}

impl<F, E> Future for Later<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    type Output = E::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<E::Output> {
        let mut this = self.project();
        if let Some(recording) = this.recording.take() {
            *this.future.as_mut().project().span = recording.begin();
        }
        this.future.poll(task)
    }
}

fn poll<F: Future>(future: Pin<&mut Option<F>>, task: &mut Task<'_>) -> Poll<F::Output> {
    match future.as_pin_mut() {
        Some(future) => future.poll(task),
        // Emptied by the destructor only.
        None => Poll::Pending,
    }
}

/// Goes on with a destructor's panic, unless the thread unwinds already: a second panic would end the process.
fn resume(dropped: std::thread::Result<()>) {
    if let Err(panic) = dropped
        && !std::thread::panicking()
    {
        resume_unwind(panic);
    }
}
