//! The core with its clock, its open requests and the model that answers them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::model::Model;
use super::operations::INSTANCE;
use crate::config::settings::{Identity, QueueLimits};
use crate::delivery::core::machine::{Action, Core};
use crate::delivery::queue::usage::QueueUsage;
use crate::operation::{Account, InstanceRecord, Operation};
use crate::redaction::Redaction;
use crate::transport::{Request, SendResult};
use crate::types::agent::Agent;
use crate::types::stats::{Counters, FlushReport, RunEvent, Stats};
use crate::types::status::{InstanceStatus, SpanStatus};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A queue that is full after so many operations, whatever their bytes.
const LIMITS: QueueLimits = QueueLimits { operations: 10_000, bytes: 32 << 20 };

pub(crate) struct Sim {
    pub(crate) core: Core,
    pub(crate) model: Model,
    pub(crate) now: Instant,
    pub(super) counters: Arc<Counters>,
    pub(crate) usage: Arc<QueueUsage>,
    pub(crate) registration: Arc<InstanceRecord>,
    /// Sent and not answered.
    pub(crate) open: Vec<(u64, Request)>,
    /// Answers on their way when the clock was stopped, and when they arrive.
    answers: Vec<(Instant, u64, SendResult)>,
    pub(crate) replies: Vec<FlushReport>,
    pub(crate) log: Vec<String>,
    pub(crate) is_stopped: bool,
    pub(crate) stopped_at: Option<Instant>,
    /// Times that the transport was told to let go of its connections.
    pub(crate) resets: usize,
    random: u64,
}

impl Sim {
    /// With an instance that is registered and started.
    pub(crate) fn active() -> Self {
        let mut sim = Self::registering();
        sim.serve();
        sim.serve();
        sim
    }

    /// Active, with an API that has shown what it takes: bulk requests, and the client's ids.
    pub(crate) fn proven() -> Self {
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

    pub(crate) fn registering() -> Self {
        Self::of(Identity::default())
    }

    /// As [`Sim::registering`], for a client that says this of itself.
    pub(crate) fn of(identity: Identity) -> Self {
        Self::new(identity, InstanceRecord::new(INSTANCE, Agent::new("test")))
    }

    /// With that run, registered or joined.
    pub(crate) fn new(identity: Identity, registration: InstanceRecord) -> Self {
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

    pub(crate) fn operation(&mut self, operation: Operation) {
        self.queue(operation);
        self.advance();
    }

    /// Adds an operation to those that the worker takes at once.
    pub(crate) fn queue(&mut self, operation: Operation) {
        self.usage.add(operation.weight());
        self.core.operation(operation);
    }

    pub(super) fn attend(&mut self) {
        self.core.attend();
        self.advance();
    }

    pub(crate) fn shutdown(&mut self, timeout: Duration) {
        self.core.shutdown(99, self.now + timeout, InstanceStatus::Complete, self.now);
        self.advance();
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.advance();
    }

    pub(crate) fn advance(&mut self) {
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
    pub(crate) fn answer(&mut self, answer: SendResult) -> Request {
        let (id, request) = self.open.remove(0);
        self.answer_to(id, &answer);
        request
    }

    /// Answers the oldest request with an error, and the same bytes, which go again at once, with the same error.
    pub(crate) fn answer_twice(&mut self, error: &SendResult) -> Request {
        let (id, request) = self.open.remove(0);
        self.answer_to(id, error);
        let again =
            self.open.iter().position(|(_, other)| other.body == request.body).expect("a confirmation");
        let (id, _) = self.open.remove(again);
        self.answer_to(id, error);
        request
    }

    pub(crate) fn answer_to(&mut self, id: u64, answer: &SendResult) {
        let fraction = self.fraction();
        self.core.answer(id, answer, self.now, fraction);
        self.advance();
    }

    /// Has the model answer what is open now, and returns it.
    pub(crate) fn serve(&mut self) -> Vec<Request> {
        let requests: Vec<_> = self.open.drain(..).collect();
        for (id, request) in &requests {
            let answer = self.model.answer(request);
            self.answer_to(*id, &answer);
        }
        requests.into_iter().map(|(_, request)| request).collect()
    }

    /// Has the model answer until nothing is open and nothing waits for company, and returns it in order.
    pub(crate) fn settle(&mut self) -> Vec<Request> {
        let mut all = Vec::new();
        while !self.open.is_empty() {
            all.extend(self.serve());
        }
        all
    }

    /// Lets the clock run, event by event, and counts them. The server says what it answers, and after how long.
    pub(crate) fn run(
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
    pub(crate) fn fraction(&mut self) -> f64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.random >> 33).unwrap()) / f64::from(1_u32 << 31)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.snapshot()
    }
}
