//! Processors and exporters, which hear of nothing.

mod exporter;
mod processor;
mod record;

pub use exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
pub use processor::{Health, SpanProcessor};
pub use record::{SpanEvent, SpanId, SpanRecord, TraceId, TraceRecord};
