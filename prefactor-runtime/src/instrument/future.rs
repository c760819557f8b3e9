//! The future of an annotated function: async, or one that returns a future.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::instrument::call_span::FutureSpan;
use crate::instrument::finish::Finish;

pin_project! {
    /// A future with one span: from its first poll, or from the call that returned it, to its end.
    ///
    /// Its destructor runs first and enters the span. Then the inner future is dropped. Then the span's destructor leaves
    /// the span and cancels it, also when the inner future's destructor panics.
    #[must_use = "futures do nothing unless polled"]
    pub struct Instrumented<F, E> {
        // The compiler checks fields in order. Checking that a span is `Send` takes a third of its recursion limit, so
        // that is done first, before a long chain of futures uses the limit up.
        span_first: PhantomData<FutureSpan>,
        #[pin]
        future: F,
        span: FutureSpan,
        finish: E,
    }

    impl<F, E> PinnedDrop for Instrumented<F, E> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.span.is_suspended() {
                this.span.enter_for_drop();
            }
        }
    }
}

impl<F, E> Instrumented<F, E> {
    #[inline]
    pub(crate) const fn new(future: F, span: FutureSpan, finish: E) -> Self {
        Self { span_first: PhantomData, future, span, finish }
    }
}

impl<F, E> Future for Instrumented<F, E>
where
    F: Future,
    E: Finish<F::Output, ()>,
{
    type Output = E::Output;

    // Called from one place, so the body is compiled once, into the function that awaits it.
    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<E::Output> {
        let this = self.project();
        if this.span.is_suspended() {
            this.span.resume();
        }
        match this.future.poll(task) {
            Poll::Ready(value) => Poll::Ready(this.finish.finish(value, this.span, ())),
            Poll::Pending => {
                if this.span.is_running() {
                    this.span.suspend();
                }
                Poll::Pending
            }
        }
    }
}

impl<F, E> fmt::Debug for Instrumented<F, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Instrumented").field("span", &self.span).finish_non_exhaustive()
    }
}
