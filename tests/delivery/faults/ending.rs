//! F35, F36, F54–F56: the ends of clients and of spans.

use std::time::{Duration, Instant};

use prefactor::{Client, DropReason, span};
use prefactor_local::oracle::{Fault, Kind, Rule};
use serde_json::json;

use crate::case::{Case, NEVER, TIMEOUT, assert_invariants, wait_for};
use crate::installed::Installed;

#[test]
fn f35_a_shutdown_while_a_request_hangs_reports_it_as_unknown() {
    let case = Case::with(|builder| builder.request_timeout(NEVER));
    case.spans(10);
    case.flush();
    case.oracle.inject(Rule::new(Fault::applied_after(NEVER)));
    case.spans(1);
    assert!(case.oracle.wait_until(TIMEOUT, |ledger| ledger.sends(Kind::CreateSpan) == 11));
    let (timeout, begin) = (Duration::from_millis(500), Instant::now());
    let report = case.client.shutdown(timeout);
    assert!(begin.elapsed() >= timeout && !report.is_complete, "{report}");
    let stats = case.settle(report).stats;
    assert_eq!((stats.created, stats.acknowledged, stats.unknown), (11, 10, 1), "{stats}");
}

/// The shutdown may take an hour, and takes as long as one request.
#[test]
fn f11_a_shutdown_with_a_refused_token_ends_after_one_try() {
    let case = Case::new();
    // An HTML 401 comes from a load balancer and may go away, so the client tries on.
    case.oracle.inject(Rule::new(Fault::body(401, "text/html", "<html>sign in</html>")).times(3));
    case.spans(10);
    wait_for(|| case.client.stats().retries >= 2);
    case.oracle.inject(Rule::new(Fault::status(401)));
    let report = case.client.shutdown(NEVER);
    assert!(!report.is_complete, "{report}");
    assert_eq!(report.stats.dropped(DropReason::Auth), 10, "{report}");
    assert!(report.to_string().contains("10 dropped (auth)"), "{report}");
    let _ = case.settle(report);
}

/// An HTML page under 401 is not the API's answer: the shutdown retries, and delivers once the page is gone.
#[test]
fn f11_a_shutdown_with_a_401_that_is_not_the_apis_tries_on() {
    let case = Case::new();
    let page = Fault::body(401, "text/html", "<html>sign in</html>");
    case.oracle.inject(Rule::new(page).times(4));
    case.spans(10);
    case.end().assert_all_delivered(10);
}

fn work(count: usize) {
    for number in 0..count {
        span("test:work").with_default_payload(&json!({ "number": number })).complete(&());
    }
}

#[test]
fn f36_a_guard_that_is_dropped_at_the_end_of_a_function() {
    let process = Installed::new();
    let client = {
        let guard = process.install();
        work(100);
        guard.client().clone()
    };
    process.assert_all_delivered(&client, 100);
}

#[test]
fn f36_a_guard_that_is_dropped_by_a_question_mark() {
    fn run(process: &Installed, seen: &mut Option<Client>) -> Result<(), std::num::ParseIntError> {
        let guard = process.install();
        *seen = Some(guard.client().clone());
        work(100);
        "not a number".parse::<u8>()?;
        Ok(())
    }
    let (process, mut client) = (Installed::new(), None);
    assert!(run(&process, &mut client).is_err());
    process.assert_all_delivered(&client.unwrap(), 100);
}

#[test]
fn f36_a_guard_that_is_dropped_in_async_code_of_one_thread() {
    let process = Installed::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(async {
        let guard = process.install();
        work(100);
        tokio::task::yield_now().await;
        guard.client().clone()
    });
    process.assert_all_delivered(&client, 100);
}

#[test]
fn f54_use_after_the_shutdown_is_counted() {
    let process = Installed::new();
    let guard = process.install();
    let client = guard.client().clone();
    work(10);
    assert!(client.shutdown(TIMEOUT).is_complete);
    for _ in 0..1_000 {
        span("test:late").complete(&());
    }
    let stats = client.stats();
    assert_eq!(stats.dropped(DropReason::AfterShutdown), 1_000, "{stats}");
    assert_invariants(&stats, &process.oracle.ledger());
    drop(guard);
    let next = process.install();
    work(10);
    assert!(next.client().flush(TIMEOUT).is_complete);
    assert_eq!(next.client().stats().acknowledged, 10);
}

#[test]
fn f55_one_of_many_installations_at_once_wins() {
    let process = Installed::new();
    let start = std::sync::Barrier::new(64);
    let guards: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    process.builder().install()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = guards.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 63));
    assert!(lost.iter().all(|error| error.as_ref().is_err_and(prefactor::Error::is_already_installed)));
    work(10);
    let client = won[0].as_ref().unwrap().client().clone();
    drop(won);
    process.assert_all_delivered(&client, 10);
    drop(process.install());
}

#[test]
fn f55_clients_of_their_own_do_not_meet() {
    let cases: Vec<_> = (0..16).map(|_| Case::new()).collect();
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || {
                case.spans(50);
                let outcome = case.end();
                outcome.assert_all_delivered(50);
                assert_eq!(outcome.tally.instances, 1);
            });
        }
    });
}

#[test]
fn f56_a_span_ends_once() {
    let case = Case::new();
    let (twice, raced, parent) = (
        case.instance.span("test:twice"),
        case.instance.span("test:raced"),
        case.instance.span("test:parent"),
    );
    for span in [&twice, &raced, &parent] {
        span.start(&json!({}));
    }
    let late = parent.in_scope(|| case.instance.span("test:late"));
    late.start(&json!({}));
    for _ in 0..2 {
        twice.complete(&json!({ "first": true }));
        twice.fail(&json!({ "second": true }));
        case.flush();
    }
    let start = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            raced.complete(&json!({}));
        });
        start.wait();
        raced.cancel();
    });
    parent.complete(&json!({}));
    case.flush();
    late.complete(&json!({}));
    let ids = [&twice, &raced, &parent, &late].map(crate::case::id);
    drop((twice, raced, parent, late));
    let outcome = case.end();
    outcome.assert_all_delivered(4);
    for id in &ids {
        let ends = outcome.ledger.items().filter(|item| {
            item.id.as_ref() == Some(id) && !matches!(item.status.as_deref(), Some("active" | "pending"))
        });
        assert_eq!(ends.count(), 1, "one end was sent");
    }
    let end = outcome.ledger.effects_on(&ids[0]).last().unwrap();
    assert_eq!(end.status.as_deref(), Some("complete"), "the first one counts");
}
