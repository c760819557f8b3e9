//! One agent instance on its way to the API: what is known of it and of its spans, and what may be sent next.
//!
//! Calls become ready when what they depend on is accepted: the registration before the start, the start
//! before the spans, a parent before its children, a span's start before its finish, everything before the
//! instance's finish. Calls that are ready depend on nothing and may be sent in any order and at once. In one
//! bulk request a call may also follow what it depends on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::instance::losses::Losses;
use crate::delivery::instance::span::{PendingFinish, SpanEntry};
use crate::delivery::instance::span_table::SpanTable;
use crate::delivery::policy::capability::Capability;
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{InstanceKey, InstanceRecord, Note, Operation, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::platform::key_map::KeyMap;
use crate::types::pfid::Pfid;
use crate::types::stats::{DropReason, RunCallEvent, RunEvent};
use crate::types::status::{InstanceStatus, SpanStatus};

/// Calls that wait before their spans are packed: fewer take little room as they are. Tests pack all that wait.
const MANY: usize = if cfg!(test) { 0 } else { 512 };

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct InstanceDelivery {
    pub(super) registration: Arc<InstanceRecord>,
    pub(super) phase: Phase,
    pub(super) register: Option<AckToken>,
    pub(super) registering: Attempt,
    pub(super) types: TypesSent,
    pub(super) start: Option<(Timestamp, AckToken)>,
    pub(super) starting: Attempt,
    pub(super) finish: Option<InstanceFinish>,
    pub(super) is_finish_requested: bool,
    /// Whether no handle is left that could add to the instance.
    pub(super) is_released: bool,
    /// Spans that are open or not settled.
    pub(super) spans: SpanTable,
    pub(super) losses: Losses,
    /// Span calls that wait for the instance to be active.
    pub(super) blocked: Vec<ApiCall>,
    /// Span calls that are not settled; the instance's finish waits for them.
    pub(super) unsettled: usize,
    /// Refused spans and their parents: their children go to the nearest ancestor that was accepted.
    pub(super) refused: KeyMap<SpanKey, Option<SpanKey>>,
    /// Spans to which the API gave an id of its own.
    pub(super) renamed: KeyMap<SpanKey, String>,
    pub(super) notes: BTreeMap<u64, NoteEntry>,
    pub(super) next_note: u64,
    pub(super) watch: Watch,
    /// Session, user, tags and metadata of the run, which its top spans carry.
    facts: Payload,
    /// The id that the API gave the run when it was registered last.
    pub(super) api_id: Option<String>,
    /// The partition of that id, which the ids of its spans share.
    pub(super) partition: u32,
    /// When the run started, as far as its start was accepted: said again when the run is registered anew.
    pub(super) started_at: Timestamp,
    /// Whether something was accepted since the run was registered, so that its server knew it.
    pub(super) may_register_anew: bool,
    /// Whether it was registered anew before.
    pub(super) was_registered_anew: bool,
    /// Whether a span of it was accepted under an id of ours since then.
    pub(super) are_ids_taken: bool,
    /// The start of the server at which the run was registered, by the core's count.
    pub(crate) server_epoch: u64,
    pub(super) is_start_counted: bool,
    is_run_settled: bool,
    /// When something last happened in it.
    pub(super) last_at: Timestamp,
    /// Whether it is on disk that the run was registered.
    pub(super) is_recorded: bool,
}

/// State of the schemas in the registration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TypesSent {
    None,
    /// Under the identifier of the schema version, which tells its content.
    Sent(String),
    /// The API refused what was said.
    Refused,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Registering,
    Registered,
    Active,
    /// Nothing of it will be accepted: what comes is dropped, for this reason.
    Refused(DropReason),
}

/// Something said of the run, on its way.
#[derive(Debug)]
pub(super) struct NoteEntry {
    pub(super) note: Note,
    pub(super) attempt: Attempt,
    pub(super) token: AckToken,
}

