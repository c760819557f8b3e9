//! The state machine of delivery: events in, actions out, without a clock, a socket, a thread or randomness of its own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::config::settings::Identity;
use crate::delivery::core::in_flight::InFlight;
use crate::delivery::core::schema_check::{Next, SchemaCheck};
use crate::delivery::instance::encode::EncodeContext;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::decision;
use crate::delivery::queue::usage::QueueUsage;
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::RecordId;
use crate::operation::{Account, InstanceKey, Operation};
use crate::platform::backoff::Backoff;
use crate::platform::internal_log::FaultKind;
use crate::platform::key_map::KeyMap;
use crate::redaction::Redaction;
use crate::transport::{Request, SendError, SendResult};
use crate::types::stats::{Counters, DropReason, FlushReport, RunCallEvent, RunEvent};
use crate::wire;
use crate::wire::classify::{Class, classify};

/// An action for the driver.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and replies are rare")]
pub(crate) enum Action {
    Send {
        id: u64,
        request: Request,
    },
    /// A flush or a shutdown, told by its number, has come to its end.
    Reply {
        number: u64,
        report: FlushReport,
    },
    /// The transport is to let go of its connections.
    ResetConnections,
    Log {
        fault: FaultKind,
        text: String,
    },
}

/// An operation that was taken from the queue and is not yet in the core's books.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CurrentOperation {
    pub(crate) weight: usize,
    pub(crate) is_span: bool,
    pub(crate) is_register: bool,
    pub(crate) is_run_call: bool,
}

/// A flush or the shutdown, until it is answered.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) number: u64,
    pub(super) deadline: Instant,
    /// The first token that is not waited for.
    pub(super) mark: u64,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct Core {
    pub(super) instances: KeyMap<InstanceKey, InstanceDelivery>,
    pub(super) out: ReadyQueue,
    pub(super) in_flight: InFlight,
    pub(super) actions: VecDeque<Action>,
    pub(super) backoff: Backoff,
    pub(super) is_unauthorized: bool,
    /// Starts of servers that were noticed.
    pub(super) server_epoch: u64,
    /// The question after the token, while it is open.
    ping: Option<u64>,
    schema_check: SchemaCheck,
    /// The next round, if there is to be one.
    pub(super) next_poll: Option<Instant>,
    /// Whether something has come since the last round, so that there is to be one more.
    pub(super) has_news: bool,
    /// Runs of callers in other processes that are looked for again, and when.
    pub(super) lookups: Vec<(Instant, InstanceKey)>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) shutdown: Option<Waiter>,
    /// Whether the token was refused during the shutdown.
    pub(super) is_refused: bool,
    pub(super) is_closed: bool,
    pub(super) is_stopped: bool,
    identity: Identity,
    pub(super) account: Arc<Account>,
    redaction: Redaction,
}

impl Core {
    pub(crate) fn new(
        identity: Identity,
        account: Arc<Account>,
        counters: Arc<Counters>,
        usage: Arc<QueueUsage>,
        redaction: Redaction,
    ) -> Self {
        Self {
            instances: KeyMap::default(),
            out: ReadyQueue::new(counters, usage),
            in_flight: InFlight::default(),
            actions: VecDeque::new(),
            backoff: Backoff::default(),
            is_unauthorized: false,
            ping: None,
            schema_check: SchemaCheck::default(),
            next_poll: None,
            has_news: true,
            lookups: Vec::new(),
            waiters: Vec::new(),
            shutdown: None,
            server_epoch: 0,
            is_refused: false,
            is_closed: false,
            is_stopped: false,
            identity,
            account,
            redaction,
        }
    }

    /// Asks once whether the token is good, so that one that is not is known before the first span is.
    ///
    /// Without an answer it is not asked again, and no caller waits for it: the next request shows as much.
    pub(crate) fn ping(&mut self) {
        let id = self.in_flight.number();
        self.ping = Some(id);
        self.out.counters.request(false);
        self.actions.push_back(Action::Send { id, request: wire::ping() });
    }

    /// Whether operations are on disk, where what happens to them is noted.
    pub(crate) fn is_recording(&self) -> bool {
        self.out.is_recording
    }

    /// Settles an operation of a client that reports to processors alone.
    pub(crate) fn settle(&mut self, operation: &Operation, weight: usize) {
        let token = self.out.acks.open_queued(weight, None);
        match operation {
            Operation::StartSpan(_) if self.is_closed => self.out.counters.dropped(DropReason::AfterShutdown),
            Operation::FinishSpan(_) if !self.is_closed => self.out.counters.acknowledged(),
            Operation::Register(record) if !record.is_joined() => {
                self.out.counters.run(RunEvent::Finished);
            }
            Operation::Note(_) => self.out.counters.run_call(if self.is_closed {
                RunCallEvent::Lost
            } else {
                RunCallEvent::Acknowledged
            }),
            _ => {}
        }
        self.out.acks.resolve(token);
    }

