//! Processors: where spans go besides the Prefactor API: processors, each on a thread of its own with a bounded queue.
//!
//! The worker turns each operation into a plain record ([`observer`]) and pushes it into the queue of every processor
//! ([`lane`]). A processor that is slow, hangs or panics delays neither the agent, nor the worker, nor another processor.

pub(crate) mod countdown;
pub(crate) mod lane;
mod memory;
pub(crate) mod observer;
pub(crate) mod processor;
pub(crate) mod record;
mod usage_json;

pub use memory::MemoryProcessor;
pub use processor::SpanProcessor;
pub use record::{SpanEvent, SpanId, SpanRecord, TraceId, TraceRecord};