#[derive(Debug)]
pub(super) struct InstanceFinish {
    pub(super) status: InstanceStatus,
    pub(super) at: Timestamp,
    pub(super) token: AckToken,
    pub(super) is_ready: bool,
    pub(super) attempt: Attempt,
}

/// Whether to ask if the instance was terminated.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Whether an answer about the instance came since the last round.
    pub(super) has_heard: bool,
    pub(super) is_asking: bool,
    /// Polls in a row that the API did not allow.
    pub(super) refusals: u32,
}

impl InstanceDelivery {
    pub(crate) fn new(registration: Arc<InstanceRecord>, token: AckToken, out: &mut ReadyQueue) -> Self {
        let (is_joined, id) = (registration.is_joined(), registration.id().map(str::to_owned));
        let mut instance = Self::new_unregistered(registration, Some(token));
        if is_joined {
            (instance.is_run_settled, instance.is_start_counted) = (true, true);
        }
        match id.filter(|_| is_joined) {
            Some(id) => instance.joined(id, out),
            None => out.ready(instance.key(), ApiCall::Register),
        }
        instance
    }

    pub(super) fn new_unregistered(registration: Arc<InstanceRecord>, token: Option<AckToken>) -> Self {
        let is_recorded = token.as_ref().is_some_and(|token| token.record().is_some());
        let facts = registration.registration.facts();
        let spans = SpanTable::new(registration.key);
        Self {
            registration,
            phase: Phase::Registering,
            register: token,
            registering: Attempt::default(),
            start: None,
            starting: Attempt::default(),
            finish: None,
            is_finish_requested: false,
            is_released: false,
            spans,
            losses: Losses::default(),
            blocked: Vec::new(),
            unsettled: 0,
            refused: KeyMap::default(),
            renamed: KeyMap::default(),
            notes: BTreeMap::new(),
            next_note: 0,
            watch: Watch::default(),
            facts,
            api_id: None,
            types: TypesSent::None,
            partition: 0,
            started_at: Timestamp::now(),
            may_register_anew: false,
            was_registered_anew: false,
            are_ids_taken: false,
            server_epoch: 0,
            is_start_counted: false,
            is_run_settled: false,
            last_at: Timestamp::now(),
            is_recorded,
        }
    }

    pub(crate) fn key(&self) -> InstanceKey {
        self.registration.key
    }

    /// Whether it is a run of another process.
    pub(crate) fn is_adopted(&self) -> bool {
        self.key().origin().0 != 0
    }

    /// Whether another process has registered the run.
    pub(crate) fn is_joined(&self) -> bool {
        self.registration.is_joined()
    }

    /// The id under which the API knows the run.
    pub(crate) fn id(&self) -> Option<&str> {
        self.api_id.as_deref()
    }

    /// The id of a span as the API is told it: spans are sent after the registration, so that the partition is known.
    pub(super) fn span_id(&self, key: SpanKey) -> Pfid {
        key.in_partition(self.partition)
    }

    /// Counts what became of the run, the first time that it is known.
    pub(super) fn settle_run(&mut self, event: RunEvent, out: &ReadyQueue) {
        if !std::mem::replace(&mut self.is_run_settled, true) {
            out.counters.run(event);
        }
    }

    /// Whether nothing can come of this instance any more: all is settled and no handle is left to add to it.
    pub(crate) fn is_retired(&self) -> bool {
        self.is_released && self.spans.is_empty() && self.notes.is_empty() && self.finish.is_none()
    }

    pub(crate) fn start_instance(&mut self, at: Timestamp, token: AckToken, out: &mut ReadyQueue) {
        if matches!(self.phase, Phase::Refused(_)) || self.start.is_some() {
            return out.acks.resolve(token);
        }
        self.last_at = self.last_at.max(at);
        self.start = Some((at, token));
        if self.phase == Phase::Registered {
            out.ready(self.key(), ApiCall::Start);
        }
    }

