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
use crate::outcome::Ends;
use crate::span::{self, SpanInner};

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
                resume(context::run_in(context, &mut || this.future.set(None)).0);
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
        let mut this = self.project();
        let mut polled = Poll::Pending;
        let (ran, context) = context::run_in(this.context.take().unwrap_or_default(), &mut || {
            // Emptied by the destructor only.
            if let Some(future) = this.future.as_mut().as_pin_mut() {
                polled = future.poll(task);
            }
        });
        *this.context = Some(context);
        if let Err(panic) = ran {
            resume_unwind(panic)
        }
        polled
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

/// How the future of an annotated function is polled, and what becomes of its span when it is ready.
pub trait End<T> {
    /// What the future returns then.
    type Output;

    /// Polls the future in its span, if there is one.
    fn poll(
        &self,
        future: Pin<&mut dyn Future<Output = T>>,
        task: &mut Task<'_>,
        span: &mut OpenSpan,
    ) -> Poll<Self::Output>;
}

/// The span of a future: `None` when nothing is recorded, and after the end.
#[derive(Debug)]
pub struct OpenSpan(Option<Arc<SpanInner>>);

impl Drop for OpenSpan {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.give_up();
        }
    }
}

impl OpenSpan {
    /// What is dropped next belongs to the span.
    #[cold]
    fn enter_drop(&self) {
        if let Some(span) = &self.0 {
            context::enter_drop(Context::of_span(Arc::clone(span)));
        }
    }

    /// A panic of the future's own poll has been recorded there, so whoever drops an open span gave the future up, even
    /// if the thread happens to be unwinding for some other reason.
    #[cold]
    fn give_up(&mut self) {
        context::leave_drop();
        if let Some(span) = self.0.take() {
            span.cancel();
        }
    }
}

pin_project! {
    /// The future of an annotated function: one span, from its first poll to its end.
    ///
    /// It is dropped from the top: its own destructor enters the span, then the future goes, then the span leaves and is
    /// cancelled, also when the future's destructor panics.
    #[must_use = "futures do nothing unless polled"]
    pub struct Instrumented<F, E> {
        #[pin]
        future: F,
        span: OpenSpan,
        end: E,
    }

    impl<F, E> PinnedDrop for Instrumented<F, E> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.span.0.is_some() {
                this.span.enter_drop();
            }
        }
    }
}

impl<F, E> Instrumented<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    #[inline]
    pub(crate) fn new(future: F, span: Option<Arc<SpanInner>>, end: E) -> Self {
        Self { future, span: OpenSpan(span), end }
    }
}

impl<F, E> Future for Instrumented<F, E>
where
    F: Future,
    E: End<F::Output>,
{
    type Output = E::Output;

    // Out of the way of calls without a client, which do not come here. Behind a pointer: what is around the future is
    // compiled once for each type that is returned.
    #[inline(never)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<E::Output> {
        let this = self.project();
        this.end.poll(this.future, task, this.span)
    }
}

/// Polls a future in its span, which is over when that panics.
#[inline(never)]
pub(crate) fn poll_in<T>(
    mut future: Pin<&mut dyn Future<Output = T>>,
    task: &mut Task<'_>,
    span: &mut OpenSpan,
) -> (Poll<T>, Option<Arc<SpanInner>>) {
    let Some(open) = span.0.take() else { return (future.poll(task), None) };
    let mut polled = Poll::Pending;
    let open = run_in_span(open, &mut || polled = future.as_mut().poll(task));
    if polled.is_pending() {
        span.0 = open;
        return (Poll::Pending, None);
    }
    (polled, open)
}

/// Polls a future in its span, which ends with its value.
#[cold]
#[inline(never)]
pub(crate) fn poll_value<T>(
    future: Pin<&mut dyn Future<Output = T>>,
    task: &mut Task<'_>,
    span: &mut OpenSpan,
    end: &dyn Ends<T>,
) -> Poll<T> {
    let (polled, span) = poll_in(future, task, span);
    if let (Some(span), Poll::Ready(value)) = (span, &polled) {
        span.finish_with(&mut || end.outcome(value, true));
        span::keep(span);
    }
    polled
}

/// Runs a closure in a span, which is over when that panics.
pub(crate) fn run_in_span(span: Arc<SpanInner>, body: &mut dyn FnMut()) -> Option<Arc<SpanInner>> {
    let (ran, context) = context::run_in(Context::of_span(span), body);
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
    pub struct Later<F, E> {
        #[pin]
        future: Instrumented<F, E>,
        recording: Option<Box<Recording>>,
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
        Self { future: Instrumented::new(future, None, end), recording: call.into_recording() }
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
            this.future.as_mut().project().span.0 = recording.begin();
        }
        this.future.poll(task)
    }
}

/// Goes on with a destructor's panic, unless the thread unwinds already: a second panic would end the process.
pub(crate) fn resume(dropped: std::thread::Result<()>) {
    match dropped {
        Err(panic) if !std::thread::panicking() => resume_unwind(panic),
        _ => {}
    }
}
