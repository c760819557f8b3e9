//! Streams that carry a span to another task.

use futures_core::Stream;

use crate::context::Context;
use crate::context::future::WithContext;
use crate::span::handle::Span;

/// Carries the current span into streams that are polled elsewhere, e.g. by a web server.
///
/// Streams that annotated functions return carry their own span. This is for streams made by hand, and for the functions that
/// they call while they are polled.
///
/// # Examples
///
/// ```
/// use futures_util::stream::{self, Stream, StreamExt as _};
/// use prefactor::SpanStreamExt as _;
///
/// fn body() -> impl Stream<Item = String> {
///     stream::iter(["Be", "cause"]).map(str::to_owned).with_current_span()
/// }
/// # let _ = body();
/// ```
pub trait SpanStreamExt: Stream + Sized {
    /// Polls the stream under the span that is current now.
    fn with_current_span(self) -> WithContext<Self> {
        WithContext::new(self, Context::current())
    }

    /// Polls the stream under a span.
    fn with_span(self, span: &Span) -> WithContext<Self> {
        WithContext::new(self, span.context())
    }
}

impl<S: Stream> SpanStreamExt for S {}
