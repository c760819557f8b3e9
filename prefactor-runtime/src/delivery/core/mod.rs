//! The heart of delivery: events in, actions out. No clock, no socket, no thread, no randomness of its own.
//! What answers mean is in [`responses`].

mod responses;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::instance::key_map::KeyMap;
use super::instance::{Lane, Scene};
use super::policy::backoff::Backoff;
use super::policy::capability::Capability;
use super::policy::classify::Verdict;
use super::queue::usage::Gauge;
use super::schedule::api_call::Call;
use super::schedule::in_flight::Flights;
use super::schedule::ready::Outbox;
use crate::config::settings::Identity;
use crate::operation::{Account, InstanceKey, Operation};
use crate::platform::clock::Timestamp;
use crate::platform::internal_log::FaultKind;
use crate::redaction::Redaction;
use crate::transport::{Request, SendError, SendResult};
use crate::types::stats::{Counters, DropReason, FlushReport};
use crate::types::status::InstanceStatus;
use crate::wire::{self, Body};

/// An instance of which nothing was heard for two of these rounds is asked about: every 30 s, as the official SDKs do.
const POLL_ROUND: Duration = Duration::from_secs(15);

/// What the driver has to do.
#[derive(Debug)]
pub(super) enum Action {
    Send {
        id: u64,
        request: Request,
    },
    /// A flush or a shutdown, told by its number, has come to its end.
    Reply {
        number: u64,
        report: FlushReport,
    },
    Log {
        fault: FaultKind,
        text: String,
    },
}

/// An operation that was taken from the queue and is not yet in the core's books.
#[derive(Clone, Copy, Debug)]
pub(super) struct InHand {
    pub(super) weight: usize,
    pub(super) is_span: bool,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    deadline: Instant,
    /// The first ticket that is not waited for.
    mark: u64,
}

#[derive(Debug)]
pub(super) struct Core {
    lanes: KeyMap<InstanceKey, Lane>,
    out: Outbox,
    flights: Flights,
    actions: VecDeque<Action>,
    backoff: Backoff,
    is_unauthorized: bool,
    successes: u64,
    /// The question after the token, while it is open.
    ping: Option<u64>,
    next_poll: Option<Instant>,
    waiters: Vec<Waiter>,
    shutdown: Option<Waiter>,
    is_closed: bool,
    is_stopped: bool,
    identity: Identity,
    account: Arc<Account>,
    redaction: Redaction,
}

impl Core {
    pub(super) fn new(
        identity: Identity,
        account: Arc<Account>,
        counters: Arc<Counters>,
        gauge: Arc<Gauge>,
        redaction: Redaction,
    ) -> Self {
        Self {
            lanes: KeyMap::default(),
            out: Outbox::new(counters, gauge),
            flights: Flights::default(),
            actions: VecDeque::new(),
            backoff: Backoff::default(),
            is_unauthorized: false,
            successes: 0,
            ping: None,
            next_poll: None,
            waiters: Vec::new(),
            shutdown: None,
            is_closed: false,
            is_stopped: false,
            identity,
            account,
            redaction,
        }
    }

    // Events.

    /// Asks once whether the token is good, so that one that is not is known before the first span is.
    ///
    /// Nobody waits for the answer, and without one it is not asked again: the next request will tell.
    pub(super) fn ping(&mut self) {
        let id = self.flights.number();
        self.ping = Some(id);
        self.out.counters.request(false);
        self.actions.push_back(Action::Send { id, request: wire::ping() });
    }

