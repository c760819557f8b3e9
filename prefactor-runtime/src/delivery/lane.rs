//! One agent instance on its way to the API: what is known of it and of its spans, and what may be sent next.
//!
//! Calls become ready when what they depend on is accepted: the registration before the start, the start
//! before the spans, a parent before its children, a span's start before its finish, everything before the
//! instance's finish. Calls that are ready depend on nothing and may be sent in any order and at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::core::{Outbox, Ticket};
use crate::clock::Timestamp;
use crate::config::Identity;
use crate::operation::{Account, InstanceKey, Registration, SpanFinish, SpanKey, SpanStart};
use crate::payload::{Payload, Redact};
use crate::stats::DropReason;
use crate::status::{InstanceStatus, SpanStatus};
use crate::transport::Request;
use crate::wire::{self, Body};

/// Refused spans that are remembered, to bound what a long run of refusals costs. The child of a forgotten one
/// names a parent that the API does not know.
const MAX_REFUSED: usize = 4_096;

/// One request to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Call {
    Register,
    Start,
    CreateSpan(SpanKey),
    FinishSpan(SpanKey),
    Finish,
}

#[derive(Debug)]
pub(super) struct Lane {
    registration: Arc<Registration>,
    phase: Phase,
    register: Option<Ticket>,
    start: Option<(Timestamp, Ticket)>,
    finish: Option<InstanceFinish>,
    is_finish_requested: bool,
    /// Whether no handle is left that could add to the lane.
    is_released: bool,
    /// Spans that are open or not settled.
    spans: HashMap<SpanKey, Entry>,
    /// Span calls that wait for the instance to be active.
    blocked: Vec<Call>,
    /// Span calls that are not settled; the instance's finish waits for them.
    unsettled: usize,
    /// Refused spans and their parents: their children go to the nearest ancestor that was accepted.
    refused: HashMap<SpanKey, Option<SpanKey>>,
    /// Spans to which the API gave an id of its own.
    renamed: HashMap<SpanKey, String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Registering,
    Registered,
    Active,
    Refused,
}

#[derive(Debug)]
struct InstanceFinish {
    status: InstanceStatus,
    at: Timestamp,
    ticket: Ticket,
    is_ready: bool,
}

#[derive(Debug)]
struct Entry {
    start: SpanStart,
    create: Create,
    ticket: Option<Ticket>,
    finish: Option<(SpanFinish, Option<Ticket>)>,
    /// Children that wait for this span to be accepted.
    children: Vec<SpanKey>,
    /// Whether the API refused `cancelled`, so that the finish goes out as `failed`.
    cancel_refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Create {
    Waiting,
    /// Sent with the finish in it or without; the bytes are fixed from here on.
    Sent {
        is_terminal: bool,
    },
    Accepted,
}

impl Lane {
    pub(super) fn new(registration: Arc<Registration>, ticket: Ticket, out: &mut Outbox) -> Self {
        out.ready(registration.key, Call::Register);
        Self {
            registration,
            phase: Phase::Registering,
            register: Some(ticket),
            start: None,
            finish: None,
            is_finish_requested: false,
            is_released: false,
            spans: HashMap::new(),
            blocked: Vec::new(),
            unsettled: 0,
            refused: HashMap::new(),
            renamed: HashMap::new(),
        }
    }

    fn key(&self) -> InstanceKey {
        self.registration.key
    }

    /// Whether nothing can come of this lane any more: all is settled and no handle is left to add to it.
    pub(super) fn is_retired(&self) -> bool {
        self.is_released && self.spans.is_empty() && self.finish.is_none()
    }

    // What callers did.

    pub(super) fn start_instance(&mut self, at: Timestamp, ticket: Ticket, out: &mut Outbox) {
        if self.phase == Phase::Refused || self.start.is_some() {
            return out.settle(ticket);
        }
        self.start = Some((at, ticket));
        if self.phase == Phase::Registered {
            out.ready(self.key(), Call::Start);
        }
    }

    pub(super) fn finish_instance(
        &mut self,
        status: InstanceStatus,
        at: Timestamp,
        ticket: Ticket,
        out: &mut Outbox,
    ) {
        if self.phase == Phase::Refused || self.is_finish_requested {
            return out.settle(ticket);
        }
        self.is_finish_requested = true;
        let was_started = self.phase == Phase::Active || self.start.is_some();
        // The API completes active instances and cancels pending ones.
        let status = match status {
            InstanceStatus::Cancelled if was_started => InstanceStatus::Failed,
            _ if !was_started => InstanceStatus::Cancelled,
            status => status,
        };
        self.finish = Some(InstanceFinish { status, at, ticket, is_ready: false });
        self.try_finish(out);
    }

