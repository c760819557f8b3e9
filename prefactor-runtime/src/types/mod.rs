//! Plain types that exist with and without the feature `enabled`.

pub(crate) mod adapters;
pub(crate) mod agent;
pub(crate) mod alert;
#[cfg(feature = "api")]
pub(crate) mod api_error;
#[cfg(feature = "api")]
mod api_words;
pub(crate) mod baggage;
pub(crate) mod carrier;
pub(crate) mod error;
pub(crate) mod json;
#[cfg(feature = "enabled")]
pub(crate) mod name;
pub(crate) mod pfid;
pub(crate) mod redaction_mode;
pub(crate) mod registration;
pub(crate) mod remote_context;
pub(crate) mod schema;
pub(crate) mod sensitive;
pub(crate) mod span_data;
pub(crate) mod span_error;
pub(crate) mod span_ref;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod stream_reader;
pub(crate) mod stream_step;
pub(crate) mod traceparent;
pub(crate) mod tracestate;
pub(crate) mod usage;
