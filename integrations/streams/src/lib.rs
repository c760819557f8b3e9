//! Readers of model clients' streams, for functions with `#[span]` that return such streams.
//!
//! Most clients end a stream silently when an answer breaks off, begin it with items that hold nothing, or send a request
//! again in the midst of it. Each client's module has an `Answer`, which reads its items for the attribute's `stream(with = …)`:
//! where the answer ends, its text, and its usage.
//!
//! | client, tried with | feature and module | end marker |
//! |---|---|---|
//! | genai 0.7.2 | `genai` | `End`, unless an `Err` came |
//! | rig 0.44.0 | `rig` | `FinalResponse` |
//! | ollama-rs 0.3.6 | `ollama-rs`, module `ollama` | the item with `done` |
//! | async-anthropic 0.6.0 | `async-anthropic`, module `anthropic` | `MessageStop` |
//!
//! async-openai's streams are read by `prefactor-async-openai`.
//!
//! ```
//! # #[cfg(feature = "genai")]
//! # mod example {
//! use futures_util::Stream;
//! use genai::chat::{ChatOptions, ChatRequest};
//! use prefactor::span;
//! use prefactor_streams::genai::{Answer, Item};
//!
//! #[span("agent:llm_call", skip(client), stream(with = Answer))]
//! async fn ask(
//!     client: &genai::Client,
//!     request: ChatRequest,
//! ) -> genai::Result<impl Stream<Item = Item> + use<>> {
//!     // Without this option genai says nothing of tokens.
//!     let options = ChatOptions::default().with_capture_usage(true);
//!     Ok(client.exec_chat_stream("gpt-4o-mini", request, Some(&options)).await?.stream)
//! }
//! # }
//! ```
//!
//! The attribute follows streams that are boxed or `impl Stream`; genai's `ChatStream` is a type of its own, so the function gives it
//! back as the latter.
//!
//! # Versions
//!
//! | crate | run | compiled |
//! |---|---|---|
//! | genai | 0.7.2 | 0.7.0 to 0.7.2 |
//! | rig | 0.44.0 | 0.44.0 |
//! | ollama-rs | 0.3.6 | 0.3.4 to 0.3.6 |
//! | async-anthropic | 0.6.0 | 0.6.0 |
//!
//! The oldest and the newest ones are compiled by `tests/foreign/ranges.sh streams`.
//!
//! # Cost
//!
//! The client's crates: with it there are 141 crates with genai, 111 with rig, 108 with ollama-rs and 118 with async-anthropic, and 179,
//! 178, 123 and 136 s of CPU time for a debug build of all of them on two shared cores, of which 49 s are the SDK's own. These cores take 2.7 times
//! as long for the SDK as those of the other integrations' figures.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

#[cfg(any(feature = "async-anthropic", feature = "genai", feature = "ollama-rs", feature = "rig"))]
mod answer;

#[cfg(feature = "async-anthropic")]
#[cfg_attr(docsrs, doc(cfg(feature = "async-anthropic")))]
pub mod anthropic;
#[cfg(feature = "genai")]
#[cfg_attr(docsrs, doc(cfg(feature = "genai")))]
pub mod genai;
#[cfg(feature = "ollama-rs")]
#[cfg_attr(docsrs, doc(cfg(feature = "ollama-rs")))]
pub mod ollama;
#[cfg(feature = "rig")]
#[cfg_attr(docsrs, doc(cfg(feature = "rig")))]
pub mod rig;

/// The name and version of this crate, as registrations have them in `agent_sdk` once an answer was read.
///
/// `prefactor::ClientBuilder::sdk_entry` names the crate earlier: for runs that are registered before.
pub const SDK_ENTRY: &str = concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"));
