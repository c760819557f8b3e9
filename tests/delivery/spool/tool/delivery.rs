//! `deliver` sends what waits and is held by no other process, and keeps what it cannot send.

use std::process::Stdio;
use std::time::Duration;

use prefactor_local::oracle::{Fault, Kind, Rule};

use super::{deliver, killed, run};
use crate::child::{TIMEOUT, client, end, files, server, wait_for_finished, wait_until};
use crate::identity::lengths;
use crate::programs::tool;
use crate::restart::{assert_died, start};

#[test]
fn deliver_sends_what_killed_processes_left_without_their_agent() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 3);
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("33 spans delivered\n", Some(0)));
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (33, 33, 3));
    assert_died(&oracle.ledger());
    assert_eq!(files(spool.path()), Vec::<String>::new());
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("0 spans delivered\n", Some(0)), "there is nothing to be done twice");
}

#[test]
fn f42_ends_of_what_was_cut_off_are_written_once_however_many_processes_take_it_over() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 1);
    oracle.inject(Rule::new(Fault::status(503)));
    for _ in 0..3 {
        let client = client(&server, spool.path());
        wait_until("the journal to be taken over", || client.stats().adopted == 11);
        drop(client.shutdown(Duration::ZERO));
        drop(client);
        let mut inspect = tool();
        inspect.arg("inspect").arg(spool.path());
        let (text, _) = run(inspect);
        assert!(
            text.contains("  11 spans, 1 run, 25 operations, "),
            "23, and an end of the span and of the run: {text}"
        );
    }
    oracle.heal();
    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    assert_eq!(end(&next, &oracle).finished, 11);
    assert_died(&oracle.ledger());
}

#[test]
fn deliver_leaves_to_a_process_that_lives_what_it_holds() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let alive = start(server.url(), server.token(), spool.path());
    let held = lengths(spool.path());
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.starts_with("0 spans delivered\n") && text.contains("is held by a running process"),
        "{text}"
    );
    assert!(
        held.iter().all(|file| lengths(spool.path()).iter().any(|now| now.0 == file.0 && now.1 >= file.1))
    );
    alive.kill();
    oracle.heal();
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
    assert_eq!(oracle.ledger().check().unwrap().finished, 11);
}

#[test]
fn two_that_deliver_at_once_and_an_agent_beside_them_send_each_span_once() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 4);
    let tools: Vec<_> =
        (0..2).map(|_| deliver(&server, spool.path(), &[]).stdout(Stdio::null()).spawn().unwrap()).collect();
    let agent = client(&server, spool.path());
    for mut tool in tools {
        assert!(tool.wait().unwrap().success());
    }
    wait_for_finished(&oracle, 4);
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (44, 44, 4));
    end(&agent, &oracle);
}

#[test]
fn deliver_keeps_what_is_of_another_server_or_token_and_says_what_to_do() {
    let (spool, (oracle, own)) = (tempfile::tempdir().unwrap(), server());
    let (other_oracle, other) = server();
    killed(&oracle, &own, spool.path(), 1);
    let kept = lengths(spool.path());
    let (text, code) = run(deliver(&other, spool.path(), &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is of another server: set PREFACTOR_API_URL"), "{text}");
    let mut stranger = deliver(&own, spool.path(), &[]);
    stranger.env("PREFACTOR_API_TOKEN", "another-token");
    let (text, code) = run(stranger);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is written with another token: set PREFACTOR_API_TOKEN"), "{text}");
    assert_eq!(lengths(spool.path()), kept);
    assert_eq!(oracle.ledger().count(Kind::Register) + other_oracle.ledger().count(Kind::Register), 0);

    let mut renewed = deliver(&own, spool.path(), &["--renewed-token"]);
    renewed.env("PREFACTOR_API_TOKEN", "another-token");
    let (text, code) = run(renewed);
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
}

#[test]
fn deliver_gives_up_on_a_server_that_stays_away_and_loses_nothing() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 1);
    oracle.inject(Rule::new(Fault::status(503)));
    let (text, code) = run(deliver(&server, spool.path(), &["--idle-timeout", "0.2"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("0 spans delivered") && text.contains("is left: "), "{text}");
    oracle.heal();
    oracle.inject(Rule::new(Fault::answered_after(Duration::from_secs(3_600))));
    let mut killed = deliver(&server, spool.path(), &[]).stdout(Stdio::null()).spawn().unwrap();
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::Register) > 0));
    killed.kill().unwrap();
    killed.wait().unwrap();
    oracle.heal();
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (11, 11, 1));
}
