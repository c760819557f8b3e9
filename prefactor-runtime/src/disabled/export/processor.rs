//! The trait of processors.

use std::sync::Arc;
use std::time::Instant;

use crate::disabled::export::record::{SpanRecord, TraceRecord};

/// How a processor or an exporter is doing, by its last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// Nothing has failed, or the last attempt succeeded.
    Working,
    /// The last attempt failed.
    Failing,
    /// The client is shut down.
    Stopped,
}

/// Would hear of runs and spans. Nothing calls it.
pub trait SpanProcessor: Send + 'static {
    /// A short name.
    fn name(&self) -> &'static str {
        "processor"
    }

    /// A run was registered.
    fn on_trace_start(&mut self, trace: &Arc<TraceRecord>) {
        let _ = trace;
    }

    /// A span has started.
    fn on_span_start(&mut self, span: &Arc<SpanRecord>) {
        let _ = span;
    }

    /// A span has ended.
    fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
        let _ = span;
    }

    /// A run has ended.
    fn on_trace_end(&mut self, trace: &Arc<TraceRecord>) {
        let _ = trace;
    }

    /// Lets go of everything that is kept back.
    fn flush(&mut self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }

    /// Lets go of everything that is kept back, for good.
    fn shutdown(&mut self, deadline: Instant) -> bool {
        self.flush(deadline)
    }
}