    pub(super) fn operation(&mut self, operation: Operation) {
        let ticket = self.out.tickets.open(Some(operation.weight()));
        let is_late = self.is_closed;
        let key = operation.instance();
        match (operation, self.lanes.get_mut(&key)) {
            (Operation::Register(registration), None) if !is_late => {
                self.lanes.insert(key, Lane::new(registration, ticket, &mut self.out));
            }
            (Operation::StartInstance { at, .. }, Some(lane)) => {
                lane.start_instance(at, ticket, &mut self.out);
            }
            (Operation::FinishInstance { status, at, .. }, Some(lane)) if !is_late => {
                lane.finish_instance(status, at, ticket, &mut self.out);
            }
            (Operation::ReleaseInstance { at, .. }, Some(lane)) => lane.release(at, ticket, &mut self.out),
            (Operation::StartSpan(start), Some(lane)) if !is_late => {
                lane.start_span(start, ticket, &mut self.out);
            }
            (Operation::StartSpan(_), _) => {
                // Open lanes know all their spans, unless a panic took the registration.
                let reason = if is_late { DropReason::AfterShutdown } else { DropReason::WorkerLost };
                self.out.counters.dropped(reason);
                self.out.tickets.settle(ticket);
            }
            (Operation::FinishSpan(finish), Some(lane)) => {
                lane.finish_span(finish, Some(ticket), &mut self.out);
            }
            _ => self.out.tickets.settle(ticket),
        }
    }

    pub(super) fn answer(&mut self, id: u64, answer: &SendResult, now: Instant, fraction: f64) {
        if self.ping.take_if(|ping| *ping == id).is_some() {
            match Verdict::from(answer) {
                Verdict::Unauthorized => self.unauthorized(401, now),
                Verdict::Refused { status: 403, .. } => self.unauthorized(403, now),
                _ => {}
            }
            return;
        }
        let Some(flight) = self.flights.arrive(id, &mut self.lanes) else { return };
        let mut touched: Vec<_> = flight.calls.iter().map(|(lane, _)| *lane).collect();
        touched.dedup();
        match Verdict::from(answer) {
            Verdict::Accepted(body) => self.accepted(flight, body, now, fraction),
            Verdict::Refused { status: 403, .. } if responses::is_only(&flight, Call::Register) => {
                self.unauthorized(403, now);
                self.put_back(flight.calls);
            }
            Verdict::Refused { status, body } => self.refused(flight, status, &body, now),
            // A token that may write need not be one that may read.
            Verdict::Unauthorized if responses::is_only(&flight, Call::Poll) => {
                self.refused(flight, 401, &Body::default(), now);
            }
            Verdict::Unauthorized => {
                self.unauthorized(401, now);
                self.put_back(flight.calls);
            }
            Verdict::Again { after, cause } => self.failed(flight, after, &cause, now, fraction),
        }
        for lane in touched {
            if self.lanes.get(&lane).is_some_and(Lane::is_retired) {
                self.lanes.remove(&lane);
            }
        }
    }

    /// The thread that drives the core panicked: whether its requests arrived is unknown, and an operation that it
    /// had in hand is lost.
    pub(super) fn recover(&mut self, in_hand: Option<InHand>, now: Instant, fraction: f64) {
        if let Some(InHand { weight, is_span }) = in_hand {
            self.out.tickets.release(weight);
            if is_span {
                self.out.counters.dropped(DropReason::WorkerLost);
            }
        }
        let unknown = Err(SendError::unanswered("the delivery thread panicked"));
        for number in self.flights.numbers() {
            self.answer(number, &unknown, now, fraction);
        }
    }

    /// Sends nothing for the longest pause there is: something is broken that repeating does not mend.
    pub(super) fn open_circuit(&mut self, now: Instant) {
        self.backoff.open_circuit(now);
    }

