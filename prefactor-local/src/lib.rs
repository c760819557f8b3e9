//! A local Prefactor-compatible server: the HTTP API on SQLite, and a page that draws the traces.
//!
//! An agent that reports to it needs two variables: [`Server::url`] as `PREFACTOR_API_URL` and [`Server::token`] as
//! `PREFACTOR_API_TOKEN`. Nothing leaves the machine.
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
//! [`Server::start`] takes a free port and keeps runs in memory, as tests need it. [`Server::builder`] sets a port, a
//! database file or a token. The binary of the same name starts a server from a shell, on port 4000.
//!
//! # The API
//!
//! The server has the whole API below `/api/v1` that the official clients, the open dashboard and the evals library
//! use; `GET /api/v1/openapi` lists it. Every answer is JSON, errors included. A request with a known idempotency key
//! (in the body, in its `details` or in the header `Idempotency-Key`) gets the first answer again. Refusals are not
//! stored, because nothing happened.
//!
//! Some parts have no use on one's own machine. `admin_user`, `admin_user_invite` and `account_integration` list
//! nothing. Everything else below them, `playground` and `account/{id}/implode` answer with a 404 that says so.
//!
//! The hosted platform's behaviour is not documented everywhere. There this server chooses as follows.
//!
//! - A registration creates the agent that it names. Without `agent_id`, an agent is known by the name under which it
//!   was created, also after a version has renamed it.
//! - A new database draws the partition of its account at random. If the first registration names an `agent_id`, the
//!   account takes that agent's partition instead. From then on it is fixed, and an `id` that a client chooses must
//!   have it.
//! - A pending instance can be finished with any status, and a start that comes afterwards is accepted: clients with
//!   several senders deliver the two in either order. A second start is refused.
//! - Spans are accepted in every state of their instance. Those of a terminated one are answered with `control`: the
//!   agent did them before it read the signal, and a refusal would lose them, and more of a Python program. Termination
//!   leaves open spans open, for the agent to finish.
//! - An active span may be finished as `cancelled`; a pending one in no other way.
//! - A parent need not exist: a Python program whose create failed names it as the parent of all later spans of its
//!   task. The span keeps the reference; the page shows it as a root and says that its parent is not stored.
//! - Instants without a zone are UTC.
//! - Quality is recorded in every state of the instance. Its name must be among the `quality_schemas` of the run.
//!   Without a name, the only one of them is meant, or `quality`.
//! - A payload that does not match its schema is stored. `payload_validation` and `result_payload_validation` of `GET
//!   /agent_spans/{id}` list the mismatches, and never quote a value. References to other documents are not followed.
//! - Summaries are rendered from Liquid templates on request. A missing value and an object are empty, the order of a
//!   loop over an object is undefined, and sensitive values are missing.
//! - A run has one raised alert of a name. Raising it again makes a new version of it.
//! - An active run that has been silent for 10 minutes gets a `silent_since`; after 24 hours it ends as `complete`. A
//!   span that comes later reopens it. [`Builder::silent_runs`], or `--silent-minutes` and `--end-hours`, set both
//!   times.
//! - A filter that matches nothing, such as an empty one (`agent_id=`), lists nothing.
//! - Costs use the prices that were entered on the page; a model without a price costs 0.
//! - An agent without runs can be deleted; one with runs can be retired.
//!
//! # Tokens
//!
//! Any token is accepted until `prefactor-local token --agent NAME` or `POST /api/v1/api_token` makes one, or
//! [`Builder::token`] prescribes one; then other tokens are refused. A token of an agent decides whose a registration
//! is, whatever name a version gives the agent. The database keeps hashes of made tokens. It also keeps the development
//! token that [`Server::token`] returns, which opens this database alone and is the same after a restart.
//!
//! A prescribed token guards the page's data as well: open [`Server::page_url`], whose fragment holds the token. The
//! page exchanges it for a cookie that scripts cannot read and that ends with the server.
//!
//! # Storage
//!
//! One thread writes, and commits all waiting requests together; reads have connections of their own. A request is
//! answered with 429 and `Retry-After` while 1,024 others or 32 MiB of them wait. Answers about spans are not stored:
//! the answer to a repeated request about a span is the span as it is then. The words of new spans are indexed when the
//! writer is idle, or at the latest within a second of every batch, so a search may miss the newest under load. Files
//! are readable by their owner only. The server refuses files of other programs, of newer versions and of other running
//! servers, and changes nothing in them. Runs are deleted only if [`Builder::keep_for`] or [`Builder::keep_bytes`] asks
//! for it.
//!
//! # Command line
//!
//! Without a command the binary serves. `runs`, `show`, `tail`, `export`, `import`, `terminate`, `token` and `doctor`
//! ask a server: that of `--url`, the one that has `--database` open, or one that they start for the file. `--json`
//! makes each print JSON, errors included; `--help` lists the options. On a terminal, long work shows its progress.
//! `docs/json-lines.md` describes the format of exports and imports.
//!
//! # From containers
//!
//! `prefactor-local --listen 0.0.0.0 --allow-host host.docker.internal --token T` answers a container that calls its host
//! `host.docker.internal`. Listening beyond this machine without a token is refused.
//!
//! # Protection
//!
//! By default the server listens on 127.0.0.1 only. It refuses requests whose `Host` is neither this machine's own name
//! nor an allowed one, and requests whose `Origin` is another site: a web page cannot reach it through the developer's
//! browser. A request that changes something is JSON with its content type (`Content-Type: application/json`,
//! uncompressed) or has no body; a page of another site cannot send that without a preflight request. Connections,
//! heads and bodies are bounded in number, time and size. Recorded text is hostile to the page and to the terminal: it
//! becomes text nodes, under a policy without inline scripts, and is printed without control characters.
//!
//! # Features
//!
//! `schemas`, on by default, checks payloads and renders summaries. `oracle` adds the module `oracle`, for tests of
//! clients: faults on request, and a ledger of effects.

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
