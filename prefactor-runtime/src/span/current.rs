//! Makes a span current: on this thread, or in a future.

use serde::Serialize;

use crate::context::future::WithContext;
use crate::context::{Context, ContextGuard};
use crate::span::handle::Span;

impl Span {
    /// Starts the span and makes it current on this thread until the guard is dropped.
    ///
    /// The guard is for synchronous code and must not be held across an `.await`: see [`enter`](Span::enter).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let step = prefactor::span("agent:step");
    ///     let _entered = step.start_as_current(&serde_json::json!({ "number": 1 }));
    ///     prefactor::span("tool:search").complete(&"found"); // a child of the step
    /// });
    /// recorder.trace().assert_outline(&["agent:step complete", "  tool:search complete"]);
    /// ```
    pub fn start_as_current<T: Serialize + ?Sized>(&self, payload: &T) -> ContextGuard {
        self.start(payload);
        self.enter()
    }

    /// The context in which new spans are children of this one.
    ///
    /// # Examples
    ///
    /// ```
    /// let step = prefactor::span("agent:step");
    /// let context = step.context();
    /// std::thread::spawn(move || context.in_scope(|| prefactor::span("tool:search").complete(&"found")));
    /// ```
    pub fn context(&self) -> Context {
        Context::of_span_or_none(self.inner.clone())
    }

    /// Makes this the current span of the thread until the guard is dropped.
    ///
    /// The guard is for synchronous code. Held across an `.await`, it would stay entered while the function waits, so that other
    /// tasks on the thread would make their spans under this one. It is not `Send`, so that most runtimes refuse such a future when it
    /// is spawned. In async code use [`scope`](Span::scope) or [`with_span`](crate::SpanFutureExt::with_span).
    ///
    /// # Examples
    ///
    /// ```
    /// let step = prefactor::span("agent:step");
    /// let entered = step.enter();
    /// prefactor::span("tool:search").complete(&"found"); // a child of the step
    /// drop(entered);
    /// ```
    pub fn enter(&self) -> ContextGuard {
        self.context().enter()
    }

    /// Runs a closure with this as the current span.
    ///
    /// An async block that the closure returns runs later, outside of the span: use [`scope`](Span::scope) for it.
    ///
    /// # Examples
    ///
    /// ```
    /// let step = prefactor::span("agent:step");
    /// let hits = step.in_scope(|| {
    ///     prefactor::span("tool:search").complete(&"found"); // a child of the step
    ///     3
    /// });
    /// assert_eq!(hits, 3);
    /// ```
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.context().in_scope(body)
    }

    /// Runs a future with this as the current span, at each of its polls: the form of [`enter`](Span::enter) for async code.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the one within, under this span, and leaves the span open.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn search() {}
    /// # async fn agent() {
    /// let step = prefactor::span("agent:step");
    /// step.scope(search()).await; // spans of `search` are children of the step
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        self.context().scope(future)
    }
}
