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
mod exchange;
mod fault;
mod item;
mod laws;
mod ledger;
mod rule;
mod wire;

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use self::rule::Rejected;
pub(crate) use self::{
    exchange::{Observer, observe},
    wire::{Ending, Fate, Listener},
};
pub use self::{
    fault::Fault,
    item::{Item, Kind},
    laws::{Breach, Tally},
    ledger::{Effect, Ledger, Request},
    rule::{Rejection, Rule},
};

/// Script and ledger of a server under test. Clones are the same oracle, and one oracle may outlive its
/// server and serve the next.
#[derive(Clone, Default)]
pub struct Oracle(Arc<Inner>);

#[derive(Default)]
struct Inner {
    script: Mutex<Script>,
    ledger: Mutex<Ledger>,
    /// Notified whenever the ledger grows.
    written: Condvar,
}

#[derive(Default)]
struct Script {
    rules: Vec<Rule>,
    rejections: Vec<Rejection>,
}

impl Oracle {
    /// An empty ledger, and no faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule. A request meets the first rule, in the order of their injection, that still wants one
    /// like it.
    pub fn inject(&self, rule: Rule) {
        self.script().rules.push(rule);
    }

    /// Lets a fault happen to the next `count` requests, whatever they are.
    pub fn next(&self, count: usize, fault: Fault) {
        self.inject(Rule::new(fault).times(count));
    }

    /// Adds a rejection of single actions.
    pub fn reject(&self, rejection: Rejection) {
        self.script().rejections.push(rejection);
    }

    /// Takes all rules and rejections away: the server is healthy again.
    pub fn heal(&self) {
        *self.script() = Script::default();
    }

    /// What has happened so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.writing().clone()
    }

    /// Waits until the ledger fulfils a condition, at most for `timeout`; tells whether it did.
    pub fn wait_until(&self, timeout: Duration, mut condition: impl FnMut(&Ledger) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        let mut ledger = self.writing();
        loop {
            if condition(&ledger) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.written.wait_timeout(ledger, left);
            ledger = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn fault_for(&self, request: &Request) -> Fault {
        let mut script = self.script();
        let rule = script.rules.iter_mut().find_map(|rule| rule.take(request));
        rule.unwrap_or_else(Fault::none)
    }

    /// The first item of the request that is rejected, with its place among the items.
    fn rejection_for(&self, request: &Request) -> Option<(usize, Rejected)> {
        let mut script = self.script();
        request.items.iter().enumerate().find_map(|(place, item)| {
            let rejected = script.rejections.iter_mut().find_map(|rejection| rejection.take(item))?;
            Some((place, rejected))
        })
    }

    fn write<T>(&self, entry: impl FnOnce(&mut Ledger) -> T) -> T {
        let written = entry(&mut self.writing());
        self.0.written.notify_all();
        written
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rules, requests) = (self.script().rules.len(), self.writing().requests().len());
        f.debug_struct("Oracle").field("rules", &rules).field("requests", &requests).finish()
    }
}
