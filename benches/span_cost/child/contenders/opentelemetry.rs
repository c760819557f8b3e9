//! `tracing` with OpenTelemetry's SDK, arguments and result as JSON, into an exporter that throws batches away.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter,
};
use tracing::Instrument as _;
use tracing::field::Empty;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::Backend;
use crate::work::{Arguments, Completion, Error, levels_by_hand};

levels_by_hand!(traced);

async fn traced(
    arguments: Arguments<'_>,
    body: impl Future<Output = Result<Completion, Error>>,
) -> Result<Completion, Error> {
    let span = tracing::info_span!("agent:llm_call", arguments = Empty, result = Empty);
    if !span.is_disabled() {
        span.record("arguments", json(&arguments));
    }
    async {
        let outcome = body.await;
        let span = tracing::Span::current();
        if let (false, Ok(completion)) = (span.is_disabled(), &outcome) {
            span.record("result", json(completion));
        }
        outcome
    }
    .instrument(span)
    .await
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Room in the queue for eight threads.
const QUEUE: usize = 100_000;

struct Provider {
    provider: SdkTracerProvider,
    arrived: Arc<AtomicU64>,
}

pub(super) fn backend() -> Box<dyn Backend> {
    let arrived = Arc::new(AtomicU64::new(0));
    let config = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
    let processor = BatchSpanProcessor::builder(Null(Arc::clone(&arrived))).with_batch_config(config).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("span_cost"));
    tracing_subscriber::registry().with(layer).init();
    Box::new(Provider { provider, arrived })
}

impl Backend for Provider {
    fn settle(&self) {
        self.provider.force_flush().expect("the batches are exported");
    }

    fn arrived(&self) -> Option<u64> {
        Some(self.arrived.load(Relaxed))
    }
}

struct Null(Arc<AtomicU64>);

impl SpanExporter for Null {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len() as u64, Relaxed);
        Ok(())
    }
}

impl fmt::Debug for Null {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Null")
    }
}
