//! OpenAI's traces ingest: runs and spans in OpenAI's own dashboard.

mod body;
mod clean;
mod config;
mod exporter;

pub use config::OpenAi;
