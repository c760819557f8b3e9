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
//! The whole API below `/api/v1` that the official clients, the open dashboard and the evals library use; `GET
//! /api/v1/openapi` lists it. Every answer is JSON, errors included. Answers to a repeated idempotency key (in the body, in
//! its `details` or in the header `Idempotency-Key`) are the first answer again; refusals are not remembered, because
//! nothing happened.
//!
//! A server on one's own machine has no use for some parts. `admin_user`, `admin_user_invite` and `account_integration` list
//! nothing; everything else below them, `playground` and `account/{id}/implode` answer with a 404 that says so.
//!
//! Where the hosted platform's behaviour is not documented, this server chooses as follows.
//!
//! - Agents are created by the registration that names them. Without `agent_id`, an agent is known by the name under which
//!   it was created, also after a version has renamed it.
//! - A new database draws the partition of its account at random; if the first registration names an
//!   `agent_id`, the account takes that agent's partition instead. After that it is fixed, and an `id`
//!   that a client chooses must have it.
//! - A pending instance can be finished with any status, and the start that comes afterwards is taken: clients with several
//!   senders deliver the two in either order. A second start is refused.
//! - Spans are accepted in every state of their instance. Those of a terminated one are answered with
//!   `control`; termination leaves open spans open, for the agent to finish.
//! - An active span may be finished as `cancelled`; a pending one only so.
//! - A parent need not exist. The span keeps the reference, and the page shows it as a root.
//! - Instants without a zone are UTC.
//! - Quality is recorded in every state of the instance. Its name must be among the `quality_schemas` of the run; without a
//!   name the only one of them is meant, or `quality`.
//! - A payload that does not match its schema is stored. `GET /agent_spans/{id}` tells in `payload_validation` and
//!   `result_payload_validation` what does not match, and never quotes a value. References to other documents are not
//!   followed.
//! - Summaries are rendered from Liquid templates when they are asked for. A missing value and an object are empty; the
//!   order of a loop over an object is not promised; sensitive values are missing.
//! - Alerts: raising one that is raised makes a new version of it; there is one raised alert of a name in a run.
//! - An active run of which nothing is heard for 10 minutes gets a `silent_since`; after 24 hours it ends as `complete`. A
//!   span that comes later reopens it. [`Builder::silent_runs`] sets both times.
//! - Costs use the prices that were entered on the page; a model without a price costs 0.
//! - An agent without runs can be deleted, one with runs only retired.
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
