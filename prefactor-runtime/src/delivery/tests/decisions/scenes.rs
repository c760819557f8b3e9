//! Calls under way, each with what is known of it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::model::{INSTANCE_ID, error, response};
use super::super::sim::{INSTANCE, SECOND, Sim, finish, start};
use crate::config::settings::Identity;
use crate::delivery::policy::decision::{Kind, Via};
use crate::operation::{InstanceRecord, Operation};
use crate::transport::{SendError, SendResult};
use crate::types::agent::Agent;
use crate::types::registration::{Attached, Registration};
use crate::types::schema::registry::SchemaRegistry;
use crate::types::schema::span_type::SpanType;
use crate::types::schema::version::SchemaVersion;
use crate::types::status::{InstanceStatus, SpanStatus};

/// A call under way: the oldest open request, or an item of it. What follows it is queued. Where it is not proven that the API
/// takes such items in bulk requests, it is the first, else the last.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) kind: Kind,
    pub(super) via: Via,
    pub(super) make: fn() -> Sim,
    /// Whether the server has done what the call says, where it answers that it is done or exists.
    pub(super) has_arrived: bool,
}

const fn alone(kind: Kind, make: fn() -> Sim) -> Scene {
    Scene { kind, via: Via::Single, make, has_arrived: !matches!(kind, Kind::CreateSpan) }
}

const fn in_bulk(kind: Kind, make: fn() -> Sim) -> Scene {
    Scene { via: Via::Bulk, ..alone(kind, make) }
}

const fn arrived(scene: Scene, has_arrived: bool) -> Scene {
    Scene { has_arrived, ..scene }
}

pub(super) const OF_RUNS: [Scene; 6] = [
    alone(Kind::Ping, ping),
    alone(Kind::Poll, poll),
    alone(Kind::Register, register),
    alone(Kind::Start, start_of_run),
    alone(Kind::Note, note),
    alone(Kind::Finish, finish_of_run),
];

pub(super) const OF_SPANS: [Scene; 4] = [
    alone(Kind::CreateSpan, create),
    alone(Kind::FinishSpan, || finished(Sim::proven(), SpanStatus::Complete)),
    in_bulk(Kind::CreateSpan, || creates(Sim::proven(), [0, 1])),
    in_bulk(Kind::FinishSpan, || finishes(Sim::proven(), SpanStatus::Complete, [0, 1])),
];

/// Each differs by one fact from the scene of its kind above.
pub(super) const WITH_A_FACT: [(&str, Scene); 17] = [
    ("create, sent before", arrived(alone(Kind::CreateSpan, || again(create())), true)),
    ("note, sent before", alone(Kind::Note, || again(note()))),
    ("create as cancelled", alone(Kind::CreateSpan, || cancelled(Sim::proven()))),
    ("create as cancelled, in bulk", in_bulk(Kind::CreateSpan, cancelled_in_bulk)),
    ("cancel", arrived(alone(Kind::FinishSpan, || finished(Sim::proven(), SpanStatus::Cancelled)), false)),
    (
        "cancel, sent before",
        alone(Kind::FinishSpan, || again(finished(Sim::proven(), SpanStatus::Cancelled))),
    ),
    (
        "cancel in bulk",
        arrived(in_bulk(Kind::FinishSpan, || finishes(Sim::proven(), SpanStatus::Cancelled, [0, 1])), false),
    ),
    (
        "create without a payload",
        arrived(alone(Kind::CreateSpan, || after(create(), &refusal(413, "payload_too_large", ""))), true),
    ),
    (
        "finish without a payload",
        alone(Kind::FinishSpan, || {
            after(finished(Sim::proven(), SpanStatus::Complete), &refusal(413, "payload_too_large", ""))
        }),
    ),
    ("create, ids not proven", alone(Kind::CreateSpan, || one(Sim::active()))),
    (
        "create without an id",
        alone(Kind::CreateSpan, || after(one(Sim::active()), &refusal(422, "validation_errors", "id"))),
    ),
    ("create of a run of which nothing was accepted", alone(Kind::CreateSpan, first_of_run)),
    ("create in bulk, bulk not proven", in_bulk(Kind::CreateSpan, || creates(Sim::active(), [1, 0]))),
    (
        "finish in bulk, bulk not proven",
        in_bulk(Kind::FinishSpan, || finishes(Sim::active(), SpanStatus::Complete, [1, 0])),
    ),
    ("look-up of another process's run", alone(Kind::Register, look_up)),
    (
        "create in another process's run",
        alone(Kind::CreateSpan, || one(joined(Attached::Id(INSTANCE_ID.into())))),
    ),
    ("registration with types", alone(Kind::Register, with_types)),
];

