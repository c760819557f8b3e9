//! The fault matrix, as far as it needs no socket: what is wrong with one item, or with one instance.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::model::{error, response};
use super::sim::{INSTANCE, SECOND, Sim, brief, finish, id};
use crate::config::settings::Identity;
use crate::operation::{InstanceKey, InstanceRecord, Operation};
use crate::transport::Response;
use crate::types::agent::Agent;
use crate::types::schema::registry::SchemaRegistry;
use crate::types::schema::span_type::SpanType;
use crate::types::schema::version::SchemaVersion;
use crate::types::stats::DropReason;
use crate::types::status::SpanStatus;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Five tries with it, as the matrix has it, and no more where the server says which item it is. Where it does not, those
/// with other items in them come first.
#[test]
fn f11b_one_poisoned_item_of_a_hundred() {
    for is_told_apart in [true, false] {
        let mut sim = Sim::proven();
        if is_told_apart {
            sim.model.refuse(|item| (item.schema_name() == "test:5").then(|| (500, error("internal_error"))));
        }
        sim.offer(0..100);
        let (mut tries, mut alone) = (0, 0);
        let mut server = |model: &mut super::model::Model, request: &crate::transport::Request, _| {
            let is_poisoned = request.body.windows(8).any(|window| window == b"\"test:5\"");
            tries += usize::from(is_poisoned);
            alone += usize::from(is_poisoned && !request.path.ends_with("/bulk"));
            if is_poisoned && !is_told_apart {
                return (MILLISECOND, Ok(Response::new(500, "")));
            }
            (MILLISECOND, model.answer(request))
        };
        // While other spans are accepted, one failing span can be told from an outage.
        for number in 200..210 {
            sim.span(number, None);
            sim.run(SECOND * 60, &mut server);
        }
        let stats = sim.stats();
        // The API's own error is a rejection. An HTML page may hide a success, so its span is unknown.
        let lost = if is_told_apart { (1, 1, 0) } else { (0, 0, 1) };
        let counts = (stats.dropped(DropReason::Rejected), stats.dropped_total(), stats.unknown);
        assert_eq!(counts, lost, "{stats:?}");
        assert_eq!(sim.model.ended(), stats.created - 1);
        assert!((5..=30).contains(&tries) && alone >= 5, "{tries} tries, {alone} of them alone");
        sim.assert_settled();
    }
}

#[test]
fn f12_one_agent_instance_is_forbidden() {
    let mut sim = Sim::proven();
    let other = Arc::new(InstanceRecord::new(InstanceKey(1), Agent::new("other")));
    sim.instance(other);
    sim.settle();
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
fn registration_that_is_refused_for_its_schemas_is_repeated_without_them() {
    let mut listed = error("validation_errors");
    listed["errors"] = json!({ "agent_schema_version": ["is invalid"] });
    listed["message"] = json!("\"strin\" is no type");
    let mut told = error("validation_errors");
    told["message"] = json!("params_schema: \"strin\" is no type");
    for refusal in [listed, told] {
        let mut schemas = SchemaRegistry::new();
        schemas.add(SpanType::new("agent:plan")).unwrap();
        let schema_version = Arc::new(SchemaVersion::new(schemas));
        let mut sim = Sim::of(Identity { schema_version, ..Identity::default() });
        let mut said = Vec::new();
        let mut server = |model: &mut super::model::Model, request: &crate::transport::Request, _| {
            if request.path.ends_with("/register") {
                let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                said.push(body["agent_schema_version"]["span_type_schemas"].as_array().unwrap().len());
                if said.last() != Some(&0) {
                    return (MILLISECOND, response(422, &refusal));
                }
            }
            (MILLISECOND, model.answer(request))
        };
        sim.run(SECOND, &mut server);
        sim.instance(Arc::new(InstanceRecord::new(InstanceKey(1), Agent::new("other"))));
        sim.run(SECOND, &mut server);
        sim.spans(INSTANCE, 0..3);
        sim.spans(InstanceKey(1), 10..13);
        sim.run(SECOND, &mut server);
        assert_eq!(said, [1, 1, 0, 0]);
        let lines: Vec<_> = sim.log.iter().filter(|line| line.contains("schemas")).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].contains("HTTP 422 validation_errors") && lines[0].contains("is no type"),
            "{lines:?}"
        );
        sim.assert_delivered();
    }
}