    pub(crate) fn finish_instance(
        &mut self,
        status: InstanceStatus,
        at: Timestamp,
        token: AckToken,
        out: &mut ReadyQueue,
    ) {
        // The process that began a run also finishes it.
        let is_over = matches!(self.phase, Phase::Refused(_)) || self.is_finish_requested;
        if is_over || self.registration.is_joined() {
            return out.acks.resolve(token);
        }
        self.is_finish_requested = true;
        self.last_at = self.last_at.max(at);
        let was_started = self.phase == Phase::Active || self.start.is_some();
        // The API completes active instances and cancels pending ones.
        let status = match status {
            InstanceStatus::Cancelled if was_started => InstanceStatus::Failed,
            _ if !was_started => InstanceStatus::Cancelled,
            status => status,
        };
        let attempt = Attempt::default();
        self.finish = Some(InstanceFinish { status, at, token, is_ready: false, attempt });
        self.try_finish(out);
    }

    /// Adds to the first span of the run what is known of the run.
    pub(crate) fn complete(&self, operation: &mut Operation) {
        if let Operation::StartSpan(start) = operation {
            if start.parent.is_none() {
                start.payload.add_facts(&self.facts);
            }
        }
    }

    pub(crate) fn start_span(&mut self, start: SpanStart, token: AckToken, out: &mut ReadyQueue) {
        let is_held = start.status == SpanStatus::Pending;
        self.add_span(start, is_held, token, out);
    }

    /// A span whose start goes out now, or waits for its finish.
    pub(super) fn add_span(
        &mut self,
        mut start: SpanStart,
        is_held: bool,
        token: AckToken,
        out: &mut ReadyQueue,
    ) {
        if let Phase::Refused(reason) = self.phase {
            out.counters.dropped(reason);
            return out.acks.resolve(token);
        }
        self.take_over(&mut start.payload);
        self.last_at = self.last_at.max(start.at);
        let key = start.key;
        let mut entry = self.spans.entry(start, token);
        entry.is_held = is_held;
        self.spans.insert(key, entry);
        self.unsettled += 1;
        if !is_held {
            self.create_ready(key, out);
        }
    }

    /// A span may be created as soon as its parent is.
    pub(super) fn create_ready(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let parent = self.spans.get(&key).and_then(|entry| entry.start.parent);
        let parent = parent.and_then(|parent| self.spans.get_mut(&parent));
        match parent {
            Some(parent) if !parent.is_accepted() => parent.children.push(key),
            _ => self.make_ready(ApiCall::CreateSpan(key), out),
        }
    }

    pub(crate) fn finish_span(
        &mut self,
        mut finish: SpanFinish,
        token: Option<AckToken>,
        out: &mut ReadyQueue,
    ) {
        self.take_over(&mut finish.result);
        self.last_at = self.last_at.max(finish.at);
        let key = finish.key;
        if finish.status == SpanStatus::Active {
            return self.leave_open(key, token, out);
        }
        if finish.is_by_reference {
            return self.finish_by_reference(finish, token, out);
        }
        match self.spans.get_mut(&key) {
            Some(entry) if entry.finish.is_none() => {
                entry.finish = Some(PendingFinish::new(finish, token));
                self.unsettled += 1;
                if out.capabilities.is_disabled(Capability::Cancel) {
                    entry.fail_instead_of_cancel();
                }
                let is_disabled = out.capabilities.is_disabled(Capability::CreateCancelled);
                // A call that an earlier process sent is repeated as it was.
                if is_disabled
                    && entry.is_held
                    && entry.start.status == SpanStatus::Pending
                    && entry.create.tries == 0
                {
                    entry.make_pending_first();
                }
                self.finish_set(key, out);
                if self.waits_for_long(out) {
                    self.spans.pack(key);
                }
            }
            _ => token.into_iter().for_each(|token| out.acks.resolve(token)),
        }
    }

