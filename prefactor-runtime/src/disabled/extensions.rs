//! Futures and streams, passed on without a span.

use std::future::Future;

use crate::disabled::context::WithContext;
use crate::disabled::span::Span;

/// Carries the current span along, where there is one.
pub trait SpanFutureExt: Future + Sized {
    /// The future itself.
    #[must_use]
    fn with_current_span(self) -> WithContext<Self> {
        self
    }

    /// The future itself.
    #[must_use]
    fn with_span(self, _: &Span) -> WithContext<Self> {
        self
    }
}

impl<F: Future> SpanFutureExt for F {}

/// Carries the current span along, where there is one.
pub trait SpanStreamExt: futures_core::Stream + Sized {
    /// The stream itself.
    #[must_use]
    fn with_current_span(self) -> WithContext<Self> {
        self
    }

    /// The stream itself.
    #[must_use]
    fn with_span(self, _: &Span) -> WithContext<Self> {
        self
    }
}

impl<S: futures_core::Stream> SpanStreamExt for S {}