/// An error of the API about a field, or about none.
pub(super) fn refusal(status: u16, code: &str, field: &str) -> SendResult {
    let mut body = error(code);
    if !field.is_empty() {
        body["errors"] = json!({ field: ["is not accepted"] });
    }
    response(status, &body)
}

fn ended(mut sim: Sim) -> Sim {
    sim.finish_instance(InstanceStatus::Complete);
    sim
}

/// The oldest request was answered so, and once more where the same bytes went at once, and went again.
fn after(mut sim: Sim, answer: &SendResult) -> Sim {
    let (id, request) = sim.open.remove(0);
    sim.answer_to(id, answer);
    if let Some(at) = sim.open.iter().position(|(_, other)| other.body == request.body) {
        let (id, _) = sim.open.remove(at);
        sim.answer_to(id, answer);
    }
    sim.pass(SECOND);
    assert_eq!(sim.open.len(), 1);
    sim
}

fn again(sim: Sim) -> Sim {
    after(sim, &Err(SendError::unanswered("reset")))
}

fn ping() -> Sim {
    let mut sim = Sim::proven();
    sim.core.ping();
    sim.advance();
    sim
}

fn poll() -> Sim {
    let mut sim = Sim::proven();
    sim.watch();
    sim.start(1, None);
    sim.settle();
    while sim.open.is_empty() {
        sim.pass(SECOND);
    }
    sim
}

fn register() -> Sim {
    let mut sim = Sim::registering();
    sim.span(1, None);
    ended(sim)
}

fn with_types() -> Sim {
    let mut schemas = SchemaRegistry::new();
    schemas.add(SpanType::new("agent:plan")).unwrap();
    let schema_version = Arc::new(SchemaVersion::new(schemas));
    let mut sim = Sim::of(Identity { schema_version, ..Identity::default() });
    sim.span(1, None);
    ended(sim)
}

fn joined(by: Attached) -> Sim {
    let mut run = Registration::new(Agent::new("test"));
    run.attached = Some(by);
    Sim::new(Identity::default(), InstanceRecord::new(INSTANCE, run))
}

fn note() -> Sim {
    let mut sim = Sim::proven();
    sim.call_of_run(900);
    ended(sim)
}

fn finish_of_run() -> Sim {
    ended(Sim::proven())
}

fn look_up() -> Sim {
    let mut sim = joined(Attached::ExternalIdentifier("of-the-caller".into()));
    sim.span(1, None);
    sim
}

fn start_of_run() -> Sim {
    let mut sim = Sim::registering();
    sim.serve();
    sim.span(1, None);
    ended(sim)
}

/// The API has refused to start the run, and nothing depends on that.
fn first_of_run() -> Sim {
    let mut sim = Sim::registering();
    sim.serve();
    sim.answer_twice(&refusal(422, "validation_errors", ""));
    one(sim)
}

fn one(mut sim: Sim) -> Sim {
    sim.span(1, None);
    ended(sim)
}

fn create() -> Sim {
    one(Sim::proven())
}

fn cancelled(mut sim: Sim) -> Sim {
    sim.start_pending(1);
    sim.finish(1, SpanStatus::Cancelled);
    ended(sim)
}

fn finished(mut sim: Sim, status: SpanStatus) -> Sim {
    sim.start(1, None);
    sim.settle();
    sim.finish(1, status);
    ended(sim)
}

/// Two creates in one request, in that order.
fn creates(mut sim: Sim, numbers: [u32; 2]) -> Sim {
    for number in numbers {
        sim.created(start(INSTANCE, number, None));
    }
    sim.advance();
    ended(sim)
}

fn cancelled_in_bulk() -> Sim {
    let mut sim = Sim::proven();
    sim.start_pending(1);
    sim.created(start(INSTANCE, 0, None));
    sim.queue(Operation::FinishSpan(finish(INSTANCE, 1, SpanStatus::Cancelled)));
    sim.advance();
    ended(sim)
}

/// Two finishes in one request, in that order.
fn finishes(mut sim: Sim, status: SpanStatus, numbers: [u32; 2]) -> Sim {
    sim.start(0, None);
    sim.start(1, None);
    sim.settle();
    for number in numbers {
        sim.queue(Operation::FinishSpan(finish(INSTANCE, number, status)));
    }
    sim.advance();
    ended(sim)
}

pub(super) const MILLISECOND: Duration = Duration::from_millis(1);
