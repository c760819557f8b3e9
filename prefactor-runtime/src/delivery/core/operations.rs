//! Takes the operations of the program, each to its run.

use crate::delivery::core::machine::Core;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::schedule::acks::AckToken;
use crate::operation::stored::RecordId;
use crate::operation::{InstanceKey, Operation};
use crate::types::stats::{DropReason, RunCallEvent, RunEvent};

impl Core {
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
