//! The client of the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use prefactor::{Client, ClientBuilder, ShutdownGuard};
use prefactor_local::Server;
use prefactor_local::oracle::Oracle;

use crate::case::assert_invariants;

/// A lock, because one test at a time may have the process-wide client.
static PROCESS: Mutex<()> = Mutex::new(());

pub(crate) struct Installed {
    pub(crate) oracle: Oracle,
    server: Server,
    _turn: MutexGuard<'static, ()>,
}

impl Installed {
    pub(crate) fn new() -> Self {
        let turn = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
        let oracle = Oracle::new();
        let server = Server::builder().oracle(&oracle).start().unwrap();
        Self { oracle, server, _turn: turn }
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder().api_url(self.server.url()).api_token(self.server.token())
    }

    pub(crate) fn install(&self) -> ShutdownGuard {
        self.builder().install().unwrap()
    }

    /// After the guard is gone.
    pub(crate) fn assert_all_delivered(&self, client: &Client, count: usize) {
        let stats = client.stats();
        assert_eq!((stats.created, stats.acknowledged), (count as u64, count as u64), "{stats}");
        assert_eq!(assert_invariants(&stats, &self.oracle.ledger()).finished, count);
    }
}
