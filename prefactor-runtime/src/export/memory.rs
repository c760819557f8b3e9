//! A processor that keeps its records in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::processor::SpanProcessor;
use super::record::{SpanRecord, TraceRecord};

/// Keeps the runs and spans that have ended, in the order in which they ended. Clones share the records.
///
/// For tests there is [`testing`](crate::testing), which gives the spans back as a tree.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use prefactor::Client;
/// use prefactor::export::MemoryProcessor;
///
/// let memory = MemoryProcessor::new();
/// let client = Client::builder().processor(memory.clone()).build()?;
/// client.register("tester").span("tool:search").complete(&"found");
/// assert!(client.flush(Duration::from_secs(5)).is_complete);
/// assert_eq!(memory.spans()[0].schema_name, "tool:search");
/// assert_eq!(memory.traces().len(), 1, "the run ended with its last handle");
/// memory.clear();
/// assert!(memory.spans().is_empty());
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryProcessor {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    spans: Vec<Arc<SpanRecord>>,
    traces: Vec<Arc<TraceRecord>>,
}

impl MemoryProcessor {
    /// One that keeps nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The spans that have ended.
    #[must_use]
    pub fn spans(&self) -> Vec<Arc<SpanRecord>> {
        self.lock().spans.clone()
    }

    /// The runs that have ended.
    #[must_use]
    pub fn traces(&self) -> Vec<Arc<TraceRecord>> {
        self.lock().traces.clone()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanProcessor for MemoryProcessor {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
        self.lock().spans.push(Arc::clone(span));
    }

    fn on_trace_end(&mut self, trace: &Arc<TraceRecord>) {
        self.lock().traces.push(Arc::clone(trace));
    }
}
