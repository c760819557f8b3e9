//! Annotated functions and manual spans, from the call to what the server stored.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]
#![expect(
    clippy::type_complexity,
    clippy::unused_async,
    clippy::ptr_arg,
    reason = "the test is about signatures"
)]

mod attribute;
mod baggage;
mod by_hand;
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod capture;
mod concurrency;
mod configuration;
mod errors;
mod exporters;
mod instance;
mod locks;
mod names;
mod openai_span;
mod options;
mod outcomes;
mod panic_hook;
mod pfid;
mod processors;
mod propagation;
mod registration;
mod returned;
mod run_calls;
mod sampling;
mod sampling_failures;
mod schemas;
mod scoped_streams;
mod sensitive;
mod shown_once;
mod span_context;
mod span_data;
mod sse;
mod stream_borrowed;
mod stream_items;
mod stream_reader;
mod stream_rules;
mod streams;
mod support;
mod suppression;
mod testing;
mod token;
mod unreachable;
mod unread;
mod usage_and_events;
mod wire;
