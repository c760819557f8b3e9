//! The fault matrix, as far as it needs no socket: what is wrong with one item, or with one instance.

use std::sync::Arc;
use std::time::Duration;

use super::model::{error, response};
use super::sim::{INSTANCE, SECOND, Sim};
use crate::agent::Agent;
use crate::operation::{InstanceKey, Registration};
use crate::stats::DropReason;
use crate::status::SpanStatus;
use crate::transport::Answer;

const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn f11b_one_poisoned_item_of_a_hundred() {
    for is_told_apart in [true, false] {
        let mut sim = Sim::proven();
        if is_told_apart {
            sim.model.refuse(|item| (item.schema_name() == "test:5").then(|| (500, error("internal_error"))));
        }
        sim.spans(INSTANCE, 0..100);
        sim.run(SECOND * 600, move |model, request, _| {
            let is_poisoned = request.body.windows(8).any(|window| window == b"\"test:5\"");
            if is_poisoned && !is_told_apart {
                return (MILLISECOND, Answer::response(500, ""));
            }
            (MILLISECOND, model.answer(request))
        });
        let stats = sim.stats();
        assert_eq!((stats.dropped(DropReason::Rejected), stats.held), (1, 0), "{stats:?}");
        assert_eq!(sim.model.ended(), stats.created - 1);
    }
}

#[test]
fn f12_one_agent_instance_is_forbidden() {
    let mut sim = Sim::proven();
    let other = Arc::new(Registration::new(InstanceKey(1), Agent::new("other")));
    sim.instance(other);
    sim.settle();
    // Alone and in bulk: the instance's spans are told by their number.
    sim.model.refuse(|item| {
        let number = item.schema_name().trim_start_matches("test:").parse::<u32>().unwrap_or(0);
        (100..200).contains(&number).then(|| (403, error("forbidden")))
    });
    let before = sim.stats().acknowledged;
    sim.spans(INSTANCE, 0..50);
    sim.spans(InstanceKey(1), 100..150);
    sim.spans(INSTANCE, 50..90);
    sim.settle();
    assert_eq!(sim.stats().dropped(DropReason::Auth), 50);
    assert_eq!(sim.stats().acknowledged - before, 90);
    sim.spans(InstanceKey(1), 150..160);
    assert_eq!(sim.stats().dropped(DropReason::Auth), 60, "and so is what comes later");
    sim.assert_settled();
}

#[test]
fn f13_finished_already_is_finished() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.settle();
    sim.finish(1, SpanStatus::Complete);
    sim.answer(response(409, &error("invalid_action")));
    assert_eq!(sim.stats().acknowledged, 1);
    sim.start(2, None);
    sim.settle();
    sim.finish(2, SpanStatus::Complete);
    sim.answer(response(409, &error("conflict")));
    assert_eq!(sim.stats().dropped(DropReason::Rejected), 1, "any other conflict is a refusal");
    sim.assert_settled();
}

#[test]
fn f14_the_server_forgot_the_span() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.settle();
    sim.finish(1, SpanStatus::Cancelled);
    sim.answer(response(404, &error("not_found")));
    assert_eq!(sim.stats().dropped(DropReason::Rejected), 1);
    assert!(sim.open.is_empty(), "and is not made again");
    sim.assert_settled();
}

#[test]
fn f19_what_is_not_the_protocol_is_never_taken_for_delivered() {
    for body in
        ["<html>portal</html>", "", "{", "7", "[]", r#"{"ok":true}"#, r#"{"status":"success","outputs":[]}"#]
    {
        let mut sim = Sim::proven();
        let before = sim.stats().acknowledged;
        sim.spans(INSTANCE, 0..10);
        sim.run(SECOND * 3_600, |_, _, _| (MILLISECOND, Answer::response(200, body)));
        assert_eq!(sim.stats().acknowledged, before, "{body}");
        assert_eq!(sim.stats().dropped(DropReason::Protocol), 10, "{body}");
        sim.assert_settled();
    }
}

#[test]
fn f56_the_second_finish_and_the_finish_after_the_parent() {
    let mut sim = Sim::proven();
    sim.start(1, None);
    sim.start(2, Some(1));
    sim.settle();
    sim.finish(1, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Failed);
    sim.finish(2, SpanStatus::Complete);
    sim.settle();
    sim.assert_delivered();
}
