//! A run on disk: what is stored of it for a later process, and how that process continues it.

use std::sync::Arc;

use crate::config::settings::Identity;
use crate::delivery::instance::span::SpanEntry;
use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::{Sent, Snapshot};
use crate::operation::{InstanceRecord, Operation, SpanFinish, SpanKey, SpanStart};
use crate::platform::clock::Timestamp;
use crate::types::pfid::Pfid;
use crate::types::stats::RunEvent;
use crate::types::status::{InstanceStatus, SpanStatus};
use crate::wire;

impl InstanceDelivery {
    /// The body of a registration as it is sent first.
    pub(crate) fn registration_body(record: &InstanceRecord, identity: &Identity) -> Vec<u8> {
        let key = Attempt::default().key(record.nonce, "register");
        wire::register(record, identity, key).instance_body().to_vec()
    }

    /// The operations by which a shutdown ends open spans.
    pub(crate) fn closing_operations(&self, status: InstanceStatus, at: Timestamp) -> Vec<Operation> {
        if matches!(self.phase, Phase::Refused(_)) {
            return Vec::new();
        }
        let instance = self.key();
        let open = self.spans.entries().filter(|(_, entry)| entry.is_open());
        let cancel = |key: SpanKey| {
            Operation::FinishSpan(SpanFinish::of_worker(instance, key, SpanStatus::Cancelled, at))
        };
        let mut operations: Vec<_> = open.map(|(key, _)| cancel(*key)).collect();
        if !self.is_finish_requested {
            operations.push(Operation::FinishInstance { instance, status, at });
        }
        operations
    }

    /// The state of the run that has to stay known when its earlier records are deleted.
    pub(crate) fn snapshot(&self, identity: &Identity) -> Option<Snapshot> {
        if matches!(self.phase, Phase::Refused(_)) {
            return None;
        }
        let open = self.spans.entries().filter(|(_, entry)| entry.is_accepted() && entry.is_open());
        Some(Snapshot {
            instance: self.key(),
            nonce: self.registration.nonce.to_string(),
            registration: Self::registration_body(&self.registration, identity),
            api_id: self.api_id.clone(),
            started_at: (self.phase == Phase::Active).then_some(self.started_at),
            last_at: self.last_at,
            is_finish_requested: self.is_finish_requested,
            open: open.map(|(key, _)| *key).collect(),
            refused: self.refused.iter().map(|(key, parent)| (*key, *parent)).collect(),
            renamed: self.renamed.iter().map(|(key, id)| (*key, id.clone())).collect(),
        })
    }

    /// Its snapshot is written.
    pub(crate) fn is_on_disk(&mut self) {
        self.is_recorded |= self.api_id.is_some();
    }

    /// A run of another process: registered, if its id is known.
    pub(crate) fn adopted(
        record: Arc<InstanceRecord>,
        token: AckToken,
        api_id: Option<&str>,
        out: &mut ReadyQueue,
    ) -> Self {
        let Some(id) = api_id else { return Self::new(record, token, out) };
        let mut instance = Self::new_unregistered(record, None);
        out.acks.resolve(token);
        out.counters.run(RunEvent::Registered);
        instance.is_recorded = true;
        instance.registration.registered(id.to_owned());
        instance.partition = id.parse().map_or(0, |id: Pfid| id.partition());
        instance.api_id = Some(id.to_owned());
        instance.phase = Phase::Registered;
        instance.may_register_anew = true;
        instance
    }

    pub(crate) fn resume_registration(&mut self, sent: Sent) {
        self.registering.resume(sent.version);
    }

    /// The start is settled.
    pub(crate) fn adopt_start(&mut self, at: Option<Timestamp>, out: &mut ReadyQueue) {
        if self.phase == Phase::Registered {
            out.counters.run(RunEvent::Started);
            self.is_start_counted = true;
            self.phase = Phase::Active;
        }
        if let Some(at) = at {
            self.started_at = at;
        }
    }

    pub(crate) fn adopt_memory(
        &mut self,
        refused: Vec<(SpanKey, Option<SpanKey>)>,
        renamed: Vec<(SpanKey, String)>,
    ) {
        self.refused.extend(refused);
        self.renamed.extend(renamed);
    }

    /// A span that is accepted and not finished, unless it is known. Whether it was not.
    pub(crate) fn adopt_open_span(&mut self, key: SpanKey) -> bool {
        if self.spans.contains_key(&key)
            || self.refused.contains_key(&key)
            || matches!(self.phase, Phase::Refused(_))
        {
            return false;
        }
        let entry = SpanEntry::accepted(self.key(), key, self.started_at);
        self.spans.insert(key, Box::new(entry));
        true
    }

    /// A span of another process, said as it was said there.
    pub(crate) fn adopt_span(
        &mut self,
        start: SpanStart,
        token: AckToken,
        sent: Option<Sent>,
        out: &mut ReadyQueue,
    ) {
        let Some(sent) = sent else { return self.start_span(start, token, out) };
        let key = start.key;
        self.add_span(start, sent.is_terminal, token, out);
        self.resume(ApiCall::CreateSpan(key), sent);
    }

    /// The call that an operation asks for.
    pub(crate) fn call_of(&self, operation: &Operation) -> Option<ApiCall> {
        match operation {
            Operation::StartInstance { .. } => Some(ApiCall::Start),
            Operation::FinishInstance { .. } => Some(ApiCall::Finish),
            Operation::FinishSpan(finish) => Some(ApiCall::FinishSpan(finish.key)),
            Operation::Note(_) => Some(ApiCall::Note(self.next_note)),
            _ => None,
        }
    }

    /// A call was sent by the process before.
    pub(crate) fn resume(&mut self, call: ApiCall, sent: Sent) {
        if let ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key) = call {
            let Some(entry) = self.spans.get_mut(&key) else { return };
            if sent.has_no_payload {
                entry.without_payload();
            }
            if sent.stands_in_for_cancel {
                entry.fail_instead_of_cancel();
            }
            if call == ApiCall::CreateSpan(key) {
                entry.has_server_id = sent.has_server_id;
                entry.is_start_alone = !sent.is_terminal;
            }
        }
        if let Some(attempt) = self.attempt(call) {
            attempt.resume(sent.version);
        }
    }

    /// No operation will be added to it.
    pub(crate) fn nothing_follows(&mut self, out: &mut ReadyQueue) {
        self.is_released = true;
        // The finishes of these spans were damaged on disk, so their starts go out alone.
        let held: Vec<_> =
            self.spans.entries().filter(|(_, entry)| entry.is_held).map(|(key, _)| *key).collect();
        for key in held {
            if let Some(entry) = self.spans.get_mut(&key) {
                entry.is_held = false;
            }
            self.create_ready(key, out);
        }
        self.try_finish(out);
    }
}
