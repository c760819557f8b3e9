//! Drives the core by hand, request by request, or by a clock that jumps from one event to the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::model::{INSTANCE_ID, Model};
use crate::config::settings::{Identity, QueueLimits};
use crate::delivery::core::machine::{Action, Core};
use crate::delivery::queue::usage::QueueUsage;
use crate::operation::{
    Account, InstanceKey, InstanceRecord, Note, NoteKind, Operation, SpanFinish, SpanKey, SpanStart,
};
use crate::payload::{Payload, SideLimits};
use crate::platform::clock::Timestamp;
use crate::redaction::Redaction;
use crate::transport::{Request, SendResult};
use crate::types::agent::Agent;
use crate::types::stats::{Counters, DropReason, FlushReport, RunCallEvent, RunEvent, Stats};
use crate::types::status::{InstanceStatus, SpanStatus};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const INSTANCE: InstanceKey = InstanceKey(0);

/// A queue that is full after so many operations, whatever their bytes.
const LIMITS: QueueLimits = QueueLimits { operations: 10_000, bytes: 32 << 20 };

pub(super) struct Sim {
    pub(super) core: Core,
    pub(super) model: Model,
    pub(super) now: Instant,
    counters: Arc<Counters>,
    pub(super) usage: Arc<QueueUsage>,
    pub(super) registration: Arc<InstanceRecord>,
    /// Sent and not answered.
    pub(super) open: Vec<(u64, Request)>,
    /// Answers on their way when the clock was stopped, and when they arrive.
    answers: Vec<(Instant, u64, SendResult)>,
    pub(super) replies: Vec<FlushReport>,
    pub(super) log: Vec<String>,
    pub(super) is_stopped: bool,
    pub(super) stopped_at: Option<Instant>,
    /// Times that the transport was told to let go of its connections.
    pub(super) resets: usize,
    random: u64,
}

impl Sim {
    /// With an instance that is registered and started.
    pub(super) fn active() -> Self {
        let mut sim = Self::registering();
        sim.serve();
        sim.serve();
        sim
    }

    /// Active, with an API that has shown what it takes: bulk requests, and the client's ids.
    pub(super) fn proven() -> Self {
        let mut sim = Self::active();
        for number in 9_000..9_003 {
            sim.start(number, None);
        }
        sim.settle();
        for number in 9_000..9_003 {
            sim.finish(number, SpanStatus::Complete);
        }
        sim.settle();
        (sim.model.requests, sim.model.items, sim.model.bytes) = (0, 0, 0);
        sim
    }

    pub(super) fn registering() -> Self {
        Self::of(Identity::default())
    }

    /// As [`Sim::registering`], for a client that says this of itself.
    pub(super) fn of(identity: Identity) -> Self {
        Self::new(identity, InstanceRecord::new(INSTANCE, Agent::new("test")))
    }

    /// With that run, registered or joined.
    pub(super) fn new(identity: Identity, registration: InstanceRecord) -> Self {
        let (counters, usage) = (Arc::new(Counters::default()), Arc::new(QueueUsage::new(LIMITS)));
        let core = Core::new(
            identity,
            Arc::new(Account::new(None)),
            Arc::clone(&counters),
            Arc::clone(&usage),
            Redaction::default(),
        );
        let mut sim = Self {
            core,
            model: Model::default(),
            now: Instant::now(),
            counters,
            usage,
            registration: Arc::new(registration),
            open: Vec::new(),
            answers: Vec::new(),
            replies: Vec::new(),
            log: Vec::new(),
            is_stopped: false,
            stopped_at: None,
            resets: 0,
            random: 1,
        };
        let registration = Arc::clone(&sim.registration);
        if registration.is_joined() {
            sim.operation(Operation::Register(registration));
        } else {
            sim.counters.run(RunEvent::Created);
            sim.instance(registration);
        }
        sim
    }

    /// Registers and starts an instance.
    pub(super) fn instance(&mut self, registration: Arc<InstanceRecord>) {
        let instance = registration.key;
        self.operation(Operation::Register(registration));
        self.operation(Operation::StartInstance { instance, at: Timestamp::now() });
    }

    pub(super) fn operation(&mut self, operation: Operation) {
        self.queue(operation);
        self.advance();
    }

    /// Adds an operation to those that the worker takes at once.
    pub(super) fn queue(&mut self, operation: Operation) {
        self.usage.add(operation.weight());
        self.core.operation(operation);
    }

    pub(super) fn start(&mut self, number: u32, parent: Option<u32>) {
        let start = start(INSTANCE, number, parent);
        self.counters.created();
        self.operation(Operation::StartSpan(start));
    }

    pub(super) fn start_pending(&mut self, number: u32) {
        self.counters.created();
        let start = SpanStart { status: SpanStatus::Pending, ..start(INSTANCE, number, None) };
        self.operation(Operation::StartSpan(start));
    }

