//! F05, F07, F12–F14, F18–F20: the connection is good, and the answer is wrong.

use std::time::{Duration, Instant};

use prefactor::DropReason;
use prefactor_local::oracle::{Fault, Kind, Rejection, Rule};
use serde_json::json;

use crate::case::{Case, NEVER, id, is_about, post};

#[test]
fn f05_answers_later_than_the_timeout_with_the_operation_applied_at_once() {
    const TIMEOUT: Duration = Duration::from_secs(1);
    let case = Case::with(|builder| builder.request_timeout(TIMEOUT));
    case.flush();
    case.oracle.inject(Rule::new(Fault::answered_after(NEVER)).method("POST").times(1));
    let begin = Instant::now();
    case.spans(20);
    // The answer takes an hour, so a flush that returns has stopped at its timeout.
    case.flush();
    let waited = begin.elapsed();
    assert!(waited >= TIMEOUT, "{waited:?}");
    let outcome = case.end();
    outcome.assert_all_delivered(20);
    assert!(outcome.tally.resent >= 1, "{:?}", outcome.tally);
}

#[test]
fn f07_retry_after_two_seconds_is_honoured() {
    let case = Case::new();
    case.flush();
    case.oracle.inject(Rule::new(Fault::status(429).retry_after("2")).method("POST").times(1));
    case.spans(1);
    case.flush();
    let outcome = case.end();
    outcome.assert_all_delivered(1);
    let requests = outcome.ledger.requests();
    let refused = requests.iter().position(|request| request.answered == Some(429)).unwrap();
    let pause = requests[refused + 1].arrived - requests[refused].arrived;
    assert!(pause >= Duration::from_millis(1_950), "{pause:?}");
}

#[test]
fn f12_403_for_one_instance_costs_that_instance_only() {
    let case = Case::new();
    let other = case.client.register("other");
    case.flush();
    let refused = other.id().unwrap();
    case.oracle.reject(Rejection::new(403, move |item| item.instance.as_deref() == Some(&refused)));
    for _ in 0..10 {
        other.span("test:refused").complete(&json!({}));
    }
    case.spans(100);
    case.flush();
    let outcome = case.end();
    assert_eq!((outcome.stats.created, outcome.stats.acknowledged), (110, 100), "{}", outcome.stats);
    assert_eq!(outcome.stats.dropped_total(), 10, "{}", outcome.stats);
}

#[test]
fn f13_409_on_a_finish_is_an_acknowledgement_if_the_span_is_finished() {
    let case = Case::new();
    let finished = case.open_span("test:finished");
    let path = format!("agent_spans/{}/finish", id(&finished));
    assert_eq!(post(&case.server, &path, &json!({ "status": "complete" })), 200);
    let refused = case.open_span("test:refused");
    let refused_id = id(&refused);
    case.oracle.reject(
        Rejection::new(409, move |item| is_about(item, Kind::FinishSpan, &refused_id)).code("conflict"),
    );
    finished.complete(&json!({}));
    case.flush();
    refused.complete(&json!({}));
    let outcome = case.end();
    assert_eq!((outcome.stats.created, outcome.stats.acknowledged), (2, 1), "{}", outcome.stats);
    assert_eq!(outcome.stats.dropped(DropReason::Rejected), 1);
    let resends: Vec<_> = outcome.ledger.resends().collect();
    assert_eq!(resends.len(), 2, "each is confirmed once: {resends:?}");
}

