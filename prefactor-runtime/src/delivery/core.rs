//! The heart of delivery: events in, actions out. No clock, no socket, no thread, no randomness of its own.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::backoff::Backoff;
use super::lane::{Call, Lane};
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
use crate::wire;

/// Requests in flight at most. The API's limits are not published; thirty-two hide a round trip of 50 ms well.
const MAX_IN_FLIGHT: usize = 32;
/// After so many answers that are not of the API, or server errors while other items pass, an item is given up.
const MAX_TRIES_OF_ONE_ITEM: u32 = 5;

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
    Stop,
}

/// What lanes write to: calls that may be sent, and the ledger.
#[derive(Debug)]
pub(super) struct Outbox {
    calls: VecDeque<Pending>,
    pub(super) counters: Arc<Counters>,
    gauge: Arc<Gauge>,
    unsettled: BTreeSet<u64>,
    next_ticket: u64,
}

/// One operation in the ledger, from its arrival to its settlement.
#[derive(Debug)]
pub(super) struct Ticket {
    number: u64,
    /// What it holds of the queue, in bytes; `None` for what the worker added by itself.
    weight: Option<usize>,
}

#[derive(Debug)]
struct Pending {
    lane: InstanceKey,
    call: Call,
    /// Fixed by the first try: every repeat sends the same bytes under the same key.
    request: Option<Request>,
    tries: u32,
    faults: u32,
    /// The client's successes at the first fault, to tell a poisoned item from a broken server.
    successes: u64,
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
    lanes: HashMap<InstanceKey, Lane>,
    out: Outbox,
    in_flight: HashMap<u64, Pending>,
    actions: VecDeque<Action>,
    backoff: Backoff,
    is_unauthorized: bool,
    successes: u64,
    next_request: u64,
    /// The question after the token, while it is open.
    ping: Option<u64>,
    waiters: Vec<Waiter>,
    shutdown: Option<Waiter>,
    is_closed: bool,
    identity: Identity,
    account: Arc<Account>,
    redaction: Redaction,
}

impl Outbox {
    pub(super) fn ready(&mut self, lane: InstanceKey, call: Call) {
        self.calls.push_back(Pending { lane, call, request: None, tries: 0, faults: 0, successes: 0 });
    }

    /// Opens a ticket for something that callers did not put into the queue.
    pub(super) fn ticket(&mut self) -> Ticket {
        self.open(None)
    }

    fn open(&mut self, weight: Option<usize>) -> Ticket {
        let number = self.next_ticket;
        self.next_ticket += 1;
        self.unsettled.insert(number);
        Ticket { number, weight }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a ticket is settled once, so it is taken away")]
    pub(super) fn settle(&mut self, ticket: Ticket) {
        self.unsettled.remove(&ticket.number);
        if let Some(weight) = ticket.weight {
            self.gauge.release(weight);
        }
    }
}

impl Core {
    pub(super) fn new(
        identity: Identity,
        account: Arc<Account>,
        counters: Arc<Counters>,
        gauge: Arc<Gauge>,
        redaction: Redaction,
    ) -> Self {
        let out =
            Outbox { calls: VecDeque::new(), counters, gauge, unsettled: BTreeSet::new(), next_ticket: 0 };
        Self {
            lanes: HashMap::new(),
            out,
            in_flight: HashMap::new(),
            actions: VecDeque::new(),
            backoff: Backoff::default(),
            is_unauthorized: false,
            successes: 0,
            next_request: 0,
            ping: None,
            waiters: Vec::new(),
            shutdown: None,
            is_closed: false,
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
        let id = self.next_request;
        self.next_request += 1;
        self.ping = Some(id);
        self.out.counters.request(false);
        self.actions.push_back(Action::Send { id, request: wire::ping() });
    }

    pub(super) fn operation(&mut self, operation: Operation) {
        let ticket = self.out.open(Some(operation.weight()));
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
                self.out.counters.dropped(DropReason::AfterShutdown);
                self.out.settle(ticket);
            }
            (Operation::FinishSpan(finish), Some(lane)) => {
                lane.finish_span(finish, Some(ticket), &mut self.out);
            }
            _ => self.out.settle(ticket),
        }
    }

    pub(super) fn answer(&mut self, id: u64, answer: Answer, now: Instant, fraction: f64) {
        if self.ping.take_if(|ping| *ping == id).is_some() {
            if let Verdict::Unauthorized { status } = Verdict::from(answer) {
                self.unauthorized(status, now);
            }
            return;
        }
        let Some(pending) = self.in_flight.remove(&id) else { return };
        let lane = pending.lane;
        match Verdict::from(answer) {
            Verdict::Accepted(body) => {
                self.succeeded();
                if let Some(lane) = self.lanes.get_mut(&pending.lane) {
                    lane.accepted(pending.call, body, &self.account, &mut self.out);
                }
            }
            Verdict::Refused { status, body } => {
                self.succeeded();
                let is_repeat = pending.tries > 1;
                let lane = self.lanes.get_mut(&lane);
                let complaint =
                    lane.and_then(|lane| lane.refused(pending.call, status, body, is_repeat, &mut self.out));
                if let Some(text) = complaint {
                    self.log(Fault::Refused, text);
                }
            }
            Verdict::Unauthorized { status } => {
                self.unauthorized(status, now);
                self.out.calls.push_back(pending);
            }
            Verdict::Again { after, cause } => {
                self.backoff.failure(now, after, fraction);
                self.log(
                    Fault::Unreachable,
                    format!("the API is out of reach ({cause}): spans are kept and sent again"),
                );
                self.again(pending, &cause);
            }
        }
        if self.lanes.get(&lane).is_some_and(Lane::is_retired) {
            self.lanes.remove(&lane);
        }
    }

