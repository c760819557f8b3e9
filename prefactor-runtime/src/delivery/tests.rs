//! The core against a scripted server, in virtual time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;

use super::core::{Action, Core};
use super::queue::Gauge;
use crate::agent::Agent;
use crate::clock::Timestamp;
use crate::config::Identity;
use crate::id::Pfid;
use crate::operation::{Account, InstanceKey, Operation, Registration, SpanFinish, SpanKey, SpanStart};
use crate::payload::{Payload, Side};
use crate::redaction::Redaction;
use crate::stats::{Counters, DropReason, Report, Stats};
use crate::status::{InstanceStatus, SpanStatus};
use crate::transport::{Answer, Request};

const SECOND: Duration = Duration::from_secs(1);
const INSTANCE_ID: &str = "013xrzp12g3nqk8n0000000000000000";
const INSTANCE: InstanceKey = InstanceKey(0);

struct Sim {
    core: Core,
    now: Instant,
    counters: Arc<Counters>,
    gauge: Arc<Gauge>,
    registration: Arc<Registration>,
    /// Sent and not answered.
    open: Vec<(u64, Request)>,
    replies: Vec<Report>,
    is_stopped: bool,
}

impl Sim {
    /// With an instance that is registered and started.
    fn active() -> Self {
        let mut sim = Self::registering();
        sim.answer_all();
        sim.answer_all();
        sim
    }

    fn registering() -> Self {
        let (counters, gauge) = (Arc::new(Counters::default()), Arc::new(Gauge::default()));
        let account = Arc::new(Account::new(None));
        let core = Core::new(
            Identity::default(),
            account,
            Arc::clone(&counters),
            Arc::clone(&gauge),
            Redaction::default(),
        );
        let registration = Arc::new(Registration::new(INSTANCE, Agent::new("test")));
        let (open, replies) = (Vec::new(), Vec::new());
        let now = Instant::now();
        let mut sim = Self {
            core,
            now,
            counters,
            gauge,
            registration: Arc::clone(&registration),
            open,
            replies,
            is_stopped: false,
        };
        sim.operation(Operation::Register(registration));
        sim.operation(Operation::StartInstance { instance: INSTANCE, at: Timestamp::now() });
        sim
    }

    fn operation(&mut self, operation: Operation) {
        self.gauge_add(&operation);
        self.core.operation(operation);
        self.advance();
    }

    fn gauge_add(&self, operation: &Operation) {
        self.gauge.add(operation.weight());
    }

    fn start(&mut self, number: u8, parent: Option<u8>) {
        self.start_as(number, parent, SpanStatus::Active);
    }

    fn start_as(&mut self, number: u8, parent: Option<u8>, status: SpanStatus) {
        self.counters.created();
        self.operation(Operation::StartSpan(SpanStart {
            instance: INSTANCE,
            key: key(number),
            parent: parent.map(key),
            schema_name: format!("test:{number}").into(),
            status,
            at: Timestamp::now(),
            payload: Payload::of(Side::default(), &serde_json::json!({ "number": number })),
        }));
    }

    fn finish(&mut self, number: u8, status: SpanStatus) {
        let (instance, key, at) = (INSTANCE, key(number), Timestamp::now());
        self.operation(Operation::FinishSpan(SpanFinish {
            instance,
            key,
            status,
            at,
            result: Payload::of(Side::default(), "done"),
        }));
    }

    fn span(&mut self, number: u8, parent: Option<u8>) {
        self.start(number, parent);
        self.finish(number, SpanStatus::Complete);
    }

    fn shutdown(&mut self, timeout: Duration) {
        self.core.shutdown(99, self.now + timeout, InstanceStatus::Complete);
        self.advance();
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.advance();
    }

    fn advance(&mut self) {
        self.core.advance(self.now);
        while let Some(action) = self.core.next_action() {
            match action {
                Action::Send { id, request } => self.open.push((id, request)),
                Action::Reply { report, .. } => self.replies.push(report),
                Action::Log { .. } => {}
                Action::Stop => self.is_stopped = true,
            }
        }
    }

    /// Answers the oldest open request.
    fn answer(&mut self, status: u16, body: &str) -> Request {
        let (id, request) = self.open.remove(0);
        self.answer_with(id, Answer::Response { status, body: body.into(), retry_after: None });
        request
    }

    fn answer_with(&mut self, id: u64, answer: Answer) {
        self.core.answer(id, answer, self.now, 0.5);
        self.advance();
    }

