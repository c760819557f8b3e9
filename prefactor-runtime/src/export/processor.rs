//! The trait of processors.

use std::sync::Arc;
use std::time::Instant;

use super::record::{SpanRecord, TraceRecord};

/// Hears of runs and spans as they start and end: to export them, count them or keep them.
///
/// Each processor runs on a thread of its own, named `prefactor-` and its [`name`](SpanProcessor::name), and its methods are
/// called there one after the other. It may block: nothing else waits for it. What it cannot take in time waits in a queue of
/// [`max_queue_bytes`](crate::ClientBuilder::max_queue_bytes), after which new spans are dropped for this processor alone and
/// counted. A panic in a method costs the span in hand, is counted and logged, and the processor goes on.
///
/// # Examples
///
/// A meter that adds up what model calls cost:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use prefactor::export::{SpanProcessor, SpanRecord};
/// use prefactor::{Client, span};
///
/// struct CostMeter {
///     tokens: Arc<AtomicU64>,
/// }
///
/// impl SpanProcessor for CostMeter {
///     fn name(&self) -> &'static str {
///         "cost-meter"
///     }
///
///     fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
///         let result: Option<serde_json::Value> = span.result();
///         let tokens = result.and_then(|result| result["usage"]["total_tokens"].as_u64());
///         self.tokens.fetch_add(tokens.unwrap_or(0), Relaxed);
///     }
/// }
///
/// #[span("agent:llm_call")]
/// fn ask(prompt: &str) -> serde_json::Value {
///     serde_json::json!({ "text": prompt, "usage": { "total_tokens": 42 } })
/// }
///
/// let tokens = Arc::new(AtomicU64::new(0));
/// let client = Client::builder().processor(CostMeter { tokens: tokens.clone() }).build()?;
/// client.register("tester").in_scope(|| ask("why"));
/// assert!(client.shutdown(Duration::from_secs(5)).is_complete);
/// assert_eq!(tokens.load(Relaxed), 42);
/// # Ok::<(), prefactor::Error>(())
/// ```
pub trait SpanProcessor: Send + 'static {
    /// A short name, for the thread and the log.
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

    /// A span has ended. Spans that are open at the shutdown end as cancelled.
    fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
        let _ = span;
    }

    /// A run has ended.
    fn on_trace_end(&mut self, trace: &Arc<TraceRecord>) {
        let _ = trace;
    }

    /// Lets go of everything that is kept back, by that moment. Returns whether it did.
    fn flush(&mut self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }

    /// Lets go of everything that is kept back, by that moment; nothing comes after it. Returns whether it did.
    fn shutdown(&mut self, deadline: Instant) -> bool {
        self.flush(deadline)
    }
}