    pub(super) fn flush(&mut self, number: u64, deadline: Instant) {
        self.waiters.push(Waiter { number, deadline, mark: self.out.next_ticket });
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

    /// Sends what may be sent and answers who waits. To be called after every event and at every wake-up.
    pub(super) fn advance(&mut self, now: Instant) {
        while self.in_flight.len() < self.backoff.allowance(now, MAX_IN_FLIGHT) {
            let Some(pending) = self.out.calls.pop_front() else { break };
            self.send(pending);
        }
        let first_unsettled = self.out.unsettled.first().copied().unwrap_or(u64::MAX);
        let (ended, waiting) = std::mem::take(&mut self.waiters)
            .into_iter()
            .partition(|waiter| waiter.mark <= first_unsettled || waiter.deadline <= now);
        self.waiters = waiting;
        for waiter in ended {
            self.reply(&waiter, waiter.mark <= first_unsettled);
        }
        if let Some(waiter) =
            self.shutdown.take_if(|waiter| first_unsettled == u64::MAX || waiter.deadline <= now)
        {
            self.stop(&waiter, first_unsettled == u64::MAX);
        }
    }

    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Core::advance`] next if nothing happens before.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let pause = self.backoff.paused_until().filter(|_| !self.out.calls.is_empty());
        let deadlines = self.waiters.iter().chain(&self.shutdown).map(|waiter| waiter.deadline);
        deadlines.chain(pause).min()
    }

    fn send(&mut self, mut pending: Pending) {
        if pending.request.is_none() {
            let lane = self.lanes.get_mut(&pending.lane);
            pending.request = lane
                .and_then(|lane| lane.request(pending.call, &self.identity, &self.account, &self.redaction));
        }
        let Some(request) = pending.request.clone() else { return };
        self.out.counters.request(pending.tries > 0);
        pending.tries += 1;
        let id = self.next_request;
        self.next_request += 1;
        self.in_flight.insert(id, pending);
        self.actions.push_back(Action::Send { id, request });
    }

    fn unauthorized(&mut self, status: u16, now: Instant) {
        self.is_unauthorized = true;
        self.backoff.unauthorized(now);
        let text = format!("the API does not accept the token (HTTP {status}): check PREFACTOR_API_TOKEN");
        self.log(Fault::Auth, text);
    }

    fn succeeded(&mut self) {
        self.backoff.success();
        self.is_unauthorized = false;
        self.successes += 1;
    }

    /// Puts a request back, at the end, so that one poisoned item cannot stand in everybody's way.
    fn again(&mut self, mut pending: Pending, cause: &Again) {
        if pending.faults == 0 {
            pending.successes = self.successes;
        }
        pending.faults += u32::from(!matches!(cause, Again::Unknown(_)));
        let reason = match cause {
            Again::Protocol(_) => Some(DropReason::Protocol),
            Again::Status(_) if self.successes > pending.successes => Some(DropReason::Rejected),
            _ => None,
        };
        match reason.filter(|_| pending.faults >= MAX_TRIES_OF_ONE_ITEM) {
            Some(reason) => {
                if let Some(lane) = self.lanes.get_mut(&pending.lane) {
                    lane.abandon_call(pending.call, reason, &mut self.out);
                }
            }
            None => self.out.calls.push_back(pending),
        }
    }

    fn reply(&mut self, waiter: &Waiter, finished: bool) {
        let report = Report { finished, stats: self.out.counters.snapshot() };
        self.actions.push_back(Action::Reply { number: waiter.number, report });
    }

    fn stop(&mut self, waiter: &Waiter, finished: bool) {
        let reason = if self.is_unauthorized { DropReason::Auth } else { DropReason::ShutdownDeadline };
        let in_flight: BTreeSet<_> =
            self.in_flight.values().map(|pending| (pending.lane, pending.call)).collect();
        for (key, lane) in &mut self.lanes {
            lane.give_up(reason, |call| in_flight.contains(&(*key, call)), &mut self.out);
        }
        self.lanes.clear();
        self.reply(waiter, finished);
        for waiter in std::mem::take(&mut self.waiters) {
            self.reply(&waiter, finished);
        }
        self.actions.push_back(Action::Stop);
    }

    fn log(&mut self, fault: Fault, text: String) {
        self.actions.push_back(Action::Log { fault, text });
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

impl std::fmt::Display for Again {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "HTTP {status}"),
            Self::Protocol(status) => write!(formatter, "HTTP {status} with an answer that is not the API's"),
            Self::Unknown(cause) => formatter.write_str(cause),
        }
    }
}
