//! Takes the operations of a run: its start, its finish, and calls about it.

use crate::delivery::instance::state::{InstanceDelivery, InstanceFinish, NoteEntry, Phase};
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::Note;
use crate::platform::clock::Timestamp;
use crate::types::stats::RunCallEvent;
use crate::types::status::InstanceStatus;

impl InstanceDelivery {
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
}