    /// Settles the spans that are open at the shutdown of such a client.
    pub(crate) fn settle_open(&mut self, spans: usize) {
        if !self.is_closed {
            (0..spans).for_each(|_| self.out.counters.acknowledged());
        }
    }

    /// Adds what the run of an operation says of it. To be called before it is taken.
    pub(crate) fn complete(&self, operation: &mut Operation) {
        if let Some(instance) = self.instances.get(&operation.instance()) {
            instance.complete(operation);
        }
    }

    #[cfg(test)]
    pub(crate) fn operation(&mut self, mut operation: Operation) {
        let weight = operation.weight();
        self.complete(&mut operation);
        self.queued_operation(operation, weight, None);
    }

    /// Runs of which something may still come.
    #[cfg(test)]
    pub(crate) fn runs(&self) -> usize {
        self.instances.len()
    }

    /// Takes an operation that weighed so much in the queue, and says where it is on disk. It may weigh more by now, once its
    /// payload is rendered.
    pub(crate) fn queued_operation(&mut self, operation: Operation, weight: usize, record: Option<RecordId>) {
        let token = self.out.acks.open_queued(weight, record);
        self.take(operation, token);
    }

    pub(super) fn take(&mut self, operation: Operation, token: AckToken) {
        self.has_news = true;
        let is_late = self.is_closed;
        let key = operation.instance();
        match (operation, self.instances.get_mut(&key)) {
            (Operation::Register(registration), None) if !is_late => {
                let mut instance = InstanceDelivery::new(registration, token, &mut self.out);
                instance.server_epoch = self.server_epoch;
                self.instances.insert(key, instance);
            }
            (Operation::StartInstance { at, .. }, Some(instance)) => {
                instance.start_instance(at, token, &mut self.out);
            }
            (Operation::FinishInstance { status, at, .. }, Some(instance)) if !is_late => {
                instance.finish_instance(status, at, token, &mut self.out);
            }
            (Operation::ReleaseInstance { at, .. }, Some(instance)) => {
                instance.release(at, token, &mut self.out);
                if instance.is_retired() {
                    self.instances.remove(&key);
                }
            }
            (Operation::StartSpan(start), Some(instance)) if !is_late => {
                instance.start_span(start, token, &mut self.out);
            }
            (Operation::StartSpan(_), _) => {
                // An open instance knows all its spans, unless a panic lost its registration.
                let reason = if is_late { DropReason::AfterShutdown } else { DropReason::WorkerLost };
                self.out.counters.dropped(reason);
                self.out.acks.resolve(token);
            }
            (Operation::FinishSpan(finish), Some(instance)) => {
                instance.finish_span(finish, Some(token), &mut self.out);
            }
            (Operation::Note(note), Some(instance)) if !is_late => {
                instance.note(note, token, &mut self.out);
            }
            (Operation::FinishSpan(finish), None) if finish.is_by_reference => {
                self.out.counters.dropped(DropReason::WorkerLost);
                self.out.acks.resolve(token);
            }
            (Operation::Note(_), _) => {
                self.out.counters.run_call(RunCallEvent::Lost);
                self.out.acks.resolve(token);
            }
            (Operation::Register(record), _) => {
                if !record.is_joined() {
                    self.out.counters.run(RunEvent::Lost);
                }
                self.out.acks.resolve(token);
            }
            _ => self.out.acks.resolve(token),
        }
    }

    pub(crate) fn answer(&mut self, id: u64, answer: &SendResult, now: Instant, fraction: f64) {
        self.has_news = true;
        self.out.capabilities.at(now);
        let class = classify(answer);
        if self.ping.take_if(|ping| *ping == id).is_some() {
            if let Class::Error { status, body } = class {
                let word = decision::word_of_error(Some(status), &body);
                if decision::is_token_refused_at_ping(word) {
                    self.unauthorized(status, now);
                }
            }
            return;
        }
        if self.schema_check.is_asking(id) {
            let next = self.schema_check.answered(answer);
            return self.go_on_with_schemas(next);
        }
        let Some(request) = self.in_flight.complete(id, &mut self.instances) else { return };
        let registered = match (&request.calls[..], &class) {
            ([(key, ApiCall::Register)], Class::Success(_)) => Some(*key),
            _ => None,
        };
        let mut touched: Vec<_> = request.calls.iter().map(|(instance, _)| *instance).collect();
        touched.dedup();
        match class {
            Class::Success(body) => self.succeeded(request, body, now, fraction),
            Class::Error { status, body } => self.refused(request, status, &body, now, fraction),
            Class::Retry { after, cause } => self.failed(request, after, &cause, now, fraction),
        }
        let instance = registered.and_then(|key| self.instances.get(&key));
        if let Some(identifier) = instance.and_then(InstanceDelivery::sent_types) {
            let next = self.schema_check.registered(answer, identifier);
            self.go_on_with_schemas(next);
        }
        for instance in touched {
            if self.instances.get(&instance).is_some_and(InstanceDelivery::is_retired) {
                self.instances.remove(&instance);
            }
        }
    }