#[test]
fn f13_finished_already_is_finished() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.settle();
    sim.finish(1, SpanStatus::Complete);
    sim.answer_twice(&response(409, &error("invalid_action")));
    assert_eq!((sim.stats().acknowledged, sim.stats().retries), (1, 1), "nothing but the confirmation");
    sim.start(2, None);
    sim.settle();
    sim.finish(2, SpanStatus::Complete);
    sim.answer_twice(&response(409, &error("conflict")));
    assert_eq!(sim.stats().dropped(DropReason::Rejected), 1, "any other conflict is a refusal");
    assert!(sim.log.iter().any(|line| line.contains("HTTP 409 conflict")), "{:?}", sim.log);
    assert_eq!(sim.stats().retries, 2);
    sim.assert_settled();
}

/// Ten spans that have started, whose finishes then go in one bulk request; `code` says what becomes of each.
fn finished_in_bulk(code: fn(usize) -> Option<&'static str>) -> Sim {
    let mut sim = Sim::proven();
    for number in 0..10 {
        sim.start(number, None);
    }
    sim.settle();
    sim.model.refuse(move |item| {
        let place = (0..10).find(|number| item.what.ends_with("finish") && item.id == Some(&id(*number)))?;
        code(place as usize).map(|code| (409, error(code)))
    });
    for number in 0..10 {
        sim.queue(Operation::FinishSpan(finish(INSTANCE, number, SpanStatus::Complete)));
    }
    sim.advance();
    assert_eq!(sim.open.len(), 1, "one request");
    sim.settle();
    sim
}

#[test]
fn f13_finished_already_is_finished_in_bulk_as_well() {
    let codes = |place| match place {
        3 => Some("invalid_action"),
        6 => Some("conflict"),
        _ => None,
    };
    let sim = finished_in_bulk(codes);
    let stats = sim.stats();
    assert_eq!((stats.dropped(DropReason::Rejected), stats.dropped_total()), (1, 1), "{stats:?}");
    assert_eq!(stats.acknowledged, stats.created - 1);
    assert!(sim.log.iter().any(|line| line.contains("conflict")), "{:?}", sim.log);
    sim.assert_settled();
}

#[test]
fn f14_the_server_forgot_the_span() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.settle();
    sim.finish(1, SpanStatus::Cancelled);
    sim.answer_twice(&response(404, &error("not_found")));
    assert_eq!(sim.stats().dropped(DropReason::Rejected), 1);
    assert!(sim.open.is_empty(), "and is not made again");
    sim.assert_settled();
}

#[test]
fn f14_the_server_forgot_one_span_of_many() {
    let mut sim = finished_in_bulk(|place| (place == 4).then_some("not_found"));
    let stats = sim.stats();
    assert_eq!((stats.dropped(DropReason::Rejected), stats.dropped_total()), (1, 1), "{stats:?}");
    assert_eq!(stats.acknowledged, stats.created - 1);
    sim.pass(SECOND * 60);
    let made = brief(&sim.settle());
    assert_eq!(made, ["prefactor:lost complete"], "it is told of, and not made again");
    sim.assert_settled();
}

#[test]
fn f19_what_is_not_the_protocol_is_never_taken_for_delivered() {
    for body in [
        "<html>portal</html>",
        "",
        "{",
        "7",
        "[]",
        r#"{"ok":true}"#,
        r#"{"status":"success"}"#,
        r#"{"status":"success","outputs":[]}"#,
    ] {
        let mut sim = Sim::proven();
        let before = sim.stats().acknowledged;
        sim.spans(INSTANCE, 0..10);
        sim.run(SECOND * 3_600, |_, _, _| (MILLISECOND, Ok(Response::new(200, body))));
        let stats = sim.stats();
        assert_eq!((stats.acknowledged, stats.outstanding), (before, 10), "{body}: an outage, however long");
        sim.run(SECOND * 60, |model, request, _| (MILLISECOND, model.answer(request)));
        sim.assert_delivered();
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
