//! The invariants of every client: its counts of spans, runs and calls of runs add up, and agree with the server's
//! ledger.
#![expect(clippy::must_use_candidate, reason = "they assert; a caller may ignore the sums")]

use prefactor::Stats;
use prefactor_local::oracle::{Kind, Ledger, Tally};

/// Checks conservation: all that was created is accepted, lost, unknown or outstanding.
pub fn assert_conserved(stats: &Stats) {
    let settled = stats.acknowledged + stats.dropped_total() + stats.unknown;
    assert_eq!(stats.created, settled + stats.outstanding, "{stats:?}");
    let runs = stats.runs;
    assert_eq!(runs.created, runs.finished + runs.lost + runs.unknown + runs.outstanding, "{runs:?}");
    assert!(runs.started <= runs.registered && runs.registered <= runs.created, "{runs:?}");
    let calls = stats.run_calls;
    let settled = calls.acknowledged + calls.lost + calls.unknown;
    assert_eq!(calls.created, settled + calls.outstanding, "{calls:?}");
}

/// Conservation, once, and order: the account of a client against the ledger of its server.
pub fn assert_invariants(stats: &Stats, ledger: &Ledger) -> Tally {
    assert_invariants_of_all(std::slice::from_ref(stats), ledger)
}

/// As [`assert_invariants`], for all clients whose spans a server has. What one left in its spool and another took over is in the counts of both.
pub fn assert_invariants_of_all(clients: &[Stats], ledger: &Ledger) -> Tally {
    let sum = |count: fn(&Stats) -> u64| clients.iter().map(count).sum::<u64>();
    let (acknowledged, unknown) = (sum(|stats| stats.acknowledged), sum(|stats| stats.unknown));
    let tally = check(clients, ledger);
    let finished = tally.finished as u64;
    let possible = acknowledged..=acknowledged + unknown;
    assert!(possible.contains(&finished), "the server finished {finished}: {clients:?}");
    let (open, ended) = (sum(|stats| stats.runs.outstanding), sum(|stats| stats.runs.finished));
    let count = |kind| ledger.count(kind) as u64;
    assert!(sum(|stats| stats.runs.registered) <= count(Kind::Register) + open, "{clients:?}");
    assert!(sum(|stats| stats.runs.started) <= count(Kind::StartInstance) + open, "{clients:?}");
    // Runs without spans, of clients that are gone, may be in the ledger too.
    let are_all_runs = count(Kind::Register) <= sum(|stats| stats.runs.created);
    let most = ended + sum(|stats| stats.runs.unknown) + open;
    let finished = count(Kind::FinishInstance);
    assert!(!are_all_runs || finished <= most, "the server finished {finished} runs: {clients:?}");
    tally
}

/// As [`assert_invariants`], for one of several clients of a server, which may have been killed.
pub fn assert_invariants_beside_others(stats: &Stats, ledger: &Ledger) -> Tally {
    let tally = check(std::slice::from_ref(stats), ledger);
    let finished = tally.finished as u64;
    assert!(stats.acknowledged <= finished, "the server finished {finished}: {stats:?}");
    assert!(stats.runs.registered <= ledger.count(Kind::Register) as u64, "{stats:?}");
    assert!(stats.runs.started <= ledger.count(Kind::StartInstance) as u64, "{stats:?}");
    tally
}

fn check(clients: &[Stats], ledger: &Ledger) -> Tally {
    let tally = ledger.check().unwrap_or_else(|breach| panic!("{breach}"));
    clients.iter().for_each(assert_conserved);
    // A terminated run counts as finished for its client, without a finish in the ledger.
    let terminated = ledger.requests().iter().filter(|request| request.path.ends_with("/terminate")).count();
    let most = ledger.count(Kind::FinishInstance) + terminated;
    let ended = clients.iter().map(|stats| stats.runs.finished).sum::<u64>();
    assert!(ended <= most as u64, "the server finished {most} runs: {clients:?}");
    tally
}
