//! Rows F42 and F48: the journals of killed processes.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::time::Duration;

use prefactor_local::oracle::{Fault, Kind, Ledger, Rule};
use prefactor_tests::invariants::{assert_conserved, assert_invariants, assert_invariants_of_all};
use serde_json::json;

use crate::child::{
    Program, TIMEOUT, builder, client, end, files, leave, server, shut_down, wait_for_finished, wait_until,
};

/// Runs the program's part if the variable names it.
fn is_program(name: &str) -> bool {
    env::var("SPOOL_PROGRAM").is_ok_and(|program| program == name)
}

/// Makes a span, forks twice, and waits for its end; its children make spans too, and are killed.
#[cfg(unix)]
#[test]
#[ignore = "a program under test"]
fn forking() {
    if !is_program("forking") {
        return;
    }
    let client = program_client();
    let spooled = |spans: u32| {
        let run = client.register("spooler");
        (0..spans).for_each(|number| run.span("test:one").complete(&number));
        let report = client.flush(TIMEOUT);
        assert!(report.is_complete && report.stats.spooled == u64::from(spans), "{report:?}");
        assert_conserved(&report.stats);
        drop(run);
    };
    spooled(1);
    for spans in [10, 20] {
        match fork::fork().unwrap() {
            fork::Fork::Child => {
                spooled(spans);
                nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL).unwrap();
            }
            fork::Fork::Parent(child) => drop(fork::waitpid(child).unwrap()),
        }
    }
    println!("\nforked");
    std::thread::sleep(Duration::from_secs(3_600));
}

#[cfg(unix)]
#[test]
fn f48_forked_children_write_journals_of_their_own() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let path = spool.path().to_str().unwrap();
    let variables = [("SPOOL_URL", server.url()), ("SPOOL_TOKEN", server.token()), ("SPOOL_DIR", path)];
    let mut program = Program::start("forking", &variables);
    program.wait_for("forked");
    let journals: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let writers: BTreeSet<_> =
        journals.iter().map(|name| name.to_str().unwrap().split('-').nth(1).unwrap().to_owned()).collect();
    assert_eq!((journals.len(), writers.len()), (3, 3), "{journals:?}");
    assert!(writers.contains(&program.id().to_string()));
    program.kill();
    oracle.heal();

    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 3);
    let tally = end(&next, &oracle);
    assert_eq!((tally.spans, tally.finished, tally.instances), (31, 31, 3));
}

/// Makes a span with the spool that the environment names, and waits for its end.
#[test]
#[ignore = "a program under test"]
fn by_variable() {
    if !is_program("by_variable") {
        return;
    }
    let client = prefactor::Client::builder().agent("spooler").build().unwrap();
    client.register("spooler").span("test:one").complete(&1);
    assert!(client.flush(TIMEOUT).is_complete && client.stats().spooled == 1, "{:?}", client.stats());
    assert_conserved(&client.stats());
    println!("\nflushed");
    std::thread::sleep(Duration::from_secs(3_600));
}

#[test]
fn directory_that_the_environment_names_is_a_spool() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let variables = [
        ("PREFACTOR_API_URL", server.url()),
        ("PREFACTOR_API_TOKEN", server.token()),
        ("PREFACTOR_SPOOL_DIR", spool.path().to_str().unwrap()),
    ];
    let mut program = Program::start("by_variable", &variables);
    program.wait_for("flushed");
    program.kill();
    oracle.heal();
    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    assert_eq!(end(&next, &oracle).finished, 1);
}

fn program_client() -> prefactor::Client {
    let [url, token, spool] = ["SPOOL_URL", "SPOOL_TOKEN", "SPOOL_DIR"].map(|name| env::var(name).unwrap());
    builder(&url, &token, Path::new(&spool)).build().unwrap()
}

/// Makes ten spans within one that stays open, and waits for its end.
#[test]
#[ignore = "a program under test"]
fn open_parent() {
    if !is_program("open_parent") {
        return;
    }
    let client = program_client();
    let run = client.register("spooler");
    let parent = run.span("test:parent");
    parent.start(&json!({ "password": "hunter2", "note": "sk-abcdefghijklmnopqrstuvwxyz012345" }));
    for number in 0..10 {
        parent.in_scope(|| {
            run.span("test:child").with_default_payload(&json!({ "number": number })).complete(&1);
        });
    }
    let report = client.flush(TIMEOUT);
    assert!(report.is_complete && report.stats.spooled == 11, "{report:?}");
    assert_conserved(&report.stats);
    println!("\nflushed");
    std::thread::sleep(Duration::from_secs(3_600));
}

