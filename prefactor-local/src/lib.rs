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
//! - Spans are accepted in every state of their instance. Those of a terminated one are answered with `control`: what an
//!   agent did before it read the signal has happened, and a refusal would lose it, and more of a Python program.
//!   Termination leaves open spans open, for the agent to finish.
//! - An active span may be finished as `cancelled`; a pending one only so.
//! - A parent need not exist: a Python program names one whose create failed for all later spans of its task. The span keeps
//!   the reference; the page shows it as a root and says that its parent is not stored.
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
//!   span that comes later reopens it. [`Builder::silent_runs`], or `--silent-minutes` and `--end-hours`, set both times.
//! - A filter that nothing matches lists nothing, also an empty one (`agent_id=`).
//! - Costs use the prices that were entered on the page; a model without a price costs 0.
//! - An agent without runs can be deleted, one with runs only retired.
//!
//! # Tokens
//!
//! Any token is accepted until one is made, by `prefactor-local token --agent NAME` or `POST /api/v1/api_token`, or one is
//! prescribed by [`Builder::token`]; then wrong ones are refused. A token of an agent says whose a registration is, whatever
//! name a version gives the agent. The database keeps hashes of made tokens. It also keeps the development token that
//! [`Server::token`] gives, which opens nothing but this database and is the same after a restart.
//!
//! A prescribed token guards what the page shows as well: open [`Server::page_url`], whose fragment holds the token. The page
//! exchanges it for a cookie that scripts cannot read and that ends with the server.
//!
//! # Storage
//!
//! One thread writes and commits what waits together; reads have connections of their own. A request that comes while 1,024
//! others or 32 MiB of them wait is answered with 429 and `Retry-After`. The answer to a repeated request about a span is the
//! span as it is then: its answers are not stored. The words of new spans are indexed when the writer is idle, or at the
//! latest within a second of every batch, so a search may miss the newest while much arrives.
//! Files are created readable by their owner only. Files of other programs, of newer versions and those that another server
//! has open are refused before anything is changed in them. Nothing is deleted unless [`Builder::keep_for`] or
//! [`Builder::keep_bytes`] asks for it.
//!
//! # Command line
//!
//! Without a command the binary serves. `runs`, `show`, `tail`, `export`, `import`, `terminate`, `token` and `doctor` ask a
//! server: that of `--url`, the one that has `--database` open, or one that they start for the file. `--json` makes each
//! print JSON, errors included; `--help` lists the options. Where standard error is a terminal, work that takes long shows how
//! far it is. `docs/json-lines.md` describes what is exported and imported.
//!
//! # From containers
//!
//! `prefactor-local --listen 0.0.0.0 --allow-host host.docker.internal --token T` answers a container that calls its host
//! `host.docker.internal`. Listening beyond this machine without a token is refused.
//!
//! # What keeps it safe
//!
//! By default it listens on 127.0.0.1 only. It refuses requests whose `Host` is not this machine's own name, or one that was
//! allowed, and requests whose `Origin` is another site, so that a web page cannot reach it through the developer's browser.
//! What changes something is JSON that says so (`Content-Type: application/json`, uncompressed) or has no body, which a
//! page of another site cannot send unasked. Connections, heads and bodies are bounded in number, time and size.
//! Recorded text is hostile to the page and to the terminal: it becomes text nodes, under a policy without inline
//! scripts, and is printed without control characters.
//!
//! # Features
//!
//! `schemas`, on by default, checks payloads and renders summaries. `oracle` adds the module `oracle`, for tests of clients:
//! faults on request, and a ledger of what took effect.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod app;
mod connections;
mod envelope;
mod error;
mod error_response;
mod fields;
mod fingerprint;
mod model;
#[cfg(feature = "oracle")]
#[cfg_attr(docsrs, doc(cfg(feature = "oracle")))]
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