    /// Accepts what is open now, and returns it.
    fn answer_all(&mut self) -> Vec<Request> {
        let requests: Vec<_> = self.open.drain(..).collect();
        for (id, request) in &requests {
            self.answer_with(*id, Answer::Response { status: 200, body: accept(request), retry_after: None });
        }
        requests.into_iter().map(|(_, request)| request).collect()
    }

    /// Accepts until nothing is open, and returns it in order.
    fn settle(&mut self) -> Vec<Request> {
        let mut all = Vec::new();
        while !self.open.is_empty() {
            all.extend(self.answer_all());
        }
        all
    }

    fn stats(&self) -> Stats {
        self.counters.snapshot()
    }

    fn assert_settled(&self) {
        assert_eq!(self.stats().held, 0, "{:?}", self.stats());
        assert_eq!(self.gauge.reading(), (0, 0), "the queue's gauge");
    }
}

fn key(number: u8) -> SpanKey {
    SpanKey(Pfid::from_parts(1_000, 0, [number; 10]).unwrap())
}

fn json(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn accept(request: &Request) -> Vec<u8> {
    let id = json(request).pointer("/details/id").and_then(Value::as_str).unwrap_or(INSTANCE_ID).to_owned();
    serde_json::json!({ "status": "success", "details": { "id": id } }).to_string().into_bytes()
}

/// Requests in short: what of which span.
fn brief(requests: &[Request]) -> Vec<String> {
    let of = |request: &Request| {
        let (path, body) = (request.path.rsplit('/').next().unwrap_or_default(), json(request));
        match path {
            "agent_spans" => {
                let text =
                    |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                format!("{} {}", text("/details/schema_name"), text("/details/status"))
            }
            "finish" => format!("finish {}", body["status"].as_str().unwrap_or_default()),
            other => other.to_owned(),
        }
    };
    requests.iter().map(of).collect()
}

const REFUSED: &str = r#"{"status":"error","code":"validation_errors","message":"no"}"#;
const TAKEN: &str = r#"{"status":"error","code":"invalid_action","message":"no"}"#;

#[test]
fn registers_starts_and_then_sends_spans() {
    let mut sim = Sim::registering();
    sim.span(1, None);
    assert_eq!(brief(&sim.settle()), ["register", "start", "test:1 complete"]);
    assert_eq!(sim.stats().acknowledged, 1);
    assert_eq!(sim.registration.id(), Some(INSTANCE_ID));
    sim.assert_settled();
}

#[test]
fn joins_start_and_finish_while_both_are_queued() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.finish(1, SpanStatus::Failed);
    // The first had been sent at once; the others wait for their parent and are joined.
    sim.span(2, Some(1));
    assert_eq!(brief(&sim.settle()), ["test:1 active", "test:2 complete", "finish failed"]);
    sim.assert_settled();
}

#[test]
fn sends_parents_before_children_and_starts_before_finishes() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.start(2, Some(1));
    sim.finish(2, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Complete);
    assert_eq!(brief(&sim.answer_all()), ["test:1 active"]);
    assert_eq!(brief(&sim.answer_all()), ["test:2 complete", "finish complete"]);
    sim.assert_settled();
}

#[test]
fn repeats_the_same_bytes_until_accepted() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let first = sim.answer(503, "");
    assert!(sim.open.is_empty(), "it waits before it repeats");
    sim.pass(SECOND);
    let second = sim.answer(200, "<html>");
    sim.pass(SECOND);
    let third = sim.open[0].1.clone();
    assert!(first == second && second == third);
    sim.settle();
    assert_eq!(sim.stats().retries, 2);
    sim.assert_settled();
}

#[test]
fn a_refused_span_takes_its_finish_along_and_hands_its_children_up() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.settle();
    sim.start(2, Some(1));
    sim.start(3, Some(2));
    sim.finish(3, SpanStatus::Complete);
    sim.answer(422, REFUSED);
    sim.start(4, Some(2));
    sim.finish(4, SpanStatus::Complete);
    sim.finish(2, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Complete);
    let parent = json(&sim.open[0].1)["details"]["parent_span_id"].clone();
    assert!(parent.is_string());
    for request in sim.settle() {
        if request.path.ends_with("agent_spans") {
            assert_eq!(json(&request)["details"]["parent_span_id"], parent);
        }
    }
    let stats = sim.stats();
    assert_eq!((stats.acknowledged, stats.dropped(DropReason::Rejected)), (3, 1));
    sim.assert_settled();
}

#[test]
fn a_refused_registration_costs_its_instance_only() {
    let mut sim = Sim::registering();
    sim.span(1, None);
    sim.answer(422, REFUSED);
    sim.span(2, None);
    let stats = sim.stats();
    assert_eq!(stats.dropped(DropReason::DependencyRejected), 2);
    sim.assert_settled();
}

