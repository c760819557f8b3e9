//! fastrace with its reporter for OpenTelemetry, over OTLP/HTTP: arguments and result as JSON texts in properties.

#[path = "../support/work.rs"]
mod work;

use std::borrow::Cow;
use std::env::args;
use std::hint::black_box;

use fastrace::collector::Config;
use fastrace::prelude::{Span, SpanContext};
use fastrace_opentelemetry::OpenTelemetryReporter;
use opentelemetry::InstrumentationScope;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
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
    let resource = Cow::Owned(Resource::builder().build());
    let scope = InstrumentationScope::builder("bench").build();
    fastrace::set_reporter(OpenTelemetryReporter::new(exporter, resource, scope), Config::default());
    drop(ask("small", &work::text(), 0.5));
    fastrace::flush();
    let mut made = 0_u32;
    task.run(
        |prompt| {
            drop(black_box(ask(black_box("small"), black_box(prompt), black_box(0.5))));
            made += 1;
            if made % 4_096 == 0 {
                // fastrace drops spans when its queue for a thread, of 10,240 places, is full.
                fastrace::flush();
            }
        },
        fastrace::flush,
    );
}

fn ask(model: &str, prompt: &str, temperature: f32) -> Completion {
    let span = Span::root("agent:llm_call", SpanContext::random());
    span.add_property(|| ("arguments", json(&Arguments { model, prompt, temperature })));
    let completion = Completion { text: prompt.to_owned() };
    span.add_property(|| ("result", json(&completion)));
    completion
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}
