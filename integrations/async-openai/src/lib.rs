//! Model calls of [async-openai](https://docs.rs/async-openai) as spans on Prefactor.
//!
//! [`per_call`] wraps async-openai's HTTP service. Each request to a model is then a span under the current one, with
//! messages, tools, answer, tokens and cost; a stream's span lasts until the stream ends.
//!
//! ```
//! use async_openai::Client;
//! use async_openai::config::OpenAIConfig;
//! use async_openai::middleware::ReqwestService;
//!
//! let client = Client::with_config(OpenAIConfig::new().with_api_key("…"))
//!     .with_http_service(prefactor_async_openai::per_call(ReqwestService::default()));
//! ```
//!
//! async-openai's own retries are part of it: a service that is given by hand replaces them otherwise.
//!
//! # Recorded data
//!
//! | request | schema name | payload | result |
//! |---|---|---|---|
//! | `chat/completions`, `completions` | `agent:llm_call` | the request's JSON | `id`, `choices` with whole messages, also where they came in pieces |
//! | `responses` | `agent:llm_call` | the request's JSON | `id`, `status`, `output`, `incomplete_details` |
//! | `embeddings` | `agent:embeddings` | the request's JSON | how many vectors of which length |
//!
//! Requests to other addresses pass as they are. Tokens, model, provider and cost are the span's
//! [usage](prefactor_runtime::Usage); of several counts in one stream the largest is right. A stream's result has the time to
//! the first token, `time_to_first_token_ms`, and the number of events, `items`. An answer is kept up to
//! 8 MiB; the rest is read, and not kept.
//!
//! # How a span ends
//!
//! | event | status |
//! |---|---|
//! | the answer came to its end, and says so | `complete` |
//! | the server answered with an error, with any status, also 200, or with an error event in a stream | `failed` |
//! | the Responses API answered `failed`, or with an `error` | `failed` |
//! | a stream ended without its end marker | `failed` with the type `stream_truncated` |
//! | the connection or the service failed | `failed` |
//! | the call or the stream was dropped before its end marker | `cancelled` |
//!
//! async-openai reads streams ahead of its reader, on a task of its own. So a stream that is dropped after the last event has
//! arrived is `complete`, whether it was read or not.
//!
//! # For annotated functions
//!
//! A function of one's own that returns a stream of async-openai names a reader of its items by `stream(with = …)`:
//! [`chat::ChatAnswer`] and [`responses::ResponsesAnswer`] read them.
//!
//! # Versions
//!
//! Run with async-openai 0.43.0, compiled with 0.38.0 to 0.43.0.
//!
//! The oldest and the newest ones are compiled by `tests/foreign/ranges.sh async-openai`.
//!
//! # Cost
//!
//! 121 crates, and 63 s of CPU time for a debug build of all of them on two shared cores, of which 18 s are the SDK's own.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod body;
mod call;
pub mod chat;
mod error;
mod events;
mod layer;
mod request;
pub mod responses;
mod usage;
mod whole;

pub use layer::{ModelCallLayer, ModelCalls, per_attempt, per_call};

/// The name and version of this crate, as registrations have them in `agent_sdk` once a layer was added to a service.
///
/// `prefactor::ClientBuilder::sdk_entry` names the crate earlier: for runs that are registered before.
pub const SDK_ENTRY: &str = concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"));