#[test]
fn finished_already_is_finished() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.settle();
    sim.finish(1, SpanStatus::Complete);
    sim.answer(409, TAKEN);
    assert_eq!(sim.stats().acknowledged, 1);
    sim.assert_settled();
}

#[test]
fn a_conflict_on_a_repeated_create_is_the_first_try_that_arrived() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, _) = sim.open.remove(0);
    sim.answer_with(id, Answer::Unknown { cause: "reset".into() });
    sim.pass(SECOND);
    sim.answer(409, r#"{"status":"error","code":"conflict"}"#);
    sim.settle();
    assert_eq!(sim.stats().acknowledged, 1);
    sim.assert_settled();
}

#[test]
fn cancel_before_start_is_sent_as_pending_and_then_cancelled() {
    let mut sim = Sim::active();
    sim.start_as(1, None, SpanStatus::Pending);
    sim.finish(1, SpanStatus::Cancelled);
    assert_eq!(brief(&sim.settle()), ["test:1 pending", "finish cancelled"]);
    sim.assert_settled();
}

#[test]
fn cancel_after_start_becomes_failed_where_the_api_refuses_it() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.finish(1, SpanStatus::Cancelled);
    sim.answer_all();
    let refused = sim.answer(422, REFUSED);
    let again = sim.settle().remove(0);
    assert_eq!(brief(&[refused.clone(), again.clone()]), ["finish cancelled", "finish failed"]);
    assert_eq!(json(&again)["result_payload"]["error_type"], "Cancelled");
    assert_ne!(
        json(&again)["idempotency_key"],
        json(&refused)["idempotency_key"],
        "another body, another key"
    );
    assert_eq!(sim.stats().acknowledged, 1);
    sim.assert_settled();
}

#[test]
fn ids_that_the_api_rewrites_are_used_from_then_on() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.answer(200, r#"{"status":"success","details":{"id":"theirs-1"}}"#);
    sim.start(2, Some(1));
    sim.finish(1, SpanStatus::Complete);
    assert_eq!(json(&sim.open[0].1)["details"]["parent_span_id"], "theirs-1");
    assert_eq!(sim.open[1].1.path, "/api/v1/agent_spans/theirs-1/finish");
}

#[test]
fn an_item_that_always_fails_is_given_up_while_others_pass() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.start(2, None);
    let is_poisoned =
        |request: &Request| json(request).pointer("/details/schema_name") == Some(&"test:1".into());
    for _ in 0..100 {
        sim.pass(SECOND * 30);
        for (id, request) in std::mem::take(&mut sim.open) {
            let (status, body) =
                if is_poisoned(&request) { (500, Vec::new()) } else { (200, accept(&request)) };
            sim.answer_with(id, Answer::Response { status, body, retry_after: None });
        }
        sim.finish(2, SpanStatus::Complete);
        if sim.stats().dropped(DropReason::Rejected) == 1 {
            break;
        }
    }
    let stats = sim.stats();
    assert_eq!((stats.dropped(DropReason::Rejected), stats.acknowledged, stats.held), (1, 1, 0));
}

#[test]
fn a_refused_token_keeps_the_spans_and_is_asked_about_rarely() {
    let mut sim = Sim::active();
    sim.span(1, None);
    sim.answer(401, "");
    sim.pass(SECOND * 29);
    assert!(sim.open.is_empty());
    sim.pass(SECOND);
    sim.answer(401, "");
    sim.shutdown(SECOND);
    sim.pass(SECOND);
    assert!(sim.is_stopped);
    assert_eq!(sim.stats().dropped(DropReason::Auth), 1);
}

#[test]
fn a_refused_token_is_known_before_the_first_span() {
    let mut sim = Sim::active();
    sim.core.ping();
    sim.advance();
    assert_eq!(sim.open[0].1.path, "/api/v1/ping");
    sim.answer(401, "");
    sim.span(1, None);
    assert!(sim.open.is_empty(), "nothing is sent with a token that is refused");
    sim.pass(SECOND * 30);
    sim.settle();
    sim.assert_settled();
}

#[test]
fn a_ping_without_an_answer_costs_nothing() {
    let mut sim = Sim::active();
    sim.core.ping();
    sim.advance();
    sim.answer(503, "");
    sim.span(1, None);
    assert_eq!(brief(&sim.settle()), ["test:1 active", "finish complete"]);
    sim.assert_settled();
}

#[test]
fn a_wish_for_patience_is_respected() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, _) = sim.open.remove(0);
    sim.answer_with(id, Answer::Response { status: 429, body: Vec::new(), retry_after: Some(SECOND * 2) });
    sim.pass(Duration::from_millis(1_999));
    assert!(sim.open.is_empty());
    sim.pass(Duration::from_millis(1));
    assert_eq!(sim.open.len(), 1);
}

