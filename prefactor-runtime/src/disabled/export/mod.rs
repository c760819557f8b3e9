//! Processors and exporters, which are never called.

mod exporter;
mod processor;
mod record;

pub use exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
pub use processor::{Health, SpanProcessor};
pub use record::{SpanEvent, SpanId, SpanRecord, TraceId, TraceRecord};
