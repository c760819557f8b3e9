//! Updates a run when one of its calls is settled, and releases the calls that waited for it.

use crate::delivery::instance::key_map::remember;
use crate::delivery::instance::span::State;
use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::Mark;
use crate::operation::{Account, SpanKey};
use crate::payload::Payload;
use crate::types::pfid::Pfid;
use crate::types::stats::{DropReason, RunEvent};

impl InstanceDelivery {
    pub(super) fn refuse(&mut self, reason: DropReason, out: &mut ReadyQueue) {
        self.give_up(reason, out);
        self.phase = Phase::Refused(reason);
    }

    /// Takes over the run of a caller in another process, which is registered and started there.
    pub(super) fn joined(&mut self, id: String, out: &mut ReadyQueue) {
        self.partition = id.parse().map_or(0, |id: Pfid| id.partition());
        self.registration.registered(id.clone());
        self.api_id = Some(id);
        self.register.take().into_iter().for_each(|token| out.acks.resolve(token));
        self.started(out);
    }

    /// The run is registered under that id, of which the partition is returned.
    pub(super) fn registered(&mut self, id: String, account: &Account, out: &mut ReadyQueue) -> Option<Pfid> {
        let partition = id.parse().ok();
        if self.registration.is_joined() {
            self.joined(id, out);
            return partition;
        }
        self.partition = partition.map_or(account.provisional_partition(), |id: Pfid| id.partition());
        if self.registration.id().is_none() {
            out.counters.run(RunEvent::Registered);
        }
        self.registration.registered(id.clone());
        let instance = self.key();
        out.note(instance.origin().0, || Mark::Registered { instance, id: id.clone() });
        self.api_id = Some(id);
        self.phase = Phase::Registered;
        self.register.take().into_iter().for_each(|token| out.acks.resolve(token));
        if self.start.is_some() {
            out.ready(self.key(), ApiCall::Start);
        }
        self.try_finish(out);
        partition
    }

    /// The start is accepted, or refused: nothing depends on which, for spans are accepted in any phase of their run.
    pub(super) fn started(&mut self, out: &mut ReadyQueue) {
        self.phase = Phase::Active;
        if let Some((at, token)) = self.start.take() {
            self.started_at = at;
            out.acks.resolve(token);
        }
        for call in std::mem::take(&mut self.blocked) {
            out.ready(self.key(), call);
        }
        self.try_finish(out);
    }

    pub(super) fn finished(&mut self, event: RunEvent, out: &mut ReadyQueue) {
        self.settle_run(event, out);
        self.finish.take().into_iter().for_each(|finish| out.acks.resolve(finish.token));
    }

    pub(super) fn span_created(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        let is_terminal = entry.is_terminal() || entry.is_left_open;
        entry.state = State::Accepted;
        entry.start.payload = Payload::default();
        if is_terminal {
            entry.create.clear();
        } else {
            // The span may stay open for long.
            entry.create = Attempt::default();
        }
        let tokens = [entry.token.take(), entry.leave_token.take().map(|token| *token)];
        tokens.into_iter().flatten().for_each(|token| out.acks.resolve(token));
        let children = std::mem::take(&mut entry.children);
        self.unsettled -= 1;
        for child in children {
            self.make_ready(ApiCall::CreateSpan(child), out);
        }
        if is_terminal {
            self.span_acknowledged(key, out);
        } else {
            self.finish_ready(key, out);
        }
        self.try_finish(out);
    }

    pub(super) fn span_acknowledged(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        if let Some(mut entry) = self.spans.remove(&key) {
            if !entry.is_notice {
                out.counters.acknowledged();
            }
            self.unsettled -= 1;
            entry.settle(out);
            self.spans.recycle(entry);
        }
        self.try_finish(out);
    }

    /// Settles a span that is not acknowledged: dropped for that reason, or with an unknown outcome.
    pub(super) fn remove_span(&mut self, key: SpanKey, reason: Option<DropReason>, out: &mut ReadyQueue) {
        let Some(mut entry) = self.spans.remove(&key) else { return };
        match reason {
            _ if entry.is_notice => {}
            Some(reason) => {
                out.counters.dropped(reason);
                self.losses.add(reason);
            }
            None => out.counters.unknown(),
        }
        self.unsettled -=
            usize::from(!entry.is_accepted()) + usize::from(entry.finish.is_some() || entry.is_left_open);
        if !entry.is_accepted() {
            let (instance, parent) = (self.key(), entry.start.parent);
            out.note(instance.origin().0, || Mark::Refused { instance, key, parent });
            remember(&mut self.refused, key, parent);
        }
        for child in std::mem::take(&mut entry.children) {
            self.make_ready(ApiCall::CreateSpan(child), out);
        }
        entry.settle(out);
        self.try_finish(out);
    }
}
