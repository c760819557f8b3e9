//! One agent instance on its way to the API: what is known of it and of its spans, and what may be sent next.
//!
//! Calls become ready when what they depend on is accepted: the registration before the start, the start
//! before the spans, a parent before its children, a span's start before its finish, everything before the
//! instance's finish. Calls that are ready depend on nothing and may be sent in any order and at once. In one
//! bulk request a call may also follow what it depends on.

mod encode;
pub(crate) mod key_map;
mod results;
pub(crate) mod span;

use std::sync::Arc;

use crate::delivery::instance::key_map::KeyMap;
use crate::delivery::instance::span::{Ending, Entry};
use crate::delivery::policy::capability::Capability;
use crate::delivery::schedule::acks::Ticket;
use crate::delivery::schedule::api_call::{Attempt, Call};
use crate::delivery::schedule::ready::Outbox;
use crate::operation::{InstanceKey, InstanceRecord, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::stats::DropReason;
use crate::types::status::{InstanceStatus, SpanStatus};

pub(super) use encode::{Passage, Scene};
pub(super) use results::Said;

/// Spans remembered after their end, refused ones and renamed ones each, to bound what they cost. The child of a
/// forgotten one names a parent that the API does not know, or none.
const MAX_REMEMBERED: usize = 4_096;

#[derive(Debug)]
pub(super) struct Lane {
    registration: Arc<InstanceRecord>,
    phase: Phase,
    register: Option<Ticket>,
    registering: Attempt,
    start: Option<(Timestamp, Ticket)>,
    starting: Attempt,
    finish: Option<InstanceFinish>,
    is_finish_requested: bool,
    /// Whether no handle is left that could add to the lane.
    is_released: bool,
    /// Spans that are open or not settled. Boxed: a map that grows moves all that is in it.
    spans: KeyMap<SpanKey, Box<Entry>>,
    /// Span calls that wait for the instance to be active.
    blocked: Vec<Call>,
    /// Span calls that are not settled; the instance's finish waits for them.
    unsettled: usize,
    /// Refused spans and their parents: their children go to the nearest ancestor that was accepted.
    refused: KeyMap<SpanKey, Option<SpanKey>>,
    /// Spans to which the API gave an id of its own.
    renamed: KeyMap<SpanKey, String>,
    watch: Watch,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Registering,
    Registered,
    Active,
    /// Nothing of it will be accepted: what comes is dropped, for this reason.
    Refused(DropReason),
}

#[derive(Debug)]
struct InstanceFinish {
    status: InstanceStatus,
    at: Timestamp,
    ticket: Ticket,
    is_ready: bool,
    attempt: Attempt,
}

/// Whether to ask if the instance was terminated.
#[derive(Debug, Default)]
struct Watch {
    /// Whether an answer about the instance came since the last round.
    has_heard: bool,
    is_asking: bool,
    /// Polls in a row that the API did not allow.
    refusals: u32,
}

impl Lane {
    pub(super) fn new(registration: Arc<InstanceRecord>, ticket: Ticket, out: &mut Outbox) -> Self {
        out.ready(registration.key, Call::Register);
        Self {
            registration,
            phase: Phase::Registering,
            register: Some(ticket),
            registering: Attempt::default(),
            start: None,
            starting: Attempt::default(),
            finish: None,
            is_finish_requested: false,
            is_released: false,
            spans: KeyMap::default(),
            blocked: Vec::new(),
            unsettled: 0,
            refused: KeyMap::default(),
            renamed: KeyMap::default(),
            watch: Watch::default(),
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
        if matches!(self.phase, Phase::Refused(_)) || self.start.is_some() {
            return out.tickets.settle(ticket);
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
        if matches!(self.phase, Phase::Refused(_)) || self.is_finish_requested {
            return out.tickets.settle(ticket);
        }
        self.is_finish_requested = true;
        let was_started = self.phase == Phase::Active || self.start.is_some();
        // The API completes active instances and cancels pending ones.
        let status = match status {
            InstanceStatus::Cancelled if was_started => InstanceStatus::Failed,
            _ if !was_started => InstanceStatus::Cancelled,
            status => status,
        };
        let attempt = Attempt::default();
        self.finish = Some(InstanceFinish { status, at, ticket, is_ready: false, attempt });
        self.try_finish(out);
    }

    pub(super) fn start_span(&mut self, mut start: SpanStart, ticket: Ticket, out: &mut Outbox) {
        if let Phase::Refused(reason) = self.phase {
            out.counters.dropped(reason);
            return out.tickets.settle(ticket);
        }
        self.take_over(&mut start.payload, out);
        let (key, parent) = (start.key, start.parent);
        self.spans.insert(key, Box::new(Entry::new(start, ticket)));
        self.unsettled += 1;
        let parent = parent.and_then(|parent| self.spans.get_mut(&parent));
        match parent {
            Some(parent) if !parent.is_accepted() => parent.children.push(key),
            _ => self.make_ready(Call::CreateSpan(key), out),
        }
    }

    pub(super) fn finish_span(&mut self, mut finish: SpanFinish, ticket: Option<Ticket>, out: &mut Outbox) {
        self.take_over(&mut finish.result, out);
        let key = finish.key;
        match self.spans.get_mut(&key) {
            Some(entry) if entry.finish.is_none() => {
                entry.finish = Some(Ending::new(finish, ticket));
                self.unsettled += 1;
                if out.capabilities.fails(Capability::Cancel) {
                    entry.fail_instead_of_cancel();
                }
                if entry.is_accepted() {
                    self.finish_ready(key, out);
                }
            }
            // Refused, or finished already by the shutdown: counted there.
            _ => ticket.into_iter().for_each(|ticket| out.tickets.settle(ticket)),
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
        let ticket = out.tickets.open(None);
        self.finish_instance(status, at, ticket, out);
    }

    /// The last handle is gone: nothing more will come, and an instance that nobody finished came to its end.
    pub(super) fn release(&mut self, at: Timestamp, ticket: Ticket, out: &mut Outbox) {
        self.is_released = true;
        self.finish_instance(InstanceStatus::Complete, at, ticket, out);
    }

    // What follows.

    /// Lets go of a caller's buffer. What is not sent yet may be held for long, alone.
    fn take_over(&self, payload: &mut Payload, out: &mut Outbox) {
        if self.phase == Phase::Active { payload.move_to(&mut out.pages) } else { payload.detach() }
    }

    fn make_ready(&mut self, call: Call, out: &mut Outbox) {
        if self.phase == Phase::Active { out.ready(self.key(), call) } else { self.blocked.push(call) }
    }

    fn finish_ready(&mut self, key: SpanKey, out: &mut Outbox) {
        let finish = self.spans.get_mut(&key).and_then(|entry| entry.finish.as_mut());
        if let Some(finish) = finish.filter(|finish| !finish.is_queued) {
            finish.is_queued = true;
            self.make_ready(Call::FinishSpan(key), out);
        }
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

    /// Settles everything: spans with a request in flight as unknown, the others as dropped.
    pub(super) fn give_up(&mut self, reason: DropReason, out: &mut Outbox) {
        for (_, mut entry) in std::mem::take(&mut self.spans) {
            if entry.is_in_flight() {
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
        tickets.into_iter().flatten().for_each(|ticket| out.tickets.settle(ticket));
    }
}
