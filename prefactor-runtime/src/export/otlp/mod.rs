//! OTLP: spans to every receiver of OpenTelemetry, such as a Collector, Jaeger, Arize Phoenix or Langfuse.

mod attributes;
mod bodies;
mod common;
mod config;
mod environment;
mod exporter;
mod fields;
mod gen_ai;
mod kinds;
mod link;
mod messages;
mod parts;
mod request;
mod span;
mod vocabulary;

pub use config::{Otlp, collector, langfuse, phoenix};