pub(crate) fn start(server_url: &str, token: &str, spool: &Path) -> Program {
    let variables =
        [("SPOOL_URL", server_url), ("SPOOL_TOKEN", token), ("SPOOL_DIR", spool.to_str().unwrap())];
    let mut program = Program::start("open_parent", &variables);
    program.wait_for("flushed");
    program
}

#[test]
fn f42_spans_of_a_process_that_was_killed_with_the_server_away_are_delivered_by_the_next() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    start(server.url(), server.token(), spool.path()).kill();
    assert_eq!(oracle.ledger().count(Kind::CreateSpan), 0);
    oracle.heal();

    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    wait_until("the journal to be deleted", || files(spool.path()).is_empty());
    let stats = next.stats();
    assert_eq!((stats.adopted, stats.acknowledged, stats.runs.finished), (11, 11, 1), "{stats:?}");
    let tally = end(&next, &oracle);
    assert_eq!((tally.spans, tally.finished), (11, 11));
    assert_invariants(&next.stats(), &oracle.ledger());
    assert_died(&oracle.ledger());
}

/// The open span and its run are failed, at the time of the last record.
pub(crate) fn assert_died(ledger: &Ledger) {
    let failed: Vec<_> = ledger.items().filter(|item| item.status.as_deref() == Some("failed")).collect();
    let run = ledger.effects().iter().find(|effect| effect.kind == Kind::FinishInstance).unwrap();
    assert_eq!(run.status.as_deref(), Some("failed"));
    let text = failed.iter().map(|item| item.text.to_string()).find(|text| text.contains("process_died"));
    let text = text.unwrap();
    let time = |name: &str| text.split(&format!("\"{name}\":\"")).nth(1).map(|rest| rest[..27].to_owned());
    let at = time("finished_at").or_else(|| time("timestamp")).unwrap();
    let run_end = failed.iter().find(|item| item.kind == Kind::FinishInstance).unwrap();
    assert!(run_end.text.contains(&at), "{} {at}", run_end.text);
}

#[test]
fn f42_spans_that_were_sent_without_an_answer_before_the_kill_take_effect_once() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::reset().applied()).path("/bulk"));
    oracle.inject(Rule::new(Fault::reset().applied()).path("/agent_spans"));
    let program = start(server.url(), server.token(), spool.path());
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) > 0));
    program.kill();
    oracle.heal();

    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    let tally = end(&next, &oracle);
    assert_eq!((tally.spans, tally.finished), (11, 11));
    assert!(tally.resent > 0, "the same bytes under the same keys");
}

#[test]
fn f42_open_span_that_the_server_has_is_failed_by_the_next_process() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let program = start(server.url(), server.token(), spool.path());
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) == 11));
    program.kill();
    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    let tally = end(&next, &oracle);
    assert_eq!((tally.spans, tally.finished), (11, 11));
    assert_died(&oracle.ledger());
}

#[test]
fn f48_processes_that_share_a_directory_take_over_each_journal_once() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let programs: Vec<_> = (0..4).map(|_| start(server.url(), server.token(), spool.path())).collect();
    programs.into_iter().for_each(Program::kill);
    oracle.heal();
    let alive = start(server.url(), server.token(), spool.path());
    let clients: Vec<_> = (0..3).map(|_| client(&server, spool.path())).collect();
    wait_for_finished(&oracle, 4);
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) == 55));
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished), (55, 54), "the span of the one that lives is open");
    for client in clients {
        end(&client, &oracle);
    }
    alive.kill();
}

