//! Futures that carry a span to another task.

use crate::context::Context;
use crate::context::future::InContext;
use crate::span::handle::Span;

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
    fn in_span(self, span: &Span) -> InContext<Self> {
        span.context().scope(self)
    }
}

impl<F: Future> InSpan for F {}
