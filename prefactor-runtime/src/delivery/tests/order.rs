//! The order of calls, and the effect of each answer.

use std::time::Duration;

use super::model::{INSTANCE_ID, error, response, success};
use super::sim::{SECOND, Sim, brief, json};
use crate::transport::{Method, Response, SendError};
use crate::types::stats::DropReason;
use crate::types::status::SpanStatus;

#[test]
fn registers_starts_and_then_sends_spans() {
    let mut sim = Sim::registering();
    sim.span(1, None);
    assert_eq!(brief(&sim.settle()), ["register", "start", "test:1 complete"]);
    assert!(sim.registration.id().is_some());
    sim.assert_delivered();
}

#[test]
fn joins_start_and_finish_while_both_are_queued() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.finish(1, SpanStatus::Failed);
    sim.span(2, Some(1));
    assert_eq!(brief(&sim.settle()), ["test:1 active", "[test:2 complete, finish failed]"]);
    sim.assert_delivered();
}

#[test]
fn sends_parents_before_children_and_starts_before_finishes() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.start(2, Some(1));
    sim.finish(2, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Complete);
    assert_eq!(brief(&sim.settle()), ["test:1 active", "[test:2 complete, finish complete]"]);
    sim.assert_delivered();
}

#[test]
fn tree_goes_in_one_request_in_the_order_of_its_dependencies() {
    let mut sim = Sim::proven();
    sim.start(1, None);
    for (number, parent) in [(2, 1), (3, 2), (4, 2), (5, 1)] {
        sim.span(number, Some(parent));
    }
    sim.start(6, Some(5));
    sim.finish(6, SpanStatus::Cancelled);
    sim.finish(1, SpanStatus::Complete);
    let sent = brief(&sim.settle());
    assert_eq!(sent[0], "test:1 active");
    assert_eq!(
        sent[1],
        "[test:2 complete, test:3 complete, test:4 complete, test:5 complete, test:6 active, finish cancelled, finish complete]"
    );
    sim.assert_delivered();
}

#[test]
fn repeats_the_same_bytes_until_accepted() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let first = sim.answer(Ok(Response::new(503, "")));
    assert!(sim.open.is_empty(), "it waits before it repeats");
    sim.pass(SECOND);
    let second = sim.answer(Ok(Response::new(200, "<html>")));
    sim.pass(SECOND);
    let third = sim.open[0].1.clone();
    assert!(first == second && second == third);
    sim.settle();
    assert_eq!(sim.stats().retries, 2);
    sim.assert_delivered();
}

#[test]
fn refused_span_takes_its_finish_along_and_hands_its_children_up() {
    let mut sim = Sim::active();
    sim.model.refuse(|item| (item.schema_name() == "test:2").then(|| (422, error("validation_errors"))));
    sim.start(1, None);
    sim.settle();
    sim.start(2, Some(1));
    sim.start(3, Some(2));
    sim.finish(3, SpanStatus::Complete);
    sim.serve();
    sim.start(4, Some(2));
    sim.finish(4, SpanStatus::Complete);
    sim.finish(2, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Complete);
    let parent = json(&sim.open[0].1)["details"]["parent_span_id"].clone();
    assert!(parent.is_string());
    for request in sim.settle() {
        let body = json(&request);
        for item in body["items"].as_array().unwrap_or(&vec![body.clone()]) {
            assert!(item["details"].is_null() || item["details"]["parent_span_id"] == parent);
        }
    }
    let stats = sim.stats();
    assert_eq!((stats.acknowledged, stats.dropped(DropReason::Rejected)), (3, 1));
    sim.assert_settled();
}

#[test]
fn refused_registration_costs_its_instance_only() {
    let mut sim = Sim::registering();
    sim.span(1, None);
    sim.answer_twice(&response(422, &error("validation_errors")));
    sim.span(2, None);
    let stats = sim.stats();
    assert_eq!(stats.dropped(DropReason::DependencyRejected), 2);
    sim.assert_settled();
}

#[test]
fn conflict_on_a_repeated_create_is_the_first_try_that_arrived() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, request) = sim.open.remove(0);
    let _ = sim.model.answer(&request);
    sim.model.forget_keys();
    sim.answer_to(id, &Err(SendError::unanswered("reset")));
    sim.pass(SECOND);
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn cancel_before_start_is_sent_as_cancelled_in_one_call() {
    let mut sim = Sim::active();
    sim.start_pending(1);
    sim.finish(1, SpanStatus::Cancelled);
    assert_eq!(brief(&sim.settle()), ["test:1 cancelled"]);
    sim.assert_delivered();
}

#[test]
fn refused_token_keeps_the_spans_and_is_asked_about_rarely() {
    let mut sim = Sim::active();
    sim.span(1, None);
    sim.answer(response(401, &error("bad_authtoken")));
    sim.pass(SECOND * 29);
    assert!(sim.open.is_empty());
    sim.pass(SECOND);
    sim.answer(response(401, &error("bad_authtoken")));
    sim.shutdown(SECOND * 20);
    assert_eq!(sim.open.len(), 1, "a shutdown tries once more, at once");
    sim.answer(response(401, &error("bad_authtoken")));
    assert!(sim.is_stopped, "and waits for nothing that will not come");
    assert_eq!(sim.stats().dropped(DropReason::Auth), 1);
}