    pub(super) fn start_span(&mut self, start: SpanStart, ticket: Ticket, out: &mut Outbox) {
        if self.phase == Phase::Refused {
            out.counters.dropped(DropReason::DependencyRejected);
            return out.settle(ticket);
        }
        let (key, parent) = (start.key, start.parent);
        let entry = Entry {
            start,
            create: Create::Waiting,
            ticket: Some(ticket),
            finish: None,
            children: Vec::new(),
            cancel_refused: false,
        };
        self.spans.insert(key, entry);
        self.unsettled += 1;
        let parent = parent.and_then(|parent| self.spans.get_mut(&parent));
        match parent {
            Some(parent) if parent.create != Create::Accepted => parent.children.push(key),
            _ => self.make_ready(Call::CreateSpan(key), out),
        }
    }

    pub(super) fn finish_span(&mut self, finish: SpanFinish, ticket: Option<Ticket>, out: &mut Outbox) {
        let key = finish.key;
        match self.spans.get_mut(&key) {
            Some(entry) if entry.finish.is_none() => {
                entry.finish = Some((finish, ticket));
                self.unsettled += 1;
                if entry.create == Create::Accepted {
                    self.make_ready(Call::FinishSpan(key), out);
                }
            }
            // Refused, or finished already by the shutdown: counted there.
            _ => ticket.into_iter().for_each(|ticket| out.settle(ticket)),
        }
    }

    /// At shutdown: what is still open is cancelled, and the instance finished.
    pub(super) fn close(&mut self, status: InstanceStatus, at: Timestamp, out: &mut Outbox) {
        let open: Vec<_> =
            self.spans.iter().filter(|(_, entry)| entry.finish.is_none()).map(|(key, _)| *key).collect();
        for key in open {
            let instance = self.key();
            let finish =
                SpanFinish { instance, key, status: SpanStatus::Cancelled, at, result: Payload::default() };
            self.finish_span(finish, None, out);
        }
        let ticket = out.ticket();
        self.finish_instance(status, at, ticket, out);
    }

    /// The last handle is gone: nothing more will come, and an instance that nobody finished came to its end.
    pub(super) fn release(&mut self, at: Timestamp, ticket: Ticket, out: &mut Outbox) {
        self.is_released = true;
        self.finish_instance(InstanceStatus::Complete, at, ticket, out);
    }

    // What is sent.

    /// The request of a call, or `None` when there is nothing left to send for it.
    pub(super) fn request(
        &mut self,
        call: Call,
        identity: &Identity,
        account: &Account,
        redact: &dyn Redact,
    ) -> Option<Request> {
        let nonce = self.registration.nonce;
        let instance_id = self.registration.id();
        match call {
            Call::Register => {
                Some(wire::register(&self.registration.agent, identity, &format!("{nonce}-register")))
            }
            Call::Start => {
                let (at, _) = self.start.as_ref()?;
                Some(wire::start_instance(instance_id?, *at, &format!("{nonce}-start")))
            }
            Call::Finish => {
                let InstanceFinish { status, at, .. } = self.finish.as_ref()?;
                Some(wire::finish_instance(instance_id?, *status, *at, &format!("{nonce}-finish")))
            }
            Call::CreateSpan(key) => {
                let parent =
                    self.spans.get(&key)?.start.parent.and_then(|parent| self.accepted_ancestor(parent));
                let parent_id = parent.map(|parent| self.wire_id(parent, account));
                let entry = self.spans.get_mut(&key)?;
                let finish = entry
                    .finish
                    .as_ref()
                    .map(|(finish, _)| finish)
                    .filter(|finish| may_join(&entry.start, finish));
                entry.create = Create::Sent { is_terminal: finish.is_some() };
                let id = account.span_id(key);
                let idempotency_key = format!("{id}-create");
                Some(wire::create_span(
                    instance_id?,
                    id,
                    parent_id.as_deref(),
                    &entry.start,
                    finish,
                    &idempotency_key,
                    redact,
                ))
            }
            Call::FinishSpan(key) => {
                let id = self.wire_id(key, account);
                let entry = self.spans.get(&key)?;
                let (finish, _) = entry.finish.as_ref()?;
                let attempt = if entry.cancel_refused { "finish-failed" } else { "finish" };
                Some(wire::finish_span(&id, finish, &format!("{}-{attempt}", account.span_id(key)), redact))
            }
        }
    }

