//! Annotated functions and manual spans, from the call to what the server stored.

mod attribute;
mod concurrency;
mod configuration;
mod instance;
mod openai_span;
mod pfid;
mod span_context;
mod support;
mod unreachable;
mod wire;