    /// The thread that drives the core panicked: whether its requests arrived is unknown, and an operation that it
    /// had in hand is lost.
    pub(crate) fn recover(&mut self, current: Option<CurrentOperation>, now: Instant, fraction: f64) {
        if let Some(CurrentOperation { weight, is_span, is_register, is_run_call }) = current {
            self.out.acks.release(weight);
            if is_register {
                self.out.counters.run(RunEvent::Lost);
            }
            if is_span {
                self.out.counters.dropped(DropReason::WorkerLost);
            }
            if is_run_call {
                self.out.counters.run_call(RunCallEvent::Lost);
            }
        }
        let unknown = Err(SendError::unanswered("the delivery thread panicked"));
        for number in self.in_flight.numbers() {
            self.answer(number, &unknown, now, fraction);
        }
    }

    /// Sends nothing for the longest pause there is: something is broken that repeating does not mend.
    pub(crate) fn open_circuit(&mut self, now: Instant) {
        self.backoff.open_circuit(now);
    }

    /// Whether it was shut down and has said all there is to say.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    fn go_on_with_schemas(&mut self, next: Next) {
        match next {
            Next::Ask(request) => {
                let id = self.in_flight.number();
                self.out.counters.request(false);
                self.schema_check.asked(id);
                self.actions.push_back(Action::Send { id, request });
            }
            Next::Tell(text) => self.out.log(FaultKind::Schemas, text),
            Next::Nothing => {}
        }
    }

    /// The account's partition, once it is known.
    pub(crate) fn partition(&self) -> Option<u32> {
        self.account.partition().map(|id| id.partition())
    }

    #[cfg(feature = "spool")]
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Sends what may be sent and answers who waits. To be called after every event and at every wake-up, and again
    /// while it returns `true`: one request is made at a time, for a large one takes its time to be written.
    pub(crate) fn advance(&mut self, now: Instant) -> bool {
        self.poll(now);
        self.look_again(now);
        self.out.capabilities.at(now);
        self.out.is_failing = self.backoff.is_failing();
        let context = EncodeContext {
            identity: &self.identity,
            redaction: &self.redaction,
            server_ids: self.out.capabilities.is_disabled(Capability::ClientIds),
        };
        let next =
            self.in_flight.next_request(&mut self.instances, &mut self.out, &self.backoff, &context, now);
        let is_sending = next.is_some();
        if let Some((id, request)) = next {
            self.actions.push_back(Action::Send { id, request });
        }
        for (fault, text) in self.out.log.drain(..) {
            self.actions.push_back(Action::Log { fault, text });
        }
        self.answer_waiters(now);
        is_sending && !self.is_stopped
    }

    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Core::advance`] next if nothing happens before.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let pause = self.backoff.paused_until().filter(|until| *until > now && !self.out.is_empty());
        // A batch that is already due waits for a free request, and the answer of one wakes the worker.
        let batch_size = self.in_flight.wake_at().filter(|at| *at > now);
        let deadlines = self.waiters.iter().chain(&self.shutdown).map(|waiter| waiter.deadline);
        let lookups = self.lookups.iter().map(|(at, _)| *at);
        deadlines.chain(pause.or(batch_size)).chain(self.next_poll).chain(lookups).min()
    }

    pub(super) fn unauthorized(&mut self, status: u16, now: Instant) {
        self.is_unauthorized = true;
        self.is_refused = self.shutdown.is_some();
        self.backoff.open_circuit(now);
        let text = format!("the API does not accept the token (HTTP {status}): check PREFACTOR_API_TOKEN");
        self.out.log(FaultKind::Auth, text);
    }
}

impl Operation {
    pub(crate) fn instance(&self) -> InstanceKey {
        match self {
            Self::Register(registration) => registration.key,
            Self::StartInstance { instance, .. }
            | Self::FinishInstance { instance, .. }
            | Self::ReleaseInstance { instance, .. } => *instance,
            Self::StartSpan(start) => start.instance,
            Self::FinishSpan(finish) => finish.instance,
            Self::Note(note) => note.instance,
        }
    }
}
