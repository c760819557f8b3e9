//! OpenTelemetry's SDK with its batch processor, over OTLP/HTTP: arguments and result as JSON texts in attributes.

#[path = "../support/work.rs"]
mod work;

use std::env::args;
use std::hint::black_box;

use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, Tracer};
use serde::Serialize;

use work::{Completion, Task};

#[derive(Serialize)]
struct Arguments<'a> {
    model: &'a str,
    prompt: &'a str,
    temperature: f32,
}

fn main() {
    let task = Task::read(args().skip(1)).expect("what to send, and where");
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", task.url))
        .build()
        .expect("an exporter");
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(2 * task.spans.max(1_024))
        .with_max_export_batch_size(512)
        .build();
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let tracer = provider.tracer("delivery");
    ask(&tracer, "small", &work::text(), 0.5);
    provider.force_flush().expect("the first span is delivered");
    task.run(
        |prompt| drop(black_box(ask(&tracer, black_box("small"), black_box(prompt), black_box(0.5)))),
        || provider.shutdown_with_timeout(task.deadline).expect("delivered in time"),
    );
}

fn ask(tracer: &Tracer, model: &str, prompt: &str, temperature: f32) -> Completion {
    let mut span = tracer.start("agent:llm_call");
    span.set_attribute(KeyValue::new("arguments", json(&Arguments { model, prompt, temperature })));
    let completion = Completion { text: prompt.to_owned() };
    span.set_attribute(KeyValue::new("result", json(&completion)));
    span.end();
    completion
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}