    fn wire_id(&self, key: SpanKey, account: &Account) -> String {
        self.renamed.get(&key).cloned().unwrap_or_else(|| account.span_id(key).to_string())
    }

    fn accepted_ancestor(&self, mut key: SpanKey) -> Option<SpanKey> {
        while let Some(parent) = self.refused.get(&key) {
            key = (*parent)?;
        }
        Some(key)
    }

    // What came of it.

    pub(super) fn accepted(&mut self, call: Call, body: Body, account: &Account, out: &mut Outbox) {
        if let Some(terminated) = body.terminate {
            self.registration.terminate(terminated);
        }
        match call {
            Call::Register => self.registered(body.id, account, out),
            Call::Start => self.started(out),
            Call::Finish => self.finished(out),
            Call::CreateSpan(key) => {
                if let Some(id) = body.id.filter(|id| *id != account.span_id(key).to_string()) {
                    self.renamed.insert(key, id);
                }
                self.span_created(key, out);
            }
            Call::FinishSpan(key) => self.span_acknowledged(key, out),
        }
    }

    /// Returns what to log, where the refusal costs anything.
    pub(super) fn refused(
        &mut self,
        call: Call,
        status: u16,
        body: Body,
        is_repeat: bool,
        out: &mut Outbox,
    ) -> Option<String> {
        let code = body.code.unwrap_or_default();
        let what = match call {
            Call::Start | Call::Finish if status == 409 => {
                self.settle_instance_call(call, out);
                return None;
            }
            // The first try was applied, and only its answer was lost.
            Call::CreateSpan(key) if status == 409 && is_repeat => {
                self.span_created(key, out);
                return None;
            }
            Call::FinishSpan(key) if self.finish_as_failed(key, out) => return None,
            Call::FinishSpan(key) if status == 409 && code == "invalid_action" => {
                self.span_acknowledged(key, out);
                return None;
            }
            Call::Register => {
                self.give_up(DropReason::DependencyRejected, |_| false, out);
                self.phase = Phase::Refused;
                "the registration of an agent instance, and with it all its spans"
            }
            Call::Start => {
                self.settle_instance_call(call, out);
                "the start of an agent instance"
            }
            Call::Finish => {
                self.settle_instance_call(call, out);
                "the finish of an agent instance"
            }
            Call::CreateSpan(key) => {
                self.drop_span(key, DropReason::Rejected, out);
                "a span"
            }
            Call::FinishSpan(key) => {
                self.drop_span(key, DropReason::Rejected, out);
                "the finish of a span"
            }
        };
        Some(format!("the API refused {what} (HTTP {status} {code})"))
    }

    /// Gives a call up for another reason than a refusal of its own.
    pub(super) fn abandon_call(&mut self, call: Call, reason: DropReason, out: &mut Outbox) {
        match call {
            Call::Register => {
                self.give_up(reason, |_| false, out);
                self.phase = Phase::Refused;
            }
            Call::Start | Call::Finish => self.settle_instance_call(call, out),
            Call::CreateSpan(key) | Call::FinishSpan(key) => self.drop_span(key, reason, out),
        }
    }

    /// Settles everything: spans with a request in flight as unknown, the others as dropped.
    pub(super) fn give_up(&mut self, reason: DropReason, in_flight: impl Fn(Call) -> bool, out: &mut Outbox) {
        for (key, entry) in std::mem::take(&mut self.spans) {
            if in_flight(Call::CreateSpan(key)) || in_flight(Call::FinishSpan(key)) {
                out.counters.unknown();
            } else {
                out.counters.dropped(reason);
            }
            entry.settle(out);
        }
        self.unsettled = 0;
        self.blocked.clear();
        let tickets = [
            self.register.take(),
            self.start.take().map(|(_, ticket)| ticket),
            self.finish.take().map(|finish| finish.ticket),
        ];
        tickets.into_iter().flatten().for_each(|ticket| out.settle(ticket));
    }

    fn registered(&mut self, id: Option<String>, account: &Account, out: &mut Outbox) {
        let Some(id) = id else { return self.abandon_call(Call::Register, DropReason::Protocol, out) };
        if let Ok(id) = id.parse() {
            account.learn(id);
        }
        self.registration.registered(id);
        self.phase = Phase::Registered;
        self.register.take().into_iter().for_each(|ticket| out.settle(ticket));
        if self.start.is_some() {
            out.ready(self.key(), Call::Start);
        }
        self.try_finish(out);
    }

