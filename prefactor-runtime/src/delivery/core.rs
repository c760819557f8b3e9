//! The heart of delivery: events in, actions out. No clock, no socket, no thread, no randomness of its own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::call::Call;
use super::capability::Capability;
use super::flight::{Flight, Flights};
use super::keys::KeyMap;
use super::lane::{Lane, Said, Scene};
use super::outbox::Outbox;
use super::queue::Gauge;
use super::verdict::{Again, Verdict};
use crate::clock::Timestamp;
use crate::config::Identity;
use crate::diagnostics::Fault;
use crate::operation::{Account, InstanceKey, Operation};
use crate::redaction::Redaction;
use crate::stats::{Counters, DropReason, Report};
use crate::status::InstanceStatus;
use crate::transport::{Answer, Request};
use crate::wire::{self, Body, Output};

/// After so many answers that are not of the API, or server errors while other items pass, an item is given up.
const MAX_FAULTS_OF_ONE_ITEM: u32 = 5;
/// How often it is asked whether instances were terminated of which nothing else is heard, as the official SDKs do.
const POLL_PERIOD: Duration = Duration::from_secs(30);

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
        report: Report,
    },
    Log {
        fault: Fault,
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

    pub(super) fn answer(&mut self, id: u64, answer: Answer, now: Instant, fraction: f64) {
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
            Verdict::Refused { status: 403, .. } if is_registration(&flight) => {
                self.unauthorized(403, now);
                self.again_in_order(flight);
            }
            Verdict::Refused { status, body } => self.refused(flight, status, &body),
            Verdict::Unauthorized => {
                self.unauthorized(401, now);
                self.again_in_order(flight);
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
        for number in self.flights.numbers() {
            self.answer(number, Answer::unknown("the delivery thread panicked"), now, fraction);
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
        let due = *self.next_poll.get_or_insert(now + POLL_PERIOD);
        if due > now {
            return;
        }
        self.next_poll = Some(now + POLL_PERIOD);
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

    fn accepted(&mut self, flight: Flight, body: Body, now: Instant, fraction: f64) {
        if flight.is_bulk {
            return self.outputs(flight, body, now, fraction);
        }
        self.succeeded(flight.epoch);
        self.flights.grow(flight.calls.len());
        for (lane, call) in flight.calls {
            self.item_accepted(lane, call, Said::Alone(200), body.clone());
        }
    }

    /// Reads what became of each item. The API stops at the first that it refuses: those after it were not tried.
    fn outputs(&mut self, flight: Flight, body: Body, now: Instant, fraction: f64) {
        let Some(mut outputs) = body.outputs else {
            if self.out.capabilities.holds(Capability::Bulk) {
                return self.failed(flight, None, &Again::Protocol(200), now, fraction);
            }
            // It speaks the protocol, but not this part of it.
            self.out.lose(Capability::Bulk);
            return self.again_in_order(flight);
        };
        self.out.capabilities.prove(Capability::Bulk);
        let (epoch, items) = (flight.epoch, flight.calls.len());
        let lanes: Vec<_> = flight.calls.iter().map(|(lane, _)| *lane).collect();
        let (mut later, mut unclear) = (Vec::new(), Vec::new());
        let (mut has_passed, mut refusal) = (false, None);
        for (key, call) in flight.calls {
            let Some(lane) = self.lanes.get_mut(&key) else { continue };
            if body.terminate.is_some() {
                lane.has_not_heard();
                self.next_poll = Some(now);
            }
            let Some(attempt) = lane.attempt(call) else { continue };
            let output = attempt.message.as_ref().and_then(|message| outputs.remove(message.key()));
            match output {
                Some(Output::Success(body)) => {
                    has_passed = true;
                    self.item_accepted(key, call, Said::InBulk, body);
                }
                Some(Output::Error(body)) if refusal.is_none() => refusal = Some((key, call, body)),
                _ if refusal.is_some() => later.push((key, call)),
                _ => unclear.push((key, call)),
            }
        }
        if has_passed || refusal.is_some() {
            self.succeeded(epoch);
        }
        if body.terminate.is_some() {
            // It does not say whose, so that each instance is asked about.
            self.next_poll = Some(now);
            for lane in lanes {
                self.lanes.get_mut(&lane).into_iter().for_each(Lane::has_not_heard);
            }
        }
        self.put_back(later);
        let is_whole = refusal.is_none() && unclear.is_empty();
        if let Some((key, call, body)) = refusal {
            self.flights.shrink(items, 2);
            if is_transient(&body) {
                self.backoff.failure(epoch, now, None, fraction);
                self.item_failed(key, call, &Again::Status(500), true);
            } else if let Some(lane) = self.lanes.get_mut(&key) {
                lane.refused(call, Said::InBulk, &body, &mut self.out);
            }
        }
        if is_whole {
            self.flights.grow(items);
        }
        if !unclear.is_empty() {
            self.failed(Flight::left(unclear, epoch), None, &Again::Protocol(200), now, fraction);
        }
    }

    fn refused(&mut self, flight: Flight, status: u16, body: &Body) {
        let epoch = flight.epoch;
        if !flight.is_bulk {
            self.succeeded(epoch);
            for (key, call) in flight.calls {
                if let Some(lane) = self.lanes.get_mut(&key) {
                    lane.refused(call, Said::Alone(status), body, &mut self.out);
                }
            }
            return;
        }
        match status {
            413 => self.flights.shrink_bytes(&flight),
            _ if !self.out.capabilities.holds(Capability::Bulk) => self.out.lose(Capability::Bulk),
            // One of the items spoils the whole: they are sent in smaller and smaller company, the last one alone.
            _ => self.flights.shrink(flight.calls.len(), 2),
        }
        self.again_in_order(flight);
    }

    /// Nothing came of a request, and it is not known why: it is sent again, in smaller company where one of its
    /// calls may be the cause.
    fn failed(
        &mut self,
        flight: Flight,
        after: Option<Duration>,
        cause: &Again,
        now: Instant,
        fraction: f64,
    ) {
        if flight.calls.iter().all(|(_, call)| *call == Call::Poll) {
            return self.abandon_all(flight);
        }
        self.backoff.failure(flight.epoch, now, after, fraction);
        self.out.log(
            Fault::Unreachable,
            format!("the API is out of reach ({cause}): spans are kept and sent again"),
        );
        if cause.may_be_an_item() {
            self.flights.shrink(flight.calls.len(), 4);
        }
        let is_alone = flight.calls.len() == 1;
        let mut again = Vec::new();
        for (key, call) in flight.calls {
            if !self.item_failed(key, call, cause, is_alone) {
                again.push((key, call));
            }
        }
        self.put_back(again);
    }

    /// Counts a fault of one call. `true` when it needs no further care: it is given up, or at the end of the line,
    /// so that one poisoned item cannot stand in everybody's way.
    fn item_failed(&mut self, key: InstanceKey, call: Call, cause: &Again, is_alone: bool) -> bool {
        let Some(lane) = self.lanes.get_mut(&key) else { return true };
        let Some(attempt) = lane.attempt(call) else { return true };
        if !matches!(cause, Again::Unknown(_)) {
            let (faults, others_pass) = attempt.fault(self.successes);
            let reason = match cause {
                Again::Protocol(_) if is_alone => Some(DropReason::Protocol),
                Again::Status(_) if is_alone && others_pass => Some(DropReason::Rejected),
                _ => None,
            };
            if let Some(reason) = reason.filter(|_| faults >= MAX_FAULTS_OF_ONE_ITEM) {
                lane.abandon(call, reason, &mut self.out);
                return true;
            }
        }
        if is_alone {
            self.out.ready(key, call);
        }
        is_alone
    }

    fn item_accepted(&mut self, key: InstanceKey, call: Call, said: Said, body: Body) {
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.accepted(call, said, body, &self.account, &mut self.out);
        }
    }

    fn again_in_order(&mut self, flight: Flight) {
        self.put_back(flight.calls);
    }

    fn put_back(&mut self, calls: Vec<(InstanceKey, Call)>) {
        for (key, call) in calls.into_iter().rev() {
            self.out.ready_again(key, call);
        }
    }

    fn abandon_all(&mut self, flight: Flight) {
        for (key, call) in flight.calls {
            if let Some(lane) = self.lanes.get_mut(&key) {
                lane.abandon(call, DropReason::Protocol, &mut self.out);
            }
        }
    }

    fn unauthorized(&mut self, status: u16, now: Instant) {
        self.is_unauthorized = true;
        self.backoff.open_circuit(now);
        let text = format!("the API does not accept the token (HTTP {status}): check PREFACTOR_API_TOKEN");
        self.out.log(Fault::Auth, text);
    }

    fn succeeded(&mut self, epoch: u64) {
        self.backoff.success(epoch);
        self.is_unauthorized = false;
        self.successes += 1;
    }

    fn reply(&mut self, waiter: &Waiter, finished: bool) {
        let report = Report { finished, stats: self.out.counters.snapshot() };
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

fn is_registration(flight: &Flight) -> bool {
    matches!(flight.calls[..], [(_, Call::Register)])
}

/// Whether an item failed for a reason that may pass: a bulk answer has no HTTP status to tell.
fn is_transient(body: &Body) -> bool {
    const CODES: [&str; 6] = [
        "internal_error",
        "internal_server_error",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "too_many_requests",
    ];
    body.code.as_deref().is_some_and(|code| CODES.contains(&code))
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
