//! A server that misbehaves as it is told and remembers what was asked of it; for tests of clients.
//!
//! An [`Oracle`] is made by the test and given to [`Builder::oracle`](crate::Builder::oracle). Its [`Rule`]s
//! choose the requests that a [`Fault`] happens to, its [`Rejection`]s choose single actions, alone or as an
//! item of a bulk request. What arrives and what takes effect is written into the [`Ledger`], whatever the
//! client is told about it: [`Ledger::check`] is the outside witness that nothing happened twice, in the
//! wrong order, or with other bytes the second time.
//!
//! ```
//! # fn main() -> Result<(), prefactor_local::Error> {
//! use prefactor_local::{Server, oracle::{Fault, Oracle, Rule}};
//!
//! let oracle = Oracle::new();
//! let server = Server::builder().oracle(&oracle).start()?;
//! // The next two creates take effect, and their answers get lost.
//! oracle.inject(Rule::new(Fault::reset().applied()).path("/agent_spans").times(2));
//! // … let the client under test send spans to `server.url()` …
//! let tally = oracle.ledger().check().expect("each span once, parents first");
//! assert_eq!(tally.finished, 0);
//! # Ok(())
//! # }
//! ```

mod answers;
mod connection;
mod fault;
mod gate;
mod handle;
mod invariants;
mod item;
mod ledger;
mod middleware;
mod rule;

pub(crate) use self::{
    connection::Intercepted,
    middleware::{Observer, observed},
};
pub use self::{
    fault::Fault,
    gate::Gate,
    handle::Oracle,
    invariants::{Breach, Tally},
    item::{Item, Kind},
    ledger::{Effect, Ledger, Request},
    rule::{Rejection, Rule},
};
