//! The trait of exporters.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::disabled::export::record::{SpanRecord, TraceRecord};

/// Would send batches of what has ended. Nothing calls it.
pub trait SpanExporter: Send + Sync + 'static {
    /// A short name.
    fn name(&self) -> &'static str {
        "exporter"
    }

    /// How batches are made.
    fn batching(&self) -> Batching {
        Batching
    }

    /// Sends one batch.
    fn export(&self, batch: Batch) -> ExportFuture<'_>;
}

/// The future of [`SpanExporter::export`].
pub type ExportFuture<'a> = Pin<Box<dyn Future<Output = ExportOutcome> + Send + 'a>>;

/// How batches would be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batching;

macro_rules! ignored_bounds {
    ($($name:ident: $type:ty;)*) => {$(
        /// Ignored.
        #[must_use]
        pub const fn $name(self, _: $type) -> Self {
            self
        }
    )*};
}

impl Batching {
    ignored_bounds! {
        max_spans: usize;
        max_bytes: usize;
        delay: Duration;
        max_in_flight: usize;
    }
}

/// A batch, which is always empty.
#[derive(Clone, Debug, Default)]
pub struct Batch;

impl Batch {
    /// None.
    #[must_use]
    pub const fn spans(&self) -> &[Arc<SpanRecord>] {
        &[]
    }

    /// None.
    #[must_use]
    pub const fn ended_traces(&self) -> &[Arc<TraceRecord>] {
        &[]
    }
}

/// The outcome of a batch, which is never read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ExportOutcome;

macro_rules! outcomes {
    ($($name:ident;)*) => {$(
        /// Nothing came of it.
        pub fn $name(_: impl Into<Cow<'static, str>>) -> Self {
            Self
        }
    )*};
}

impl ExportOutcome {
    outcomes! { unanswered; rejected; unauthorized; too_large; span_rejected; }

    /// Nothing came of it.
    pub const fn accepted() -> Self {
        Self
    }

    /// Nothing came of it.
    pub fn partly_accepted(_: usize, _: impl Into<Cow<'static, str>>) -> Self {
        Self
    }

    /// Nothing came of it.
    pub fn retry(_: Option<Duration>, _: impl Into<Cow<'static, str>>) -> Self {
        Self
    }
}