    pub(super) fn finish_instance(&mut self, status: InstanceStatus) {
        self.operation(Operation::FinishInstance { instance: INSTANCE, status, at: Timestamp::now() });
    }

    pub(super) fn finish(&mut self, number: u32, status: SpanStatus) {
        self.operation(Operation::FinishSpan(finish(INSTANCE, number, status)));
    }

    pub(super) fn span(&mut self, number: u32, parent: Option<u32>) {
        self.start(number, parent);
        self.finish(number, SpanStatus::Complete);
    }

    /// Spans that were all made before the worker looked.
    pub(super) fn spans(&mut self, instance: InstanceKey, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.created(start(instance, number, None));
        }
        self.advance();
    }

    /// A span that was made and has ended before the worker looked.
    pub(super) fn created(&mut self, start: SpanStart) {
        let finish = SpanFinish { key: start.key, ..finish(start.instance, 0, SpanStatus::Complete) };
        self.counters.created();
        self.queue(Operation::StartSpan(start));
        self.queue(Operation::FinishSpan(finish));
    }

    /// Spans as a program makes them: those for which there is no room are dropped.
    pub(super) fn offer(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.counters.created();
            let start = Operation::StartSpan(start(INSTANCE, number, None));
            if self.usage.has_room(start.weight()) {
                self.queue(start);
                self.queue(Operation::FinishSpan(finish(INSTANCE, number, SpanStatus::Complete)));
            } else {
                self.counters.dropped(DropReason::QueueFull);
                self.refuse();
            }
        }
        self.advance();
    }

    /// The queue refuses a span, as its caller sees it.
    pub(super) fn refuse(&mut self) {
        if self.registration.span_refused() {
            self.attend();
        }
    }

    /// Somebody waits for the end of the run.
    pub(super) fn watch(&mut self) {
        if self.registration.watch() {
            self.attend();
        }
    }

    fn attend(&mut self) {
        self.core.attend();
        self.advance();
    }

    pub(super) fn shutdown(&mut self, timeout: Duration) {
        self.core.shutdown(99, self.now + timeout, InstanceStatus::Complete, self.now);
        self.advance();
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.advance();
    }

    pub(super) fn advance(&mut self) {
        while self.core.advance(self.now) {}
        while let Some(action) = self.core.next_action() {
            match action {
                Action::Send { id, request } => self.open.push((id, request)),
                Action::Reply { report, .. } => self.replies.push(report),
                Action::Log { text, .. } => self.log.push(text),
                Action::ResetConnections => self.resets += 1,
            }
        }
        self.is_stopped = self.core.is_stopped();
        if self.is_stopped {
            self.stopped_at.get_or_insert(self.now);
        }
    }

    /// Answers the oldest open request.
    #[expect(clippy::needless_pass_by_value, reason = "most answers are made where they are given")]
    pub(super) fn answer(&mut self, answer: SendResult) -> Request {
        let (id, request) = self.open.remove(0);
        self.answer_to(id, &answer);
        request
    }

    /// Answers the oldest request with an error, and the same bytes, which go again at once, with the same error.
    pub(super) fn answer_twice(&mut self, error: &SendResult) -> Request {
        let (id, request) = self.open.remove(0);
        self.answer_to(id, error);
        let again =
            self.open.iter().position(|(_, other)| other.body == request.body).expect("a confirmation");
        let (id, _) = self.open.remove(again);
        self.answer_to(id, error);
        request
    }

    pub(super) fn answer_to(&mut self, id: u64, answer: &SendResult) {
        let fraction = self.fraction();
        self.core.answer(id, answer, self.now, fraction);
        self.advance();
    }

    /// Has the model answer what is open now, and returns it.
    pub(super) fn serve(&mut self) -> Vec<Request> {
        let requests: Vec<_> = self.open.drain(..).collect();
        for (id, request) in &requests {
            let answer = self.model.answer(request);
            self.answer_to(*id, &answer);
        }
        requests.into_iter().map(|(_, request)| request).collect()
    }

    /// Has the model answer until nothing is open and nothing waits for company, and returns it in order.
    pub(super) fn settle(&mut self) -> Vec<Request> {
        let mut all = Vec::new();
        while !self.open.is_empty() {
            all.extend(self.serve());
        }
        all
    }

    /// Lets the clock run, event by event, and counts them. The server says what it answers, and after how long.
    pub(super) fn run(
        &mut self,
        time: Duration,
        mut server: impl FnMut(&mut Model, &Request, Instant) -> (Duration, SendResult),
    ) -> usize {
        let end = self.now + time;
        let mut events = 0;
        let mut answers = std::mem::take(&mut self.answers);
        loop {
            for (id, request) in std::mem::take(&mut self.open) {
                let (delay, answer) = server(&mut self.model, &request, self.now);
                answers.push((self.now + delay, id, answer));
            }
            answers.sort_by_key(|(at, ..)| *at);
            let answer_at = answers.first().map(|(at, ..)| *at);
            let next = self.core.wake_at(self.now).into_iter().chain(answer_at).min();
            let Some(next) = next.filter(|next| *next <= end && !self.is_stopped) else { break };
            assert!(next > self.now || answer_at == Some(next), "the core spins");
            events += 1;
            self.now = next.max(self.now);
            if answer_at == Some(next) {
                let (_, id, answer) = answers.remove(0);
                self.answer_to(id, &answer);
            } else {
                self.advance();
            }
        }
        (self.now, self.answers) = (end, answers);
        events
    }

    /// A draw that differs each time and is the same in each run.
    pub(super) fn fraction(&mut self) -> f64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.random >> 33).unwrap()) / f64::from(1_u32 << 31)
    }

    pub(super) fn stats(&self) -> Stats {
        self.counters.snapshot()
    }

    /// G1: what the ledger has, what was dropped, what is unknown and what is held add up to what was made.
    pub(super) fn assert_conserved(&self) {
        let stats = self.stats();
        assert!(
            self.model.ended() >= stats.acknowledged
                && self.model.ended()
                    <= stats.acknowledged + stats.unknown + stats.outstanding + stats.dropped_total(),
            "the ledger has {}: {stats:?}",
            self.model.ended()
        );
        let settled = stats.acknowledged + stats.unknown + stats.dropped_total();
        assert_eq!(settled + stats.outstanding, stats.created, "{stats:?}");
        let (runs, finished) = (stats.runs, self.model.runs("finish"));
        let settled = runs.finished + runs.lost + runs.unknown;
        assert_eq!(settled + runs.outstanding, runs.created, "{runs:?}");
        let possible = runs.finished..=runs.finished + runs.unknown + runs.outstanding;
        assert!(possible.contains(&finished), "the ledger has {finished} finishes: {runs:?}");
        assert!(runs.registered <= self.model.runs("register"), "{runs:?}");
        assert!(runs.started <= self.model.runs("start"), "{runs:?}");
        let calls = stats.run_calls;
        let settled = calls.acknowledged + calls.lost + calls.unknown;
        assert_eq!(settled + calls.outstanding, calls.created, "{calls:?}");
    }

    /// Says something of the run, as the program does.
    pub(super) fn call_of_run(&mut self, number: u32) {
        self.note(number, NoteKind::Quality { name: "score".into() });
    }

    pub(super) fn note(&mut self, number: u32, kind: NoteKind) {
        self.counters.run_call(RunCallEvent::Created);
        let (at, payload) = (Timestamp::now(), Payload::default());
        self.operation(Operation::Note(Note { instance: INSTANCE, key: key(number), kind, at, payload }));
    }

    /// Everything reached the ledger, and nothing is left behind.
    pub(super) fn assert_delivered(&self) {
        let stats = self.stats();
        assert_eq!((self.model.ended(), stats.acknowledged), (stats.created, stats.created), "{stats:?}");
        self.assert_conserved();
        self.assert_settled();
    }

    pub(super) fn assert_settled(&self) {
        assert_eq!(self.stats().outstanding, 0, "{:?}", self.stats());
        assert_eq!(self.usage.reading(), (0, 0), "the queue's usage");
    }
}

