//! The fault matrix, as far as it needs no socket: hours of outage in milliseconds.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::model::{Model, error, response};
use super::sim::{INSTANCE, SECOND, Sim, finish, json, start};
use crate::agent::Agent;
use crate::operation::{InstanceKey, Operation, Registration};
use crate::stats::DropReason;
use crate::status::SpanStatus;
use crate::transport::{Answer, Request};

const MILLISECOND: Duration = Duration::from_millis(1);

/// A server that is out of reach at first.
fn down_until(up: Instant) -> impl FnMut(&mut Model, &Request, Instant) -> (Duration, Answer) {
    move |model, request, now| {
        if now < up {
            (MILLISECOND, Answer::unknown("refused"))
        } else {
            (MILLISECOND * 5, model.answer(request))
        }
    }
}

#[test]
fn f01_down_at_the_start() {
    let mut sim = Sim::registering();
    sim.spans(INSTANCE, 0..1_000);
    sim.run(SECOND * 60, down_until(sim.now + SECOND * 20));
    sim.assert_delivered();
    assert_eq!(sim.stats().dropped_total(), 0);
}

#[test]
fn f02_never_up() {
    let mut sim = Sim::registering();
    sim.spans(INSTANCE, 0..5_000);
    let begin = sim.now;
    let tries = Rc::new(Cell::new(0));
    let count = Rc::clone(&tries);
    sim.run(SECOND * 60, move |_, _, _| {
        count.set(count.get() + 1);
        (MILLISECOND, Answer::unknown("refused"))
    });
    assert!(tries.get() <= 20, "{} tries in a minute", tries.get());
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 5, |_, _, _| (MILLISECOND, Answer::unknown("refused")));
    assert!(sim.is_stopped && sim.now - begin <= SECOND * 65);
    assert_eq!(sim.stats().dropped(DropReason::ShutdownDeadline) + sim.stats().unknown, 5_000);
    sim.assert_settled();
}

#[test]
fn f03_down_in_the_middle() {
    for outage in [SECOND * 60, SECOND * 600] {
        let mut sim = Sim::proven();
        sim.spans(INSTANCE, 0..1_000);
        let up = sim.now + outage;
        sim.run(outage, down_until(up));
        assert_eq!(sim.stats().held, 1_000);
        sim.run(SECOND * 35, down_until(up));
        sim.assert_delivered();
    }
}

#[test]
fn f05_answers_later_than_the_client_waits() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..100);
    let slow = Rc::new(Cell::new(3));
    // Applied at once; the client gives up after ten seconds.
    sim.run(SECOND * 120, move |model, request, _| {
        let answer = model.answer(request);
        let left = slow.get();
        slow.set(left.max(1) - 1);
        if left > 0 { (SECOND * 10, Answer::unknown("timed out")) } else { (MILLISECOND, answer) }
    });
    sim.assert_delivered();
}

#[test]
fn f07_a_wish_for_two_seconds_of_patience() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, _) = sim.open.remove(0);
    sim.answer_to(id, Answer::Response { status: 429, body: Vec::new(), retry_after: Some(SECOND * 2) });
    sim.pass(Duration::from_millis(1_999));
    assert!(sim.open.is_empty());
    sim.pass(MILLISECOND);
    assert_eq!(sim.open.len(), 1);
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn f08_no_wish_for_patience_is_without_bounds() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, _) = sim.open.remove(0);
    sim.answer_to(id, Answer::Response { status: 503, body: Vec::new(), retry_after: Some(Duration::MAX) });
    sim.pass(SECOND * 300);
    assert_eq!(sim.open.len(), 1);
}

#[test]
fn f09_a_burst_of_server_errors() {
    let mut tries = Vec::new();
    for client in 0..50 {
        let mut sim = Sim::proven();
        for _ in 0..client {
            sim.fraction();
        }
        sim.spans(INSTANCE, 0..100);
        let start = sim.now;
        let times = Rc::new(std::cell::RefCell::new(Vec::new()));
        let seen = Rc::clone(&times);
        sim.run(SECOND * 3_600, move |model, request, now| {
            seen.borrow_mut().push(now);
            if seen.borrow().len() <= 20 {
                (MILLISECOND, Answer::response(500, ""))
            } else {
                (MILLISECOND, model.answer(request))
            }
        });
        sim.assert_delivered();
        let times = times.borrow();
        let gaps: Vec<_> = times[..20].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps[..8].is_sorted(), "{gaps:?}");
        tries.extend(times.iter().map(|time| time.duration_since(start)));
    }
    tries.sort();
    let window = Duration::from_millis(100);
    for first in 0..tries.len() {
        let within = tries[first..].partition_point(|time| *time <= tries[first] + window);
        assert!(within * 5 <= tries.len(), "{within} of {} tries at once", tries.len());
    }
}

#[test]
fn f10_unavailable_for_ever() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..100);
    let tries = Rc::new(Cell::new(0));
    let count = Rc::clone(&tries);
    let mut server = move |_: &mut Model, _: &Request, _| {
        count.set(count.get() + 1);
        (MILLISECOND, Answer::response(503, ""))
    };
    sim.run(SECOND * 120, &mut server);
    let before = tries.get();
    sim.run(SECOND * 600, &mut server);
    assert!(
        tries.get() - before <= 20,
        "the circuit is open: {} probes in ten minutes",
        tries.get() - before
    );
}

