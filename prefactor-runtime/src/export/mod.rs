//! Where spans go besides the Prefactor API: processors and exporters, each on a thread of its own with a bounded queue.
//!
//! The worker turns each operation into a plain record ([`observer`]) and pushes it into the queue of every processor
//! ([`lane`]). Exporters are given batches of them ([`batch_queue`]). One that is slow, hangs or panics delays neither the
//! agent, nor the worker, nor another one.

mod batch_queue;
pub(crate) mod console;
pub(crate) mod countdown;
pub(crate) mod event;
pub(crate) mod exporter;
pub(crate) mod file;
pub(crate) mod health;
pub(crate) mod json_lines;
#[cfg(feature = "otlp")]
mod json_members;
#[cfg(any(feature = "otlp", feature = "openai"))]
mod kind;
pub(crate) mod lane;
mod memory;
pub(crate) mod observer;
#[cfg(feature = "openai")]
pub(crate) mod openai;
#[cfg(feature = "otlp")]
pub mod otlp;
mod parcel;
pub(crate) mod processor;
pub(crate) mod record;
#[cfg(any(feature = "otlp", feature = "openai"))]
mod typed;
mod unsettled;
mod usage_json;

pub use console::ConsoleProcessor;
pub use exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
pub use file::FileExporter;
pub use health::Health;
pub use memory::MemoryProcessor;
#[cfg(feature = "openai")]
pub use openai::OpenAi;
pub use processor::SpanProcessor;
pub use record::{SpanEvent, SpanId, SpanRecord, TraceId, TraceRecord};
