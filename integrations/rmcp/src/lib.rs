//! Calls of the [Model Context Protocol](https://modelcontextprotocol.io) by [rmcp](https://docs.rs/rmcp) as spans on
//! Prefactor, on both sides and in one tree.
//!
//! # The client
//!
//! [`call`] makes a span of a call under the current one, and sends its context to the server:
//!
//! ```
//! # #[cfg(feature = "client")]
//! # mod client {
//! use rmcp::model::{CallToolRequestParams, CallToolResult};
//! use rmcp::service::{RoleClient, ServiceError};
//!
//! async fn search(client: &rmcp::Peer<RoleClient>) -> Result<CallToolResult, ServiceError> {
//!     let params = CallToolRequestParams::new("search");
//!     prefactor_rmcp::call(params, |params| client.call_tool(params)).await
//! }
//! # }
//! ```
//!
//! It works with each method of rmcp's that takes such parameters. A client over a [`SpanTransport`] records the server's
//! progress as events of the span.
//!
//! # The server
//!
//! [`SpanServer`] wraps the handler, and makes a span of each call that it answers:
//!
//! ```no_run
//! # #[cfg(feature = "server")]
//! # mod server {
//! use prefactor_rmcp::SpanServer;
//! use rmcp::{ServerHandler, ServiceExt as _};
//!
//! struct Handler;
//!
//! impl ServerHandler for Handler {}
//!
//! async fn serve(transport: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
//!     let prefactor = prefactor::init()?;
//!     let server = SpanServer::new(Handler).join_callers(&prefactor).serve(transport).await?;
//!     server.waiting().await?;
//!     Ok(())
//! }
//! # }
//! ```
//!
//! rmcp's server over HTTP takes handlers only: [`SpanHandler`] is one.
//!
//! # Kinds
//!
//! | request | client | server |
//! |---|---|---|
//! | `tools/call` | `mcp:tool_call` | `mcp:serve_tool_call` |
//! | `resources/read` | `mcp:resource` | `mcp:serve_resource` |
//! | `prompts/get` | `mcp:prompt` | `mcp:serve_prompt` |
//! | `completion/complete` | `mcp:completion` | `mcp:serve_completion` |
//!
//! Other requests pass as they are, those of the server to the client (sampling, elicitation) among them. The payload has the parameters and the result has the answer, both without `_meta`,
//! which belongs to the protocol.
//!
//! # How a span ends
//!
//! | event | status |
//! |---|---|
//! | the call was answered | `complete` |
//! | a tool's result has `isError` | `failed` with the type `tool_error` |
//! | the server answered with an error, the connection failed, the time was up | `failed` |
//! | the caller dropped the call or cancelled it | `cancelled`, with an event on the server's side |
//!
//! A call that is dropped is cancelled at the server too: rmcp tells it. The handler goes on until it looks at its token.
//!
//! # The context
//!
//! The context is in `_meta`, as `traceparent` and `tracestate`. rmcp does not write it there by itself, clients in Python do. A caller that is
//! no run of Prefactor stays a remote parent: its ids are in the span's payload, and in the run's metadata where
//! [`SpanServer::run_per_call`] makes one. For other crates of the protocol, `Context::inject` and `RemoteContext::extract` take the
//! `serde_json::Map` of a message's `_meta`.
//!
//! # Versions
//!
//! Run with rmcp 3.11.0, compiled with 3.9.0 to 3.11.0.
//!
//! The oldest and the newest ones are compiled by `tests/foreign/ranges.sh rmcp`.
//!
//! # Cost
//!
//! 72 crates, and 45 s of CPU time for a debug build of all of them on two shared cores, of which 18 s are the SDK's own.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "server")]
mod handler;
#[cfg(any(feature = "client", feature = "server"))]
mod recorded;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod spans;
#[cfg(feature = "client")]
mod transport;
#[cfg(any(feature = "client", feature = "server"))]
mod work;

#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use client::call;
#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub use handler::SpanHandler;
#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub use server::{SpanServer, notify_progress};
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use transport::SpanTransport;
#[cfg(any(feature = "client", feature = "server"))]
pub use work::{CallAnswer, CallParams};

/// The name and version of this crate, as registrations have them in `agent_sdk` once a server, a handler or a transport was wrapped, or
/// a call was made.
///
/// `prefactor::ClientBuilder::sdk_entry` names the crate earlier: for runs that are registered before.
pub const SDK_ENTRY: &str = concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"));