#[test]
fn refused_token_is_known_before_the_first_span() {
    let mut sim = Sim::active();
    sim.core.ping();
    sim.advance();
    assert_eq!(sim.open[0].1.path, "/api/v1/ping");
    sim.answer(response(401, &error("bad_authtoken")));
    sim.span(1, None);
    assert!(sim.open.is_empty(), "nothing is sent with a token that is refused");
    sim.pass(SECOND * 30);
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn ping_without_an_answer_costs_nothing() {
    let mut sim = Sim::active();
    sim.core.ping();
    sim.advance();
    sim.answer(Ok(Response::new(503, "")));
    sim.span(1, None);
    assert_eq!(brief(&sim.settle()), ["test:1 active", "finish complete"]);
    sim.assert_delivered();
}

#[test]
fn flush_waits_for_what_came_before_it_and_for_nothing_else() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.core.flush(1, sim.now + SECOND);
    sim.start(2, None);
    assert!(sim.replies.is_empty());
    let (id, request) = sim.open.remove(0);
    let answer = sim.model.answer(&request);
    sim.answer_to(id, &answer);
    assert!(sim.replies[0].is_complete, "the second span is still under way");
    sim.core.flush(2, sim.now + SECOND);
    sim.pass(SECOND);
    assert!(!sim.replies[1].is_complete);
}

#[test]
fn shutdown_cancels_what_is_open_and_finishes_the_instance_last() {
    let mut sim = Sim::proven();
    sim.start(1, None);
    sim.start(2, Some(1));
    sim.settle();
    sim.shutdown(SECOND);
    assert_eq!(brief(&sim.settle()), ["[finish cancelled, finish cancelled]", "finish complete"]);
    assert!(sim.is_stopped && sim.replies[0].is_complete);
    sim.start(3, None);
    assert_eq!(sim.stats().dropped(DropReason::AfterShutdown), 1);
    sim.assert_settled();
}

#[test]
fn shutdown_at_its_deadline_tells_unknown_from_dropped() {
    let mut sim = Sim::proven();
    for number in 0..40 {
        sim.span(number, None);
    }
    let timeout = Duration::from_millis(10);
    sim.shutdown(timeout);
    sim.pass(timeout);
    let stats = sim.stats();
    assert_eq!((stats.unknown, stats.dropped(DropReason::ShutdownDeadline)), (1, 39));
    assert!(sim.is_stopped && !sim.replies[0].is_complete);
    sim.assert_settled();
}

#[test]
fn calls_wait_for_company_only_while_others_are_under_way_and_not_for_long() {
    let mut sim = Sim::proven();
    sim.span(1, None);
    sim.span(2, None);
    sim.span(3, None);
    assert_eq!(sim.open.len(), 1, "the first goes at once");
    let wake_at = sim.core.wake_at(sim.now).unwrap();
    sim.pass(wake_at - sim.now);
    assert_eq!(
        brief(&[sim.open[1].1.clone()]),
        ["[test:2 complete, test:3 complete, finish complete]".replace(", finish complete", "")]
    );
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn termination_signal_reaches_its_instance() {
    let mut sim = Sim::active();
    sim.start(1, None);
    let mut answer = success(&super::sim::id(1));
    answer["control"] = serde_json::json!({ "terminate": true, "reason": "breach" });
    sim.answer(response(200, &answer));
    assert_eq!(sim.registration.termination().unwrap().reason.as_deref(), Some("breach"));
}

#[test]
fn instance_that_somebody_watches_is_asked_about_when_nothing_else_is_heard() {
    let mut sim = Sim::active();
    sim.pass(SECOND * 90);
    assert!(sim.open.is_empty(), "nobody waits for the signal");
    sim.watch();
    sim.pass(SECOND * 30);
    assert_eq!((sim.open[0].1.method, &*brief(&[sim.open[0].1.clone()])[0]), (Method::Get, "poll"));
    let terminated = serde_json::json!({ "status": "success",
        "details": { "id": INSTANCE_ID, "status": "terminated", "termination_reason": "breach" } });
    sim.answer(response(200, &terminated));
    assert_eq!(sim.registration.termination().unwrap().reason.as_deref(), Some("breach"));
}

#[test]
fn polls_that_are_refused_or_lost_end_or_are_repeated() {
    let mut sim = Sim::active();
    sim.watch();
    sim.pass(SECOND * 30);
    let mut polls = 0;
    for answer in [
        Err(SendError::unanswered("reset")),
        response(403, &error("forbidden")),
        response(401, &error("bad_authtoken")),
        response(403, &error("forbidden")),
    ] {
        sim.pass(SECOND * 30);
        polls += sim.open.len();
        sim.answer(answer);
    }
    sim.pass(SECOND * 300);
    assert_eq!((polls, sim.open.len()), (4, 0));
    sim.span(1, None);
    sim.settle();
    sim.assert_delivered();
}
