//! The oracle: its script, its ledger, and the wait for entries of the ledger.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    fault::Fault,
    ledger::Ledger,
    request::Request,
    rule::{Rejected, Rejection, Rule},
};

/// The script and the ledger of a server under test.
///
/// Clones are the same oracle. It may outlive its server and serve the next one.
///
/// # Examples
///
/// ```
/// use prefactor_local::{Server, oracle::{Fault, Oracle}};
///
/// # fn main() -> Result<(), prefactor_local::Error> {
/// let oracle = Oracle::new();
/// let server = Server::builder().oracle(&oracle).start()?;
/// oracle.next(1, Fault::status(503));
/// // … let the client under test send spans to `server.url()` …
/// oracle.ledger().check().expect("each span once, parents first");
/// # Ok(())
/// # }
/// ```
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
    /// Makes an oracle with an empty ledger and an empty script.
    ///
    /// # Examples
    ///
    /// ```
    /// let oracle = prefactor_local::oracle::Oracle::new();
    /// assert!(oracle.ledger().requests().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule to the end of the script. A request meets the first rule that matches it and is not used up.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::reset()).path("/agent_spans").times(2));
    /// ```
    pub fn inject(&self, rule: Rule) {
        self.script().rules.push(rule);
    }

    /// Lets a fault happen to the next `count` requests of any kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::status(503));
    /// ```
    pub fn next(&self, count: usize, fault: Fault) {
        self.inject(Rule::new(fault).times(count));
    }

    /// Adds a rejection of single actions, which come alone or in bulk requests.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Kind, Oracle, Rejection};
    ///
    /// let oracle = Oracle::new();
    /// oracle.reject(Rejection::new(422, |item| item.kind == Kind::CreateSpan));
    /// ```
    pub fn reject(&self, rejection: Rejection) {
        self.script().rejections.push(rejection);
    }

    /// Removes all rules and rejections: the server is healthy again.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::status(503));
    /// oracle.heal();
    /// ```
    pub fn heal(&self) {
        *self.script() = Script::default();
    }

    /// Returns a copy of the ledger as it is now.
    ///
    /// # Examples
    ///
    /// ```
    /// let oracle = prefactor_local::oracle::Oracle::new();
    /// assert_eq!(oracle.ledger().effects().len(), 0);
    /// ```
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.writing().clone()
    }

    /// Blocks until the ledger fulfils a condition, at most for `timeout`; returns whether it did.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::Oracle};
    /// use std::time::Duration;
    ///
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let oracle = Oracle::new();
    /// let server = Server::builder().oracle(&oracle).start()?;
    /// let _ = ureq::get(format!("{}/api/v1/agent", server.url())).call();
    /// assert!(oracle.wait_until(Duration::from_secs(10), |ledger| ledger.requests().len() == 1));
    /// # Ok(())
    /// # }
    /// ```
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
