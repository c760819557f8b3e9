//! One agent instance on its way to the API: the state of the run and of its spans.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::instance::losses::Losses;
use crate::delivery::instance::span_table::SpanTable;
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{InstanceKey, InstanceRecord, Note, Operation, SpanKey};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::platform::key_map::KeyMap;
use crate::types::pfid::Pfid;
use crate::types::stats::{DropReason, RunEvent};
use crate::types::status::InstanceStatus;

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

    /// Adds to the first span of the run what is known of the run.
    pub(crate) fn complete(&self, operation: &mut Operation) {
        if let Operation::StartSpan(start) = operation {
            if start.parent.is_none() {
                start.payload.add_facts(&self.facts);
            }
        }
    }
}
