//! Takes the operations of spans: starts, finishes, and spans that are left to another process.

use crate::delivery::instance::span::{PendingFinish, SpanEntry};
use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::policy::capability::Capability;
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::types::stats::DropReason;
use crate::types::status::SpanStatus;

/// Calls that wait before their spans are packed: fewer take little room as they are. Tests pack all that wait.
const MANY: usize = if cfg!(test) { 0 } else { 512 };

impl InstanceDelivery {
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
}