/// The older of two journals is of a process that lives. Who took it would end its span before it looks at the other.
#[test]
fn f48_journal_of_a_process_that_lives_is_left_to_it_and_taken_over_once_it_is_killed() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let alive = start(server.url(), server.token(), spool.path());
    let journals = || -> BTreeSet<_> {
        std::fs::read_dir(spool.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let held = journals();
    start(server.url(), server.token(), spool.path()).kill();
    let left: Vec<_> = journals().difference(&held).cloned().collect();
    assert_eq!((held.len(), left.len()), (1, 1));
    oracle.heal();
    let client = client(&server, spool.path());
    wait_until("the journal of the killed process to be deleted", || !left[0].exists());
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) == 22));
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished), (22, 21), "the span of the one that lives is open");
    alive.kill();
    wait_for_finished(&oracle, 2);
    let tally = end(&client, &oracle);
    assert_eq!((tally.spans, tally.finished, tally.instances), (22, 22, 2));
}

#[test]
fn secrets_and_the_token_are_not_in_the_files() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    start(server.url(), server.token(), spool.path()).kill();
    let files = files(spool.path());
    assert!(!files.is_empty());
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        for secret in [server.token(), "hunter2", "sk-abcdefghijklmnopqrstuvwxyz012345"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

#[test]
fn shutdown_whose_deadline_comes_first_leaves_its_spans_to_the_next_client() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let first = client(&server, spool.path());
    let run = first.register("spooler");
    (0..20).for_each(|number| run.span("test:one").complete(&number));
    let stats = leave(&first);
    assert_eq!((stats.spooled, stats.kept), (20, 20), "{stats:?}");
    assert_eq!(stats.to_string(), "0 of 20 spans delivered, 20 kept in the spool");
    drop((run, first));
    oracle.heal();
    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    let all = [stats, shut_down(&next)];
    let tally = assert_invariants_of_all(&all, &oracle.ledger());
    assert_eq!((tally.spans, tally.finished), (20, 20));
    let run = oracle.ledger().effects().iter().find(|e| e.kind == Kind::FinishInstance).unwrap().clone();
    assert_eq!(run.status.as_deref(), Some("complete"), "it was ended in order");
    let [_, next] = all;
    assert_eq!((next.acknowledged, next.outstanding, next.runs.finished), (20, 0, 1), "{next:?}");
}

#[test]
fn client_whose_spans_are_delivered_leaves_no_file_behind() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let client = client(&server, spool.path());
    let run = client.register("spooler");
    (0..500).for_each(|number| run.span("test:one").complete(&number));
    let report = client.shutdown(TIMEOUT);
    assert_eq!((report.stats.acknowledged, report.stats.spooled), (500, 500), "{report:?}");
    assert_eq!(assert_invariants(&report.stats, &oracle.ledger()).finished, 500);
    assert_eq!((report.stats.runs.finished, report.stats.runs.outstanding), (1, 0), "{report:?}");
    wait_until("the journal to be deleted", || files(spool.path()).is_empty());
}

/// Spans that the sample rate leaves out are held in memory, and written to disk once one of them fails.
#[test]
fn held_spans_are_on_disk_once_they_fail_and_survive_the_process() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let builder = builder(server.url(), server.token(), spool.path());
    let first = builder.sample_rate(0.0).keep_failures(true).build().unwrap();
    let run = first.register("spooler");
    let top = run.span("held:top");
    top.start(&json!({ "question": "why?" }));
    top.child("held:good").complete(&"secret of a success");
    assert!(first.flush(TIMEOUT).is_complete);
    assert_eq!(first.stats().spooled, 0, "nothing has failed");
    top.child("held:bad").fail(&"broken");
    top.complete(&"done");
    drop((top, run));
    assert!(first.flush(TIMEOUT).is_complete);
    assert_eq!(first.stats().spooled, 2, "{:?}", first.stats());
    let written: Vec<u8> = files(spool.path()).iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let written = String::from_utf8_lossy(&written).into_owned();
    assert!(written.contains("held:bad") && written.contains("why?") && written.contains("done"));
    assert!(!written.contains("held:good") && !written.contains("secret of a success"));
    let stats = first.shutdown(Duration::from_millis(50)).stats;
    assert_eq!((stats.kept, stats.outstanding, stats.dropped_total()), (2, 2, 1), "{stats:?}");
    oracle.heal();

    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    let tally = assert_invariants_of_all(&[stats, shut_down(&next)], &oracle.ledger());
    assert_eq!((tally.spans, tally.finished, tally.instances), (2, 2, 1));
    assert_eq!((next.stats().outstanding, next.stats().runs.finished), (0, 1), "{:?}", next.stats());
}
