//! F59: how runs hear that the platform has terminated them.

use std::sync::Arc;

use super::model::response;
use super::sim::{INSTANCE, Sim, finish, json, start};
use crate::agent::Agent;
use crate::operation::{InstanceKey, Operation, Registration};
use crate::status::SpanStatus;
use crate::transport::Answer;

#[test]
fn f59_a_termination_told_by_one_item_of_many() {
    let mut sim = Sim::proven();
    let other = Arc::new(Registration::new(InstanceKey(1), Agent::new("other")));
    sim.instance(Arc::clone(&other));
    sim.settle();
    for (instance, number) in [(INSTANCE, 1), (InstanceKey(1), 2), (INSTANCE, 3)] {
        sim.queue(Operation::StartSpan(start(instance, number, None)));
        sim.queue(Operation::FinishSpan(finish(instance, number, SpanStatus::Complete)));
    }
    sim.advance();
    let (id, request) = sim.open.remove(0);
    let Answer::Response { body, .. } = sim.model.answer(&request) else { unreachable!() };
    let mut answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let second = json(&request)["items"][1]["idempotency_key"].as_str().unwrap().to_owned();
    answer["outputs"][&second]["control"] = serde_json::json!({ "terminate": true, "reason": "breach" });
    sim.answer_to(id, response(200, &answer));
    assert_eq!(other.termination().unwrap().reason.as_deref(), Some("breach"));
    assert_eq!(sim.registration.termination(), None, "the signal is its instance's alone");
}

#[test]
fn f59_a_termination_told_without_saying_whose_is_asked_for() {
    let mut sim = Sim::proven();
    assert_eq!(sim.registration.termination(), None); // somebody is interested
    sim.spans(INSTANCE, 1..3);
    let (id, request) = sim.open.remove(0);
    let Answer::Response { body, .. } = sim.model.answer(&request) else { unreachable!() };
    let mut answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    answer["control"] = serde_json::json!({ "terminate": true });
    sim.answer_to(id, response(200, &answer));
    assert_eq!(super::sim::brief(&[sim.open[0].1.clone()]), ["poll"]);
}