#[test]
fn f13_409_on_finishes_in_one_bulk_request() {
    let case = Case::new();
    let spans: Vec<_> = (0..10).map(|_| case.open_span("test:open")).collect();
    let ids: Vec<_> = spans.iter().map(id).collect();
    assert_eq!(
        post(&case.server, &format!("agent_spans/{}/finish", ids[3]), &json!({ "status": "complete" })),
        200
    );
    let refused = ids[6].clone();
    case.oracle
        .reject(Rejection::new(409, move |item| is_about(item, Kind::FinishSpan, &refused)).code("conflict"));
    case.oracle.inject(Rule::new(Fault::answered_after(Duration::from_millis(200))).method("POST").times(1));
    case.spans(1);
    for span in &spans {
        span.complete(&json!({}));
    }
    case.flush();
    drop(spans);
    let outcome = case.end();
    let stats = &outcome.stats;
    assert_eq!((stats.created, stats.acknowledged), (11, 10), "{stats}");
    assert_eq!(stats.dropped(DropReason::Rejected), 1, "{stats}");
    let in_bulk = |id: &String| {
        let mut bulk = outcome.ledger.requests().iter().filter(|request| request.path == "/bulk");
        bulk.any(|request| request.items.iter().any(|item| is_about(item, Kind::FinishSpan, id)))
    };
    assert!(in_bulk(&ids[3]) && in_bulk(&ids[6]), "they went in bulk");
}

#[test]
fn f14_404_on_a_finish_is_a_loss_without_another_create() {
    let case = Case::new();
    let (span, id) = {
        let span = case.open_span("test:forgotten");
        let id = id(&span);
        (span, id)
    };
    let forgotten = id.clone();
    case.oracle.reject(Rejection::new(404, move |item| is_about(item, Kind::FinishSpan, &forgotten)));
    span.complete(&json!({}));
    let outcome = case.end();
    assert_eq!(outcome.stats.dropped(DropReason::Rejected), 1, "{}", outcome.stats);
    let sends = |kind| outcome.ledger.items().filter(|item| is_about(item, kind, &id)).count();
    assert_eq!(
        (sends(Kind::CreateSpan), sends(Kind::FinishSpan)),
        (1, 2),
        "the finish with its confirmation"
    );
}

#[test]
fn f18_a_body_that_is_cut_is_an_unknown_outcome() {
    let case = Case::new();
    case.oracle.inject(Rule::new(Fault::cut(5)).method("POST").times(6));
    case.spans(100);
    let outcome = case.end();
    outcome.assert_all_delivered(100);
    assert!(outcome.tally.resent >= 6, "{:?}", outcome.tally);
}

#[test]
fn f19_an_answer_that_is_not_the_apis_is_never_a_delivery() {
    let answers = [
        ("text/html", "<html><body>Sign in</body></html>"),
        ("application/json", "{\"status\":\"succ"),
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "{\"status\":7}"),
        ("application/json", "{\"status\":\"fine\"}"),
    ];
    std::thread::scope(|scope| {
        for (kind, body) in answers {
            scope.spawn(move || {
                let case = Case::new();
                case.spans(10);
                case.flush();
                case.oracle.inject(Rule::new(Fault::body(200, kind, body)).method("POST").times(5));
                case.spans(1);
                case.flush();
                case.spans(10);
                let outcome = case.end();
                let (created, acknowledged) = (outcome.stats.created, outcome.stats.acknowledged);
                assert_eq!((created, acknowledged), (21, 21), "{body}: {}", outcome.stats);
                assert_eq!(outcome.tally.resent, 5, "{body}: no answer but the API's settles anything");
            });
        }
    });
}

#[test]
fn f20_only_what_the_answer_names_is_acknowledged() {
    let case = Case::new();
    case.oracle.inject(Rule::new(Fault::without_outputs(|place| place % 2 == 0)).path("/bulk").times(3));
    case.oracle.inject(Rule::new(Fault::with_strange_outputs()).path("/bulk").times(3));
    case.oracle.inject(Rule::new(Fault::without_outputs(|_| false)).path("/bulk").times(1));
    for _ in 0..20 {
        case.spans(100);
        case.flush();
    }
    let outcome = case.end();
    outcome.assert_all_delivered(2_000);
    let bulk = outcome.ledger.requests().iter().filter(|request| request.path == "/bulk").count();
    assert!(bulk >= 7, "{bulk} bulk requests met the faults");
    assert!(outcome.tally.resent >= 3, "{:?}", outcome.tally);
}