#[test]
fn a_flush_waits_for_what_came_before_it_and_for_nothing_else() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.core.flush(1, sim.now + SECOND);
    sim.start(2, None);
    assert!(sim.replies.is_empty());
    let (id, request) = sim.open.remove(0);
    sim.answer_with(id, Answer::Response { status: 200, body: accept(&request), retry_after: None });
    assert!(sim.replies[0].finished, "the second span is still under way");
    sim.core.flush(2, sim.now + SECOND);
    sim.pass(SECOND);
    assert!(!sim.replies[1].finished);
}

#[test]
fn a_shutdown_cancels_what_is_open_and_finishes_the_instance_last() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.start(2, Some(1));
    sim.settle();
    sim.shutdown(SECOND);
    assert_eq!(brief(&sim.settle()), ["finish cancelled", "finish cancelled", "finish complete"]);
    assert!(sim.is_stopped && sim.replies[0].finished);
    sim.start(3, None);
    assert_eq!(sim.stats().dropped(DropReason::AfterShutdown), 1);
    sim.assert_settled();
}

#[test]
fn a_shutdown_at_its_deadline_tells_unknown_from_dropped() {
    let mut sim = Sim::active();
    for number in 0..40 {
        sim.span(number, None);
    }
    sim.shutdown(SECOND);
    sim.pass(SECOND);
    let stats = sim.stats();
    assert_eq!((stats.unknown, stats.dropped(DropReason::ShutdownDeadline)), (32, 8), "32 are in flight");
    assert!(sim.is_stopped && !sim.replies[0].finished);
    sim.assert_settled();
}

#[test]
fn a_termination_signal_reaches_its_instance() {
    let mut sim = Sim::active();
    sim.start(1, None);
    sim.answer(200, r#"{"status":"success","details":{},"control":{"terminate":true,"reason":"breach"}}"#);
    assert_eq!(sim.registration.termination().unwrap().reason.as_deref(), Some("breach"));
}

proptest! {
    /// Whatever callers and the server do, every span is accounted for once, and order holds.
    #[test]
    fn nothing_is_lost_in_silence(steps in proptest::collection::vec((0_u8..12, 0_u8..20, any::<u8>()), 1..120)) {
        let mut sim = Sim::registering();
        let (mut started, mut finished) = (HashSet::new(), HashSet::new());
        let mut accepted: HashSet<String> = HashSet::new();
        for (action, number, choice) in steps {
            match action {
                0..=3 => {
                    let parent = (choice % 20 < number && started.contains(&(choice % 20))).then_some(choice % 20);
                    if started.insert(number) {
                        sim.start(number, parent);
                    }
                }
                4..=6 => {
                    let statuses = [SpanStatus::Complete, SpanStatus::Failed, SpanStatus::Cancelled];
                    if started.contains(&number) && finished.insert(number) {
                        sim.finish(number, statuses[usize::from(choice) % 3]);
                    }
                }
                7 => sim.pass(Duration::from_millis(u64::from(choice) * 50)),
                _ if sim.open.is_empty() => {}
                _ => {
                    let (id, request) = sim.open.remove(usize::from(number) % sim.open.len());
                    let body = json(&request);
                    if let Some(parent) = body.pointer("/details/parent_span_id").and_then(Value::as_str) {
                        prop_assert!(accepted.contains(parent), "a child before its parent");
                    }
                    let answer = match choice % 8 {
                        0 => Answer::Unknown { cause: "reset".into() },
                        1 => Answer::Response { status: 503, body: Vec::new(), retry_after: None },
                        2 => Answer::Response { status: 422, body: REFUSED.into(), retry_after: None },
                        3 => Answer::Response { status: 200, body: b"<html>".to_vec(), retry_after: None },
                        _ => {
                            let id = body.pointer("/details/id").and_then(Value::as_str);
                            accepted.extend(id.map(str::to_owned));
                            Answer::Response { status: 200, body: accept(&request), retry_after: None }
                        }
                    };
                    sim.answer_with(id, answer);
                }
            }
            let stats = sim.stats();
            let settled = stats.acknowledged + stats.unknown + stats.dropped_total();
            prop_assert!(settled <= stats.created, "a span is counted twice: {stats:?}");
        }
        sim.shutdown(SECOND * 5);
        sim.pass(SECOND * 5);
        prop_assert!(sim.is_stopped);
        prop_assert_eq!(sim.stats().held, 0);
        prop_assert_eq!(sim.gauge.reading(), (0, 0));
    }
}
