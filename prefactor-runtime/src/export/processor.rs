//! The trait of processors.

use std::sync::Arc;
use std::time::Instant;

use super::record::{SpanRecord, TraceRecord};

/// Hears of runs and spans as they start and end: to export them, count them or keep them.
///
/// Each processor runs on a thread of its own, named `prefactor-` and its [`name`](SpanProcessor::name), and its methods are
/// called there one after the other. It may block: nothing else waits for it. Records that it cannot take in time wait in a queue of
/// [`max_queue_bytes`](crate::ClientBuilder::max_queue_bytes), after which new spans are dropped for this processor alone and
/// counted. A panic in a method costs the span in hand, is counted and logged, and the processor goes on.
///
/// # Examples
///
/// A meter that adds up the cost of each agent's model calls, by the usage in their spans:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// use prefactor::export::{SpanProcessor, SpanRecord};
/// use prefactor::{Client, Usage, span};
///
/// #[derive(Clone, Default)]
/// struct CostMeter {
///     /// By agent: calls of models, tokens, cost.
///     totals: Arc<Mutex<HashMap<String, (u64, u64, f64)>>>,
/// }
///
/// impl SpanProcessor for CostMeter {
///     fn name(&self) -> &'static str {
///         "cost-meter"
///     }
///
///     fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
///         let Some(usage) = span.usage() else { return };
///         let mut totals = self.totals.lock().unwrap();
///         let (calls, tokens, cost) = totals.entry(span.trace.agent.name().to_owned()).or_default();
///         *calls += 1;
///         *tokens += usage.total_tokens.unwrap_or(0);
///         *cost += usage.cost.unwrap_or(0.0);
///     }
/// }
///
/// #[span("agent:llm_call", usage(with = usage_of))]
/// fn ask(prompt: &str) -> String {
///     prompt.to_uppercase()
/// }
///
/// fn usage_of(answer: &String) -> Usage {
///     Usage::new().with_model("m-1").with_total_tokens(answer.len() as u64).with_cost(0.25)
/// }
///
/// let meter = CostMeter::default();
/// let client = Client::builder().processor(meter.clone()).build()?;
/// client.register("researcher").in_scope(|| (ask("why"), ask("how")));
/// client.register("writer").span("tool:search").complete(&"no model");
/// assert!(client.shutdown(Duration::from_secs(5)).is_complete);
/// let totals = meter.totals.lock().unwrap();
/// assert_eq!((totals.len(), totals["researcher"]), (1, (2, 6, 0.5)));
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

    /// Writes or sends everything that is buffered, by the deadline. Returns whether it did.
    fn flush(&mut self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }

    /// Writes or sends everything that is buffered, by the deadline; no other call follows. Returns whether it did.
    fn shutdown(&mut self, deadline: Instant) -> bool {
        self.flush(deadline)
    }
}
