//! A local Prefactor-compatible server: the HTTP API on SQLite, and a page that draws the traces.
//!
//! An agent that reports to it needs two variables, [`Server::url`] as `PREFACTOR_API_URL` and
//! [`Server::token`] as `PREFACTOR_API_TOKEN`. Nothing leaves the machine.
//!
//! ```
//! # fn main() -> Result<(), prefactor_local::Error> {
//! let server = prefactor_local::Server::start()?;
//! println!("PREFACTOR_API_URL={} PREFACTOR_API_TOKEN={}", server.url(), server.token());
//! println!("traces: {}/", server.url());
//! # Ok(())
//! # }
//! ```
//!
//! [`Server::start`] takes a free port and keeps runs in memory, which is what tests want;
//! [`Server::builder`] sets a port, a database file or a token. The binary of the same name does the same
//! from a shell, on port 4000.
//!
//! # What it answers
//!
//! Under `/api/v1`: `ping`, `agent`, `agent_instance` with `register`, `start`, `finish` and `terminate`,
//! `agent_spans` with `finish`, and `bulk`. Every answer is JSON, errors included. Answers to a repeated
//! idempotency key are the first answer again; refusals are not remembered, because nothing happened.
//!
//! Where the hosted platform's behaviour is not documented, this server chooses as follows.
//!
//! - Agents are created by the registration that names them. Without `agent_id`, an agent is known by the
//!   `name` of its version.
//! - A new database draws the partition of its account at random; if the first registration names an
//!   `agent_id`, the account takes that agent's partition instead. After that it is fixed, and an `id`
//!   that a client chooses must have it.
//! - A pending instance can be finished with any status: clients with several senders may deliver the
//!   finish before the start.
//! - Spans are accepted in every state of their instance. Those of a terminated one are answered with
//!   `control`; termination leaves open spans open, for the agent to finish.
//! - An active span may be finished as `cancelled`; a pending one only so.
//! - A parent must exist in the same instance when its child arrives.
//!
//! # What keeps it safe
//!
//! It listens on 127.0.0.1 only, and refuses requests whose `Host` is not this machine's own name or whose
//! `Origin` is another site, so that a web page cannot reach it through the developer's browser. Recorded
//! text is hostile to the page: it becomes text nodes, under a policy without inline scripts.

#![forbid(unsafe_code)]

mod app;
mod connections;
mod envelope;
mod error;
mod error_response;
mod fields;
mod fingerprint;
mod model;
pub mod oracle;
mod pfid;
mod reply;
mod routes;
mod schema;
mod sensitive;
mod server;
mod signal;
mod store;
mod time;
mod tokens;

pub use self::{
    error::Error,
    server::{Account, Builder, Server},
};