    fn started(&mut self, out: &mut Outbox) {
        self.phase = Phase::Active;
        self.start.take().into_iter().for_each(|(_, ticket)| out.settle(ticket));
        for call in std::mem::take(&mut self.blocked) {
            out.ready(self.key(), call);
        }
        self.try_finish(out);
    }

    fn finished(&mut self, out: &mut Outbox) {
        self.finish.take().into_iter().for_each(|finish| out.settle(finish.ticket));
    }

    /// Refused, but nothing depends on the outcome: spans are accepted in any phase of their instance.
    fn settle_instance_call(&mut self, call: Call, out: &mut Outbox) {
        if call == Call::Start { self.started(out) } else { self.finished(out) }
    }

    fn span_created(&mut self, key: SpanKey, out: &mut Outbox) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        let is_terminal = entry.create == Create::Sent { is_terminal: true };
        entry.create = Create::Accepted;
        entry.start.payload = Payload::default();
        entry.ticket.take().into_iter().for_each(|ticket| out.settle(ticket));
        let (children, is_finished) = (std::mem::take(&mut entry.children), entry.finish.is_some());
        self.unsettled -= 1;
        for child in children {
            self.make_ready(Call::CreateSpan(child), out);
        }
        if is_terminal {
            self.span_acknowledged(key, out);
        } else if is_finished {
            self.make_ready(Call::FinishSpan(key), out);
        }
        self.try_finish(out);
    }

    fn span_acknowledged(&mut self, key: SpanKey, out: &mut Outbox) {
        if let Some(entry) = self.spans.remove(&key) {
            out.counters.acknowledged();
            self.unsettled -= 1;
            entry.settle(out);
        }
        self.try_finish(out);
    }

    fn drop_span(&mut self, key: SpanKey, reason: DropReason, out: &mut Outbox) {
        let Some(mut entry) = self.spans.remove(&key) else { return };
        out.counters.dropped(reason);
        self.unsettled -= usize::from(entry.create != Create::Accepted) + usize::from(entry.finish.is_some());
        if entry.create != Create::Accepted {
            if self.refused.len() >= MAX_REFUSED {
                self.refused.clear();
            }
            self.refused.insert(key, entry.start.parent);
        }
        for child in std::mem::take(&mut entry.children) {
            self.make_ready(Call::CreateSpan(child), out);
        }
        entry.settle(out);
        self.try_finish(out);
    }

    /// The API's documentation and its SDKs disagree on whether an active span may be cancelled. Where it is
    /// refused, the span goes out as failed and says why.
    fn finish_as_failed(&mut self, key: SpanKey, out: &mut Outbox) -> bool {
        let Some(entry) = self.spans.get_mut(&key) else { return false };
        let Some((finish, _)) = entry.finish.as_mut() else { return false };
        if finish.status != SpanStatus::Cancelled || entry.start.status == SpanStatus::Pending {
            return false;
        }
        finish.status = SpanStatus::Failed;
        finish.result.insert("error_type", "Cancelled");
        entry.cancel_refused = true;
        self.make_ready(Call::FinishSpan(key), out);
        true
    }

    fn make_ready(&mut self, call: Call, out: &mut Outbox) {
        if self.phase == Phase::Active { out.ready(self.key(), call) } else { self.blocked.push(call) }
    }

    fn try_finish(&mut self, out: &mut Outbox) {
        let is_due = self.unsettled == 0
            && self.start.is_none()
            && matches!(self.phase, Phase::Active | Phase::Registered);
        if let Some(finish) = self.finish.as_mut().filter(|finish| is_due && !finish.is_ready) {
            finish.is_ready = true;
            out.ready(self.registration.key, Call::Finish);
        }
    }
}

impl Entry {
    fn settle(self, out: &mut Outbox) {
        self.ticket.into_iter().for_each(|ticket| out.settle(ticket));
        self.finish.and_then(|(_, ticket)| ticket).into_iter().for_each(|ticket| out.settle(ticket));
    }
}

/// Whether a start and its finish can go out as one: the API takes a span that is complete or failed from the
/// beginning, but cancels only what it has seen.
fn may_join(start: &SpanStart, finish: &SpanFinish) -> bool {
    start.status == SpanStatus::Active && matches!(finish.status, SpanStatus::Complete | SpanStatus::Failed)
}
