//! The oracle itself: its script, its ledger, and who waits for what is written into it.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    fault::Fault,
    ledger::{Ledger, Request},
    rule::{Rejected, Rejection, Rule},
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

    pub(super) fn fault_for(&self, request: &Request) -> Fault {
        let mut script = self.script();
        let rule = script.rules.iter_mut().find_map(|rule| rule.take(request));
        rule.unwrap_or_else(Fault::none)
    }

    /// The first item of the request that is rejected, with its place among the items.
    pub(super) fn rejection_for(&self, request: &Request) -> Option<(usize, Rejected)> {
        let mut script = self.script();
        request.items.iter().enumerate().find_map(|(place, item)| {
            let rejected = script.rejections.iter_mut().find_map(|rejection| rejection.take(item))?;
            Some((place, rejected))
        })
    }

    pub(super) fn write<T>(&self, entry: impl FnOnce(&mut Ledger) -> T) -> T {
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