pub(super) fn key(number: u32) -> SpanKey {
    SpanKey::of_number(number)
}

/// The id under which a span goes over the wire.
pub(super) fn id(number: u32) -> String {
    let account = Account::new(None);
    account.set_partition(INSTANCE_ID.parse().unwrap());
    account.span_id(key(number)).to_string()
}

pub(super) fn start(instance: InstanceKey, number: u32, parent: Option<u32>) -> SpanStart {
    SpanStart {
        instance,
        key: key(number),
        parent: parent.map(key),
        schema_name: format!("test:{number}").into(),
        status: SpanStatus::Active,
        at: Timestamp::now(),
        payload: Payload::of(SideLimits::default(), &serde_json::json!({ "number": number })),
    }
}

pub(super) fn finish(instance: InstanceKey, number: u32, status: SpanStatus) -> SpanFinish {
    let result = Payload::of(SideLimits::default(), "done");
    let (has_usage, is_by_reference) = (false, false);
    SpanFinish {
        instance,
        key: key(number),
        status,
        at: Timestamp::now(),
        result,
        has_usage,
        is_by_reference,
    }
}

pub(super) fn json(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or(Value::Null)
}

/// Requests in short: what of which span, and bulk requests in brackets.
pub(super) fn brief(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|request| words(request.path.rsplit('/').next().unwrap(), &json(request))).collect()
}

fn words(path: &str, body: &Value) -> String {
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match path {
        "agent_spans" | "create" => format!("{} {}", text("/details/schema_name"), text("/details/status")),
        "finish" => format!("finish {}", text("/status")),
        "bulk" => {
            let items = body["items"].as_array().unwrap().iter();
            let items =
                items.map(|item| words(item["_type"].as_str().unwrap().rsplit('/').next().unwrap(), item));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        INSTANCE_ID => "poll".into(),
        other => other.into(),
    }
}
