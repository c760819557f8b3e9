//! F59: how runs hear that the platform has terminated them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::model::response;
use super::sim::{INSTANCE, SECOND, Sim, finish, start};
use crate::operation::{InstanceKey, InstanceRecord, Operation};
use crate::transport::Response;
use crate::types::agent::Agent;
use crate::types::status::SpanStatus;

#[test]
fn f59_a_termination_told_by_one_item_of_many() {
    let mut sim = Sim::proven();
    let other = Arc::new(InstanceRecord::new(InstanceKey(1), Agent::new("other")));
    sim.instance(Arc::clone(&other));
    sim.settle();
    for (instance, number) in [(INSTANCE, 1), (InstanceKey(1), 2), (INSTANCE, 3)] {
        sim.queue(Operation::StartSpan(start(instance, number, None)));
        sim.queue(Operation::FinishSpan(finish(instance, number, SpanStatus::Complete)));
    }
    sim.advance();
    let (id, request) = sim.open.remove(0);
    let Ok(Response { body, .. }) = sim.model.answer(&request) else { unreachable!() };
    let mut answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let second = super::sim::json(&request)["items"][1]["idempotency_key"].as_str().unwrap().to_owned();
    answer["outputs"][&second]["control"] = json!({ "terminate": true, "reason": "breach" });
    sim.answer_to(id, &response(200, &answer));
    assert_eq!(other.termination().unwrap().reason.as_deref(), Some("breach"));
    assert_eq!(sim.registration.termination(), None, "the signal is its instance's alone");
}

#[test]
fn f59_a_termination_told_without_saying_whose_is_asked_for() {
    let mut sim = Sim::proven();
    sim.watch();
    sim.spans(INSTANCE, 1..3);
    let (id, request) = sim.open.remove(0);
    let Ok(Response { body, .. }) = sim.model.answer(&request) else { unreachable!() };
    let mut answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    answer["control"] = json!({ "terminate": true });
    sim.answer_to(id, &response(200, &answer));
    assert_eq!(super::sim::brief(&[sim.open[0].1.clone()]), ["poll"]);
}

/// The answer with the signal got lost, and there is nothing else to say: the poll finds out.
#[test]
fn f59_a_termination_whose_answer_was_lost_is_found_by_a_poll() {
    for seconds in [1, 10, 14, 16, 29, 31] {
        let mut sim = Sim::proven();
        sim.watch();
        sim.run(SECOND * 60, |model, request, _| (Duration::ZERO, model.answer(request)));
        sim.run(SECOND * seconds, |model, request, _| (Duration::ZERO, model.answer(request)));
        sim.span(1, None);
        sim.settle();
        let terminated = sim.now;
        let mut polls = Vec::new();
        sim.run(SECOND * 31, |_, _, now| {
            polls.push(now - terminated);
            let details = json!({ "status": "success",
                "details": { "id": super::model::INSTANCE_ID, "status": "terminated", "termination_reason": "breach" } });
            (Duration::ZERO, response(200, &details))
        });
        assert!((SECOND * 15..=SECOND * 30).contains(&polls[0]), "{seconds}: {polls:?}");
        assert_eq!(sim.registration.termination().unwrap().reason.as_deref(), Some("breach"));
    }
}

#[test]
fn f59_polls_come_every_half_minute_and_not_more_often() {
    let mut sim = Sim::proven();
    sim.watch();
    let mut polls = 0;
    sim.run(SECOND * 600, |model, request, _| {
        polls += 1;
        (Duration::ZERO, model.answer(request))
    });
    assert_eq!(polls, 20);
}

/// Without anything to do, the worker has nothing to wake up for.
#[test]
fn f59_rounds_end_while_nobody_waits_for_the_end_of_a_run_and_begin_when_somebody_does() {
    for seconds in [1, 14, 16, 31, 600] {
        let mut sim = Sim::proven();
        let serve = |model: &mut super::model::Model, request: &crate::transport::Request, _| {
            (Duration::ZERO, model.answer(request))
        };
        let events = sim.run(SECOND * 600, serve);
        assert_eq!((events, sim.core.wake_at(sim.now)), (1, None), "one round after the last news");
        sim.span(1, None);
        sim.settle();
        sim.run(SECOND * seconds, serve);
        let requests = sim.model.requests;
        sim.watch();
        sim.run(SECOND * 30, serve);
        assert_eq!(sim.model.requests - requests, 1, "a poll within half a minute, {seconds}");
        assert!(sim.core.wake_at(sim.now).is_some(), "and more of them");
    }
}