#[test]
fn f11_a_token_that_is_renewed_after_a_minute() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..100);
    let renewed = sim.now + SECOND * 60;
    let tries = Rc::new(Cell::new(0));
    let count = Rc::clone(&tries);
    sim.run(SECOND * 120, move |model, request, now| {
        if now < renewed {
            count.set(count.get() + 1);
            return (MILLISECOND, Answer::response(401, ""));
        }
        (MILLISECOND, model.answer(request))
    });
    assert!(tries.get() <= 3, "{} tries", tries.get());
    sim.assert_delivered();
}

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
        let number = item.schema_name().trim_start_matches("test:").parse::<u16>().unwrap_or(0);
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
fn f18_half_an_answer_is_no_answer() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..10);
    let is_first = Rc::new(Cell::new(true));
    sim.run(SECOND * 10, move |model, request, _| {
        let answer = model.answer(request);
        let whole = !is_first.replace(false);
        (MILLISECOND, if whole { answer } else { Answer::unknown("the connection was closed early") })
    });
    sim.assert_delivered();
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
fn f21_reset_after_the_server_applied() {
    let mut sim = Sim::proven();
    for number in 0..20 {
        sim.start(number, None);
        sim.finish(number, [SpanStatus::Complete, SpanStatus::Cancelled][usize::from(number % 2)]);
    }
    let turn = Rc::new(Cell::new(0));
    // The model refuses a re-send with other bytes, and counts what took effect.
    sim.run(SECOND * 300, move |model, request, _| {
        let answer = model.answer(request);
        turn.set(turn.get() + 1);
        (MILLISECOND, if turn.get() % 2 == 0 { answer } else { Answer::unknown("reset") })
    });
    sim.assert_delivered();
}

#[test]
fn f23_a_connection_that_ended_costs_no_pause_the_first_time() {
    // As if the server had seen it, and as if it had not.
    for is_applied in [true, false] {
        let mut sim = Sim::proven();
        sim.spans(INSTANCE, 0..100);
        let (id, first) = sim.open.remove(0);
        if is_applied {
            sim.model.answer(&first);
        }
        sim.answer_to(id, Answer::closed("the connection was closed"));
        assert_eq!(sim.open.len(), 1, "it is sent again at once");
        assert!(sim.log.is_empty(), "{:?}", sim.log);
        let (id, second) = sim.open.remove(0);
        assert!(first == second, "with the same bytes");
        sim.answer_to(id, Answer::closed("the connection was closed"));
        assert!(sim.open.is_empty(), "the second time is a failure like others");
        assert_eq!(sim.log.len(), 1, "{:?}", sim.log);
        sim.run(SECOND * 10, |model, request, _| (MILLISECOND, model.answer(request)));
        sim.assert_delivered();
    }
}

#[test]
fn f23_connections_that_ended_together_are_made_up_for_together() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..2_000);
    let under_way: Vec<_> = sim.open.drain(..).map(|(id, _)| id).collect();
    assert_eq!(under_way.len(), 4);
    for id in under_way {
        sim.answer_to(id, Answer::closed("the connection was closed"));
    }
    assert_eq!(sim.open.len(), 4, "all are sent again at once");
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn f23_a_server_that_closes_every_connection_is_asked_once_more_and_not_more_often() {
    let mut tries = [0, 0];
    for (tries, answer) in tries.iter_mut().zip([Answer::unknown("reset"), Answer::closed("reset")]) {
        let mut sim = Sim::proven();
        sim.spans(INSTANCE, 0..500);
        let counted = Rc::new(Cell::new(0));
        let count = Rc::clone(&counted);
        sim.run(SECOND * 60, move |_, _, _| {
            count.set(count.get() + 1);
            (MILLISECOND, answer.clone())
        });
        *tries = counted.get();
    }
    let [without, with] = tries;
    assert!(
        with <= without + 1 && with <= 20,
        "{with} tries in a minute, and {without} where each costs a pause"
    );
}

#[test]
fn f33_shutdown_with_ten_thousand_operations_queued() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..5_000);
    let begin = sim.now;
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 5, |model, request, _| (MILLISECOND * 5, model.answer(request)));
    assert!(sim.is_stopped && sim.replies[0].finished);
    assert!(sim.now - begin <= SECOND * 5);
    sim.assert_delivered();
}

#[test]
fn f34_shutdown_with_a_slow_server_ends_at_its_deadline() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..5_000);
    sim.shutdown(SECOND * 5);
    // Four megabytes may be under way; each takes three seconds.
    sim.run(SECOND * 6, |model, request, _| (SECOND * 3, model.answer(request)));
    assert!(sim.is_stopped);
    let report = &sim.replies[0];
    assert_eq!(report.stats.held, 0);
    assert_eq!(
        report.stats.acknowledged + report.stats.dropped(DropReason::ShutdownDeadline) + report.stats.unknown,
        report.stats.created
    );
    sim.assert_conserved();
}

#[test]
fn f35_shutdown_while_a_request_hangs() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..10);
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 6, |_, _, _| (SECOND * 60, Answer::unknown("never")));
    let report = &sim.replies[0];
    assert_eq!(
        (report.stats.unknown, report.stats.dropped_total()),
        (10, 0),
        "apart from what was never sent"
    );
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
