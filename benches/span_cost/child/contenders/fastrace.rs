//! fastrace: the arguments as text, by its attribute; and arguments and result as JSON, by hand.
//!
//! It records spans under a root span, which the program makes for each trace: here for each call of the agent, as in
//! real use, or once for all calls of a round, which spreads the cost of a trace over a thousand spans.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::fastrace::future::FutureExt as _;
use ::fastrace::Span;
use ::fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};
use serde::Serialize;

use super::Backend;

pub(super) mod properties {
    use crate::work::{Completion, Error, levels};

    levels!(
        #[::fastrace::trace(properties = {
            "model": "{model}",
            "prompt": "{prompt}",
            "temperature": "{temperature}",
        })]
        (model, prompt, temperature) in super::traced
    );
}

pub(super) mod json {
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::task::Poll;

    use ::fastrace::Span;

    use crate::work::{Arguments, Completion, Error, levels_by_hand};

    levels_by_hand!(traced, in super::traced);

    async fn traced(
        arguments: Arguments<'_>,
        body: impl Future<Output = Result<Completion, Error>>,
    ) -> Result<Completion, Error> {
        let span = Span::enter_with_local_parent("agent:llm_call");
        span.add_property(|| ("arguments", serde_json::to_string(&arguments).unwrap_or_default()));
        let mut body = pin!(body);
        poll_fn(|task| {
            let _current = span.set_local_parent();
            let polled = body.as_mut().poll(task);
            if let Poll::Ready(Ok(completion)) = &polled {
                span.add_property(|| ("result", serde_json::to_string(completion).unwrap_or_default()));
            }
            polled
        })
        .await
    }
}

/// Makes a trace of its own for a call, as the library's documentation shows.
fn traced<F: Future>(call: F) -> impl Future<Output = F::Output> {
    call.in_span(Span::root("root", SpanContext::random()))
}

struct Collected {
    arrived: Arc<AtomicU64>,
    /// Whether the calls of a round are one trace.
    is_one_trace: bool,
}

/// Each call is a trace.
pub(super) fn backend() -> Box<dyn Backend> {
    Box::new(collected(false))
}

/// A round of calls is a trace.
pub(super) fn backend_of_one_trace() -> Box<dyn Backend> {
    Box::new(collected(true))
}

fn collected(is_one_trace: bool) -> Collected {
    let arrived = Arc::new(AtomicU64::new(0));
    ::fastrace::set_reporter(Encoding(Arc::clone(&arrived)), Config::default());
    Collected { arrived, is_one_trace }
}

impl Backend for Collected {
    fn in_trace(&self, work: &mut dyn FnMut()) {
        if !self.is_one_trace {
            return work();
        }
        let root = Span::root("root", SpanContext::random());
        let _current = root.set_local_parent();
        work();
    }

    fn settle(&self) {
        ::fastrace::flush();
    }

    fn arrived(&self) -> Option<u64> {
        Some(self.arrived.load(Relaxed))
    }
}

/// Encodes each batch as for a request, and drops it.
struct Encoding(Arc<AtomicU64>);

#[derive(Serialize)]
struct Encoded<'a> {
    trace_id: u128,
    span_id: u64,
    parent_id: u64,
    begin_time_unix_ns: u64,
    duration_ns: u64,
    name: &'a str,
    properties: Vec<(&'a str, &'a str)>,
}

impl Reporter for Encoding {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        let encoded: Vec<Encoded<'_>> = spans.iter().map(Encoded::of).collect();
        std::hint::black_box(serde_json::to_vec(&encoded).unwrap_or_default());
        let spans = spans.iter().filter(|span| span.name != "root").count();
        self.0.fetch_add(spans as u64, Relaxed);
    }
}

impl<'a> Encoded<'a> {
    fn of(span: &'a SpanRecord) -> Self {
        Self {
            trace_id: span.trace_id.0,
            span_id: span.span_id.0,
            parent_id: span.parent_id.0,
            begin_time_unix_ns: span.begin_time_unix_ns,
            duration_ns: span.duration_ns,
            name: &span.name,
            properties: span.properties.iter().map(|(key, value)| (&**key, &**value)).collect(),
        }
    }
}
