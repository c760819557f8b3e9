//! Ends a run's delivery: the run is finished, left to another process, or given up.

use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::SpanFinish;
use crate::platform::clock::Timestamp;
use crate::platform::internal_log::FaultKind;
use crate::types::stats::{DropReason, RunCallEvent, RunEvent};
use crate::types::status::{InstanceStatus, SpanStatus};

impl InstanceDelivery {
    /// At shutdown: what is still open is cancelled, and the instance finished.
    pub(crate) fn close(&mut self, status: InstanceStatus, at: Timestamp, out: &mut ReadyQueue) {
        let open: Vec<_> =
            self.spans.entries().filter(|(_, entry)| entry.is_open()).map(|(key, _)| *key).collect();
        for key in open {
            let finish = SpanFinish::of_worker(self.key(), key, SpanStatus::Cancelled, at);
            self.finish_span(finish, None, out);
        }
        let token = out.acks.open(None);
        self.finish_instance(status, at, token, out);
        if self.registration.is_joined() {
            self.tell_losses(out);
        }
    }

    /// The last handle is gone: nothing more will come, and an instance that nobody finished came to its end.
    pub(crate) fn release(&mut self, at: Timestamp, token: AckToken, out: &mut ReadyQueue) {
        self.is_released = true;
        self.finish_instance(InstanceStatus::Complete, at, token, out);
        self.try_finish(out);
    }

    /// Finishes the run once everything else of it is settled.
    pub(super) fn try_finish(&mut self, out: &mut ReadyQueue) {
        let is_settled = |this: &Self| {
            let is_begun = matches!(this.phase, Phase::Active | Phase::Registered);
            this.unsettled == 0 && this.start.is_none() && is_begun
        };
        let is_last = match &self.finish {
            Some(finish) => !finish.is_ready,
            None => self.is_released && self.registration.is_joined(),
        };
        if !is_last || !is_settled(self) {
            return;
        }
        self.tell_losses(out);
        if let Some(finish) = self.finish.as_mut().filter(|_| self.unsettled == 0) {
            finish.is_ready = true;
            out.ready(self.registration.key, ApiCall::Finish);
        }
    }

    /// Leaves what is on disk to whoever reads it there, and settles the rest. Whether all of it is left.
    pub(crate) fn leave(&mut self, reason: DropReason, out: &mut ReadyQueue) -> bool {
        let has_record = |token: &AckToken| token.record().is_some();
        let is_left = self.is_recorded
            && self.register.as_ref().is_none_or(has_record)
            && self.start.as_ref().is_none_or(|(_, token)| has_record(token))
            && self.finish.as_ref().is_none_or(|finish| has_record(&finish.token))
            && self.notes.values().all(|entry| has_record(&entry.token))
            && self.spans.are_recorded();
        if !is_left {
            self.give_up(reason, out);
            return false;
        }
        for mut entry in self.spans.drain() {
            entry.leave(out);
        }
        for entry in std::mem::take(&mut self.notes).into_values() {
            out.acks.leave(entry.token);
        }
        self.take_tokens().into_iter().flatten().for_each(|token| out.acks.leave(token));
        true
    }

    fn take_tokens(&mut self) -> [Option<AckToken>; 3] {
        [
            self.register.take(),
            self.start.take().map(|(_, token)| token),
            self.finish.take().map(|finish| finish.token),
        ]
    }

    /// Settles everything: spans that the server may have as unknown, the others as dropped.
    pub(crate) fn give_up(&mut self, reason: DropReason, out: &mut ReadyQueue) {
        let is_finish_sent = self.finish.as_ref().is_some_and(|finish| finish.attempt.may_be_on_server());
        self.settle_run(if is_finish_sent { RunEvent::Unknown } else { RunEvent::Lost }, out);
        for mut entry in self.spans.drain() {
            if entry.is_notice {
                // No count has it.
            } else if entry.may_have_arrived() {
                out.counters.unknown();
            } else {
                out.counters.dropped(reason);
            }
            entry.settle(out);
        }
        self.unsettled = 0;
        self.blocked = Vec::new();
        let notes = std::mem::take(&mut self.notes);
        if !notes.is_empty() {
            out.log(
                FaultKind::Refused,
                "quality, alerts or the termination of an agent instance were not delivered",
            );
        }
        for entry in notes.into_values() {
            let may_have_arrived = entry.attempt.may_be_on_server();
            out.counters.run_call(if may_have_arrived { RunCallEvent::Unknown } else { RunCallEvent::Lost });
            out.acks.resolve(entry.token);
        }
        self.take_tokens().into_iter().flatten().for_each(|token| out.acks.resolve(token));
    }
}
