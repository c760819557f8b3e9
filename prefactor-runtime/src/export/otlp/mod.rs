//! OTLP: spans to every receiver of OpenTelemetry, such as a Collector, Jaeger, Arize Phoenix or Langfuse.

mod attributes;
mod config;
mod encode;
mod environment;
mod exporter;
mod gen_ai;
mod messages;

pub use config::{Otlp, collector, langfuse, phoenix};
