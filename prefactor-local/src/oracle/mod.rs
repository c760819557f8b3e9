//! Faults on request, and a ledger of effects; for tests of clients.
//!
//! A test makes an [`Oracle`] and gives it to [`Builder::oracle`](crate::Builder::oracle). Its [`Rule`]s choose the requests
//! that a [`Fault`] happens to. Its [`Rejection`]s choose single actions, alone or as items of a bulk request. The
//! [`Ledger`] has each request and each effect, whatever answer the client got. [`Ledger::check`] fails when an effect
//! happened twice, in the wrong order, or with other bytes the second time.
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
mod request;
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
    ledger::Ledger,
    request::{Effect, Request},
    rule::{Rejection, Rule},
};
