//! A future that is polled in a context.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::context::parent::Context;
use crate::context::stack;
use crate::manager::panics::resume_destructor;

pin_project! {
    /// A future that runs in a context. Made by [`Context::scope`] and [`SpanFutureExt`].
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

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let mut polled = Poll::Pending;
        let (ran, context) = stack::run_in(this.context.take().unwrap_or_default(), &mut || {
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
