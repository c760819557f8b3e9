//! F01, F03, F04, F06, F21–F23: connections that are refused, lost, silent or slow.

use std::time::{Duration, Instant};

use prefactor::Client;
use prefactor_local::oracle::{Fault, Kind, Rule};
use serde_json::json;

use crate::case::{Case, TIMEOUT, wait_for};
use prefactor_tests::proxy::{Flow, Plan};

#[test]
fn f01_a_server_that_is_down_at_the_start() {
    let mut case = Case::behind_proxy(|builder| builder);
    case.proxy().kill();
    let url = case.proxy().url();
    case.client = Client::builder().api_url(url).api_token(case.server.token()).build().unwrap();
    case.instance = case.client.register("tester");
    case.spans(1_000);
    case.wait_for_retries(3);
    case.proxy().restart();
    let outcome = case.end();
    outcome.assert_all_delivered(1_000);
}

#[test]
fn f03_a_server_that_is_down_for_a_while() {
    let mut case = Case::behind_proxy(|builder| builder);
    case.spans(500);
    assert!(case.oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::CreateSpan) >= 20));
    case.proxy().kill();
    case.spans(500);
    case.wait_for_retries(4);
    let before = case.oracle.ledger().requests().len();
    case.proxy().restart();
    case.spans(500);
    assert!(case.oracle.wait_until(TIMEOUT, |ledger| ledger.requests().len() > before));
    case.end().assert_all_delivered(1_500);
}

/// The time for which these clients wait for an answer that never comes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

#[test]
fn f04_a_black_hole_costs_its_timeouts_and_no_more() {
    let mut case = Case::behind_proxy(|builder| builder);
    case.proxy().plan(Plan { is_black_hole: true, ..Plan::default() });
    // With a pooled connection, the client would send the request again at once instead of waiting for the timeout.
    let (url, begin) = (case.proxy().url(), Instant::now());
    let builder = Client::builder().api_url(url).api_token(case.server.token());
    case.client = builder.request_timeout(REQUEST_TIMEOUT).build().unwrap();
    case.instance = case.client.register("tester");
    case.spans(100);
    let report = case.client.flush(Duration::from_secs(1));
    let returned = begin.elapsed();
    assert!(!report.is_complete && (report.stats.retries == 0 || returned >= REQUEST_TIMEOUT), "{report}");
    case.wait_for_retries(1);
    assert!(begin.elapsed() >= REQUEST_TIMEOUT, "{:?}", begin.elapsed());
    let before = case.oracle.ledger().requests().len();
    case.proxy().plan(Plan::default());
    assert!(case.oracle.wait_until(TIMEOUT, |ledger| ledger.requests().len() > before));
    case.end().assert_all_delivered(100);
}

#[test]
fn f06_a_slow_drip_ends_with_the_timeout_and_its_connection_with_it() {
    let mut case = Case::behind_proxy(|builder| builder.request_timeout(REQUEST_TIMEOUT));
    let drip = Plan { response: Flow::Drip(Duration::from_secs(1)), ..Plan::default() };
    case.flush();
    case.proxy().kill();
    case.proxy().plan(drip);
    case.proxy().restart();
    let (before, begin) = (case.proxy().connections(), Instant::now());
    case.spans(1);
    wait_for(|| case.proxy().connections() - before >= 2 && case.client.stats().retries >= 1);
    assert!(begin.elapsed() >= REQUEST_TIMEOUT, "{:?}", begin.elapsed());
    case.proxy().kill();
    case.proxy().plan(Plan::default());
    case.proxy().restart();
    case.end().assert_all_delivered(1);
}

#[test]
fn f21_reset_after_the_server_applied() {
    let case = Case::new();
    case.oracle.inject(Rule::new(Fault::reset().applied()).method("POST").times(6));
    case.spans(100);
    let outcome = case.end();
    outcome.assert_all_delivered(100);
    assert!(outcome.tally.resent >= 6, "{:?}", outcome.tally);
    assert_eq!(outcome.tally.instances, 1);
}

#[test]
fn f21_reset_by_the_network_before_the_first_byte_of_the_answer() {
    let mut case = Case::behind_proxy(|builder| builder);
    let reset = Plan { response: Flow::ResetAt(0), ..Plan::default() };
    case.flush();
    case.proxy().kill();
    case.proxy().next([reset; 4]);
    case.proxy().restart();
    case.spans(100);
    let outcome = case.end();
    outcome.assert_all_delivered(100);
    assert!(outcome.tally.resent >= 1, "{:?}", outcome.tally);
}

#[test]
fn f22_reset_after_each_kibibyte_of_a_request() {
    let mut case = Case::behind_proxy(|builder| builder);
    let payload = json!([1, 2, 3].map(|_| "x".repeat(8_000)));
    case.flush();
    for kibibytes in 0..24 {
        case.proxy().kill();
        case.proxy().next([Plan { request: Flow::ResetAt(kibibytes << 10), ..Plan::default() }]);
        let before = case.proxy().connections();
        case.proxy().restart();
        case.instance.span("test:long").with_default_payload(&payload).complete(&());
        case.flush();
        let used = case.proxy().connections() - before;
        assert!(used >= 2, "the first one was reset at {kibibytes} KiB");
    }
    let outcome = case.end();
    outcome.assert_all_delivered(24);
    assert_eq!(outcome.tally.resent, 0, "no request came through in full and was then lost");
}

#[test]
fn f23_connections_that_end_while_they_are_idle() {
    let case = Case::new();
    case.oracle.inject(Rule::new(Fault::close_after()));
    for _ in 0..1_000 {
        case.spans(1);
        case.flush();
    }
    case.end().assert_all_delivered(1_000);
}

#[test]
fn f23_connections_that_end_at_the_moment_of_their_reuse() {
    const ROUNDS: usize = 1_000;
    let case = Case::new();
    case.flush();
    let mut number = 0;
    case.oracle.inject(Rule::new(Fault::hang_up()).method("POST").when(move |_| {
        number += 1;
        number % 2 == 1
    }));
    for _ in 0..ROUNDS {
        case.spans(1);
        case.flush();
    }
    let outcome = case.end();
    outcome.assert_all_delivered(ROUNDS);
    assert!(outcome.stats.retries >= ROUNDS as u64, "{}", outcome.stats);
}

#[test]
fn f23_answers_that_are_lost_with_a_connection_used_before() {
    const ROUNDS: usize = 100;
    let case = Case::behind_proxy(|builder| builder);
    case.spans(1);
    case.flush();
    for _ in 0..ROUNDS {
        case.proxy.as_ref().unwrap().lose_answers(1);
        case.spans(1);
        case.flush();
    }
    let outcome = case.end();
    outcome.assert_all_delivered(1 + ROUNDS);
    assert!(outcome.tally.resent >= ROUNDS, "{:?}", outcome.tally);
}