    /// Whether it was shut down and has said all there is to say.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    pub(super) fn flush(&mut self, number: u64, deadline: Instant) {
        self.waiters.push(Waiter { number, deadline, mark: self.out.tickets.next() });
    }

    pub(super) fn shutdown(&mut self, number: u64, deadline: Instant, status: InstanceStatus) {
        if std::mem::replace(&mut self.is_closed, true) {
            return self.flush(number, deadline);
        }
        let at = Timestamp::now();
        for lane in self.lanes.values_mut() {
            lane.close(status, at, &mut self.out);
        }
        self.shutdown = Some(Waiter { number, deadline, mark: u64::MAX });
    }

    // What follows from them.

    /// Sends what may be sent and answers who waits. To be called after every event and at every wake-up, and again
    /// while it returns `true`: one request is made at a time, for a large one takes its time to be written.
    pub(super) fn advance(&mut self, now: Instant) -> bool {
        self.poll(now);
        let scene = Scene {
            identity: &self.identity,
            account: &self.account,
            redaction: &self.redaction,
            server_ids: self.out.capabilities.fails(Capability::ClientIds),
        };
        let departure = self.flights.depart(&mut self.lanes, &mut self.out, &self.backoff, &scene, now);
        let is_sending = departure.is_some();
        if let Some((id, request)) = departure {
            self.actions.push_back(Action::Send { id, request });
        }
        for (fault, text) in self.out.log.drain(..) {
            self.actions.push_back(Action::Log { fault, text });
        }
        self.answer_waiters(now);
        is_sending && !self.is_stopped
    }

    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Core::advance`] next if nothing happens before.
    pub(super) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let pause = self.backoff.paused_until().filter(|until| *until > now && !self.out.is_empty());
        // Past that, what still waits has no request to go in, and an answer will wake it.
        let company = self.flights.wake_at().filter(|at| *at > now);
        let deadlines = self.waiters.iter().chain(&self.shutdown).map(|waiter| waiter.deadline);
        deadlines.chain(pause.or(company)).chain(self.next_poll).min()
    }

    /// Whether instances were terminated of which no other answer tells.
    fn poll(&mut self, now: Instant) {
        let due = *self.next_poll.get_or_insert(now + POLL_ROUND);
        if due > now {
            return;
        }
        self.next_poll = Some(now + POLL_ROUND);
        for (key, lane) in &mut self.lanes {
            if lane.wants_poll() {
                self.out.ready(*key, Call::Poll);
            }
        }
    }

    fn answer_waiters(&mut self, now: Instant) {
        let oldest = self.out.tickets.oldest().unwrap_or(u64::MAX);
        let (ended, waiting) = std::mem::take(&mut self.waiters)
            .into_iter()
            .partition(|waiter| waiter.mark <= oldest || waiter.deadline <= now);
        self.waiters = waiting;
        for waiter in ended {
            self.reply(&waiter, waiter.mark <= oldest);
        }
        if let Some(waiter) = self.shutdown.take_if(|waiter| oldest == u64::MAX || waiter.deadline <= now) {
            self.stop(&waiter, oldest == u64::MAX);
        }
    }

    fn unauthorized(&mut self, status: u16, now: Instant) {
        self.is_unauthorized = true;
        self.backoff.open_circuit(now);
        let text = format!("the API does not accept the token (HTTP {status}): check PREFACTOR_API_TOKEN");
        self.out.log(FaultKind::Auth, text);
    }

    fn reply(&mut self, waiter: &Waiter, finished: bool) {
        let report = FlushReport { is_complete: finished, stats: self.out.counters.snapshot() };
        self.actions.push_back(Action::Reply { number: waiter.number, report });
    }

    fn stop(&mut self, waiter: &Waiter, finished: bool) {
        let reason = if self.is_unauthorized { DropReason::Auth } else { DropReason::ShutdownDeadline };
        for lane in self.lanes.values_mut() {
            lane.give_up(reason, &mut self.out);
        }
        self.lanes.clear();
        self.reply(waiter, finished);
        for waiter in std::mem::take(&mut self.waiters) {
            self.reply(&waiter, finished);
        }
        self.is_stopped = true;
    }
}

impl Operation {
    fn instance(&self) -> InstanceKey {
        match self {
            Self::Register(registration) => registration.key,
            Self::StartInstance { instance, .. }
            | Self::FinishInstance { instance, .. }
            | Self::ReleaseInstance { instance, .. } => *instance,
            Self::StartSpan(start) => start.instance,
            Self::FinishSpan(finish) => finish.instance,
        }
    }
}
