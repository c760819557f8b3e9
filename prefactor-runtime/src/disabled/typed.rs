//! Spans with data, which is kept and not recorded.

use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use crate::disabled::span::Span;
use crate::types::span_data::SpanData;

/// A no-op span with data.
pub fn typed_span<D: SpanData>(data: D) -> TypedSpan<D> {
    TypedSpan { span: Span, data: Mutex::new(data) }
}

/// A no-op span with data, which is kept.
#[must_use = "a span that is dropped at once is finished at once"]
pub struct TypedSpan<D: SpanData> {
    span: Span,
    data: Mutex<D>,
}

impl<D: SpanData> TypedSpan<D> {
    /// A no-op span with data.
    pub fn child_of(_: &Span, data: D) -> Self {
        typed_span(data)
    }

    /// The data as it is now.
    pub fn span_data(&self) -> D {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the data.
    pub fn update<R>(&self, change: impl FnOnce(&mut D) -> R) -> R {
        change(&mut self.data.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<D: SpanData> Deref for TypedSpan<D> {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

impl<D: SpanData + std::fmt::Debug> std::fmt::Debug for TypedSpan<D> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Span(no-op)")
    }
}