    /// Takes a call about the run: quality, an alert or its termination.
    pub(crate) fn note(&mut self, mut note: Note, token: AckToken, out: &mut ReadyQueue) {
        if matches!(self.phase, Phase::Refused(_)) {
            out.counters.run_call(RunCallEvent::Lost);
            return out.acks.resolve(token);
        }
        note.payload.detach();
        self.last_at = self.last_at.max(note.at);
        let number = self.next_note;
        self.next_note += 1;
        self.notes.insert(number, NoteEntry { note, attempt: Attempt::default(), token });
        self.unsettled += 1;
        self.make_ready(ApiCall::Note(number), out);
    }

    /// A call about the run is settled.
    pub(super) fn note_settled(&mut self, number: u64, event: RunCallEvent, out: &mut ReadyQueue) {
        if let Some(entry) = self.notes.remove(&number) {
            self.unsettled -= 1;
            out.counters.run_call(event);
            out.acks.resolve(entry.token);
        }
        self.try_finish(out);
    }

    /// Whether what comes now is sent much later: the run is not registered, or the server is out of reach.
    fn waits_for_long(&self, out: &ReadyQueue) -> bool {
        let waiting = if self.phase == Phase::Active { out.waiting() } else { self.blocked.len() };
        waiting > MANY
    }

    /// A span is left to another process, which will end it.
    fn leave_open(&mut self, key: SpanKey, token: Option<AckToken>, out: &mut ReadyQueue) {
        let entry = self.spans.get_mut(&key);
        let Some(entry) = entry.filter(|entry| entry.finish.is_none() && !entry.is_left_open) else {
            return token.into_iter().for_each(|token| out.acks.resolve(token));
        };
        entry.is_left_open = true;
        // Resolved together with the start, so that no start stays on disk without it.
        entry.leave_token = token.map(Box::new);
        self.unsettled += 1;
        if entry.is_accepted() {
            self.span_acknowledged(key, out);
        }
    }

    /// A span has its finish, which goes out with its start or when that is accepted.
    fn finish_set(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        if std::mem::take(&mut entry.is_held) {
            self.create_ready(key, out);
        } else if entry.is_accepted() {
            self.finish_ready(key, out);
        }
    }

    /// Ends a span that a reference names.
    fn finish_by_reference(&mut self, finish: SpanFinish, token: Option<AckToken>, out: &mut ReadyQueue) {
        if let Phase::Refused(reason) = self.phase {
            out.counters.dropped(reason);
            return token.into_iter().for_each(|token| out.acks.resolve(token));
        }
        let key = finish.key;
        match self.spans.get_mut(&key) {
            Some(entry) if entry.is_left_open => {
                entry.is_left_open = false;
                self.unsettled -= 1;
                out.counters.acknowledged();
            }
            Some(_) => {
                out.counters.dropped(DropReason::Rejected);
                return token.into_iter().for_each(|token| out.acks.resolve(token));
            }
            None => {
                let entry = SpanEntry::accepted(finish.instance, key, finish.at);
                self.spans.insert(key, Box::new(entry));
            }
        }
        let Some(entry) = self.spans.get_mut(&key) else { return };
        entry.finish = Some(PendingFinish::new(finish, token));
        self.unsettled += 1;
        self.finish_set(key, out);
    }

    /// Lets go of a caller's buffer, where what is in it may be held for long, alone. A call of a run that is active is encoded
    /// soon, which lets go of it as well.
    fn take_over(&self, payload: &mut Payload) {
        if self.phase != Phase::Active {
            payload.detach();
        }
    }

    pub(super) fn make_ready(&mut self, call: ApiCall, out: &mut ReadyQueue) {
        if self.phase == Phase::Active { out.ready(self.key(), call) } else { self.blocked.push(call) }
    }

    pub(super) fn finish_ready(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let finish = self.spans.get_mut(&key).and_then(|entry| entry.finish.as_mut());
        if let Some(finish) = finish.filter(|finish| !finish.is_queued) {
            finish.is_queued = true;
            self.make_ready(ApiCall::FinishSpan(key), out);
        }
    }
}
