//! Where spans go besides the Prefactor API: processors and exporters, each on a thread of its own with a bounded queue.
//!
//! The worker turns each operation into a plain record ([`observer`]) and pushes it into the queue of every processor
//! ([`lane`]). Exporters are given batches of them ([`batch_queue`]). One that is slow, hangs or panics delays neither the
//! agent, nor the worker, nor another one.

mod batch_queue;
pub(crate) mod countdown;
pub(crate) mod event;
pub(crate) mod exporter;
pub(crate) mod health;
pub(crate) mod lane;
mod memory;
pub(crate) mod observer;
pub(crate) mod processor;
pub(crate) mod record;
mod usage_json;

pub use exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
pub use health::Health;
pub use memory::MemoryProcessor;
pub use processor::SpanProcessor;
pub use record::{SpanEvent, SpanId, SpanRecord, TraceId, TraceRecord};
