//! A future or stream that is polled in a context.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::parent::Context;
use crate::context::stack;
use crate::manager::panics::resume_destructor;

pin_project! {
    /// A future or stream that runs in a context. Made by [`Context::scope`] and [`SpanFutureExt`].
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Context, WithContext};
    ///
    /// async fn step() {}
    ///
    /// let step: WithContext<_> = Context::current().scope(step());
    /// # drop(step);
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct WithContext<F> {
        #[pin]
        future: Option<F>,
        context: Option<Context>,
    }

    impl<F> PinnedDrop for WithContext<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(context) = this.context.take() {
                resume_destructor(stack::run_in(context, &mut || this.future.set(None)).0);
            }
        }
    }
}

impl Context {
    /// Runs a future in this context, at each of its polls.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the one within, in this context.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Context;
    ///
    /// # async fn retrieve() {}
    /// # async fn agent() {
    /// let context = Context::current();
    /// tokio::spawn(context.scope(retrieve()));
    /// # }
    /// ```
    pub fn scope<F: Future>(self, future: F) -> WithContext<F> {
        WithContext { future: Some(future), context: Some(self) }
    }
}

impl<F> WithContext<F> {
    pub(crate) fn new(polled: F, context: Context) -> Self {
        Self { future: Some(polled), context: Some(context) }
    }

    /// Polls the future or stream in the context. `None` after the destructor has dropped it.
    fn poll_with<T>(self: Pin<&mut Self>, poll: impl FnOnce(Pin<&mut F>) -> Poll<T>) -> Option<Poll<T>> {
        let mut this = self.project();
        let (mut poll, mut polled) = (Some(poll), None);
        let (ran, context) = stack::run_in(this.context.take().unwrap_or_default(), &mut || {
            polled = this.future.as_mut().as_pin_mut().zip(poll.take()).map(|(polled, poll)| poll(polled));
        });
        *this.context = Some(context);
        if let Err(panic) = ran {
            resume_unwind(panic)
        }
        polled
    }
}

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        self.poll_with(|future| future.poll(task)).unwrap_or(Poll::Pending)
    }
}

impl<S: Stream> Stream for WithContext<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        self.poll_with(|stream| stream.poll_next(task)).unwrap_or(Poll::Ready(None))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.future.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}
