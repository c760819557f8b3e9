//! Programs under test: this binary run again, with one of its tests as the program.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use prefactor::{Client, ClientBuilder, Stats};
use prefactor_local::Server;
use prefactor_local::oracle::{Kind, Oracle, Tally};
use prefactor_tests::invariants::{assert_conserved, assert_invariants_beside_others};

/// The time limit of waits that end by themselves, on the slowest of machines.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A program that makes spans, and then waits to be killed.
pub(crate) struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    pub(crate) fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", &format!("restart::{name}"), "--ignored", "--nocapture"])
            .envs(variables.iter().copied())
            .env("SPOOL_PROGRAM", name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Reads its output up to a line with that end.
    pub(crate) fn wait_for(&mut self, end: &str) {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if line.trim_end().ends_with(end) {
                return;
            }
            line.clear();
        }
        panic!("it ended before it said {end:?}");
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A client of the agent of all these tests.
pub(crate) fn builder(url: &str, token: &str, spool: &Path) -> ClientBuilder {
    Client::builder().api_url(url).api_token(token).agent("spooler").spool(spool)
}

pub(crate) fn client(server: &Server, spool: &Path) -> Client {
    builder(server.url(), server.token(), spool).build().unwrap()
}

/// Shuts a client down that cannot deliver. Everything it has stays on disk, whether or not that is synced so soon.
pub(crate) fn leave(client: &Client) -> Stats {
    let stats = client.shutdown(Duration::from_millis(50)).stats;
    assert_eq!((stats.kept, stats.dropped_total(), stats.unknown), (stats.outstanding, 0, 0), "{stats:?}");
    assert_conserved(&stats);
    assert_eq!((stats.runs.lost, stats.runs.unknown), (0, 0), "{stats:?}");
    stats
}

/// Shuts a client down after it has delivered everything. A shutdown does not wait for adopted journals, which stay on
/// disk.
pub(crate) fn shut_down(client: &Client) -> Stats {
    wait_until("all to be settled", || {
        let stats = client.stats();
        stats.outstanding + stats.runs.outstanding + stats.run_calls.outstanding == 0
    });
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    assert_conserved(&report.stats);
    report.stats
}

/// Shuts a client down, and checks its account against the ledger, where other processes report too or were killed.
pub(crate) fn end(client: &Client, oracle: &Oracle) -> Tally {
    assert_invariants_beside_others(&shut_down(client), &oracle.ledger())
}

pub(crate) fn server() -> (Oracle, Server) {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    (oracle, server)
}

/// Waits until `count` spans and runs are finished on the server.
pub(crate) fn wait_for_finished(oracle: &Oracle, runs: usize) {
    let is_there = oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::FinishInstance) >= runs);
    assert!(is_there, "{:?}", oracle.ledger().effects());
}

pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < TIMEOUT, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Returns the files in the directory and below it, except for the locks.
pub(crate) fn files(spool: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(spool).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.file_name() != "lock" {
            found.push(entry.path().to_string_lossy().into_owned());
        }
    }
    found
}
