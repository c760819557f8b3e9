//! Futures that carry a span to another task.

use crate::context::Context;
use crate::context::future::WithContext;
use crate::span::handle::Span;

/// Carries the current span into futures that are handed to another task.
///
/// # Examples
///
/// ```no_run
/// use prefactor::SpanFutureExt as _;
///
/// # async fn retrieve() {}
/// # async fn agent() {
/// tokio::spawn(retrieve().with_current_span());
/// # }
/// ```
pub trait SpanFutureExt: Future + Sized {
    /// Runs the future under the span that is current now.
    fn with_current_span(self) -> WithContext<Self> {
        Context::current().scope(self)
    }

    /// Runs the future under a span.
    fn with_span(self, span: &Span) -> WithContext<Self> {
        span.context().scope(self)
    }
}

impl<F: Future> SpanFutureExt for F {}
