//! Requests as spans: [`ServerLayer`] for requests that a service answers, [`ClientLayer`] for requests that it sends.
//!
//! Both work on the types of the `http` crate, so on axum, tonic and hyper alike. (reqwest's requests are types of its own: the guide
//! shows a middleware for them.) A span lasts from the request to the end of the response's **body**, so that the span of a
//! streamed answer ends when the stream does.
//!
//! ```
//! use axum::Router;
//! use axum::extract::MatchedPath;
//! use axum::routing::get;
//! use prefactor_tower::ServerLayer;
//!
//! let layer = ServerLayer::new().route(|request| {
//!     request.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned())
//! });
//! let app: Router = Router::new().route("/answer/{id}", get(|| async { "because" })).layer(layer);
//! ```
//!
//! # How a span ends
//!
//! | event | status |
//! |---|---|
//! | the body was sent to its end | `complete`; `failed` for a status of 500 or more (of 400 or more for a client) |
//! | the response says by `grpc-status` that the call failed | `failed`: any for a client, for a server those that are its own fault |
//! | the service gave an error, or the body did | `failed`, with the error |
//! | the caller went away: the future or the body was dropped before its end | `cancelled` |
//!
//! # Where the context comes from and goes to
//!
//! A client layer writes `traceparent` and `tracestate` of its span into the request's headers. A server layer reads them and keeps the caller's
//! ids in the span's payload; only with [`ServerLayer::join_callers`] do spans go into the caller's run, since headers come from
//! whoever sends them. Work that the service does, its body included, runs in the context of the request's span.
//!
//! # Versions
//!
//! | crate | run | compiled |
//! |---|---|---|
//! | http | 1.5.0 | 1.0.0 to 1.5.0 |
//! | http-body | 1.1.0 | 1.0.0 to 1.1.0 |
//! | tower-layer and tower-service | 0.3.3 | 0.3.0 to 0.3.3 |
//! | axum | 0.8.9 | |
//! | tonic | 0.14.9 | |
//! | reqwest-middleware | 0.5.2 | |
//!
//! The oldest and the newest ones are compiled by `tests/foreign/ranges.sh tower`.
//!
//! # Cost
//!
//! 32 crates, and 18 s of CPU time for a debug build of all of them on two shared cores, of which 18 s are the SDK's own.

#![forbid(unsafe_code)]

mod body;
mod client;
mod exchange;
mod response;
mod server;

pub use body::SpanBody;
pub use client::{ClientLayer, ClientService};
pub use response::ResponseFuture;
pub use server::{ServerLayer, ServerService};

/// The name and version of this crate, as registrations have them in `agent_sdk` once a layer was made.
///
/// `prefactor::ClientBuilder::sdk_entry` names the crate earlier: for runs that are registered before.
pub const SDK_ENTRY: &str = concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"));
