//! Operations that are on disk: those of this process, and runs that are taken over from other processes.

use std::sync::Arc;

use crate::delivery::core::machine::Core;
use crate::delivery::instance::state::InstanceDelivery;
use crate::operation::stored::{Mark, RecordId, Sent, Snapshot};
use crate::operation::{InstanceRecord, Operation, SpanKey};
use crate::platform::clock::Timestamp;
use crate::types::stats::{DropReason, RunCallEvent, RunEvent};
use crate::types::status::{InstanceStatus, SpanStatus};

/// A run of another process, as far as it is known.
#[derive(Debug)]
pub(crate) struct AdoptedRun {
    pub(crate) record: InstanceRecord,
    /// The registration, unless it is settled, and how it was sent.
    pub(crate) register: Option<(RecordId, Option<Sent>)>,
    pub(crate) api_id: Option<String>,
    /// When the run started, if that is settled.
    pub(crate) started_at: Option<Timestamp>,
    /// Whether its start will come as an operation.
    pub(crate) has_start: bool,
    pub(crate) refused: Vec<(SpanKey, Option<SpanKey>)>,
    pub(crate) renamed: Vec<(SpanKey, String)>,
}

impl Core {
    /// Notes from now on what happens to operations.
    pub(crate) fn record(&mut self) {
        self.out.is_recording = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The body of a registration as it will be sent, with the nonce that begins its keys.
    pub(crate) fn registration_of(&self, record: &InstanceRecord) -> (String, Vec<u8>) {
        let body = InstanceDelivery::registration_body(record, self.identity());
        (record.nonce.to_string(), body)
    }

    /// Whether all that callers gave and that is not settled is on disk.
    pub(crate) fn is_recorded(&self) -> bool {
        self.out.acks.are_recorded()
    }

    /// Bytes taken over from other processes and not settled.
    pub(crate) fn adopted_bytes(&self) -> usize {
        self.out.acks.adopted_bytes()
    }

    pub(crate) fn take_notes(&mut self) -> (Vec<(u32, Mark)>, Vec<RecordId>) {
        (std::mem::take(&mut self.out.notes), self.out.acks.take_settled())
    }

    /// The operations by which a shutdown ends open spans and runs.
    pub(crate) fn closing_operations(&self, status: InstanceStatus) -> Vec<Operation> {
        let at = Timestamp::now().fixed();
        let own = self.instances.values().filter(|instance| !instance.is_adopted());
        own.flat_map(|instance| instance.closing_operations(status, at)).collect()
    }

    /// An operation of the worker itself.
    pub(crate) fn own_operation(&mut self, operation: Operation, record: Option<RecordId>) {
        let token = self.out.acks.open(record);
        self.take(operation, token);
    }

    /// The state of the runs of this process.
    pub(crate) fn snapshots(&self) -> Vec<Snapshot> {
        let own = self.instances.values().filter(|instance| !instance.is_adopted());
        own.filter_map(|instance| instance.snapshot(self.identity())).collect()
    }

    /// Whether the runs of this process are on disk, from now on.
    pub(crate) fn snapshots_are_written(&mut self) {
        for instance in self.instances.values_mut().filter(|instance| !instance.is_adopted()) {
            instance.is_on_disk();
        }
    }

    /// Takes over a run of another process.
    pub(crate) fn adopt_run(&mut self, run: AdoptedRun) {
        self.out.counters.run(RunEvent::Created);
        let key = run.record.key;
        let AdoptedRun { record, register, api_id, started_at, has_start, refused, renamed } = run;
        let token = match register {
            Some((record, _)) => self.out.acks.open_adopted(0, record),
            None => self.out.acks.open(None),
        };
        let mut instance =
            InstanceDelivery::adopted(Arc::new(record), token, api_id.as_deref(), &mut self.out);
        if let Some(sent) = register.and_then(|(_, sent)| sent) {
            instance.resume_registration(sent);
        }
        if started_at.is_some() || (!has_start && api_id.is_some()) {
            instance.adopt_start(started_at, &mut self.out);
        }
        instance.server_epoch = self.server_epoch;
        instance.adopt_memory(refused, renamed);
        self.instances.insert(key, instance);
    }

    /// An operation of a run that was taken over.
    pub(crate) fn adopted_operation(&mut self, operation: Operation, record: RecordId, sent: Option<Sent>) {
        let token = self.out.acks.open_adopted(operation.weight(), record);
        let key = operation.instance();
        let Some(instance) = self.instances.get_mut(&key) else { return self.out.acks.resolve(token) };
        match operation {
            Operation::StartSpan(start) => {
                self.out.counters.adopted();
                instance.adopt_span(start, token, sent, &mut self.out);
            }
            operation => {
                let is_counted = match &operation {
                    Operation::FinishSpan(finish) if finish.is_by_reference => true,
                    Operation::FinishSpan(finish) if finish.status != SpanStatus::Active => {
                        instance.adopt_open_span(finish.key)
                    }
                    Operation::Note(_) => {
                        self.out.counters.run_call(RunCallEvent::Created);
                        false
                    }
                    _ => false,
                };
                if is_counted {
                    self.out.counters.adopted();
                }
                let call = instance.call_of(&operation);
                self.take(operation, token);
                if let (Some(sent), Some(call), Some(instance)) = (sent, call, self.instances.get_mut(&key)) {
                    instance.resume(call, sent);
                }
            }
        }
    }

    /// An operation of a run of which nothing is left that could be registered.
    pub(crate) fn lost_operation(&mut self, record: RecordId, is_span: bool) {
        let token = self.out.acks.open_adopted(0, record);
        if is_span {
            self.out.counters.adopted();
            self.out.counters.dropped(DropReason::SpoolLost);
        }
        self.out.acks.resolve(token);
    }

    /// All operations of a journal were given.
    pub(crate) fn adopted_all(&mut self, journal: u32) {
        for instance in self.instances.values_mut() {
            if instance.key().origin().0 == journal {
                instance.nothing_follows(&mut self.out);
            }
        }
        self.instances.retain(|_, instance| !(instance.is_adopted() && instance.is_retired()));
    }
}
