//! Calls of a run become ready when what they depend on is accepted.
//!
//! The registration comes before the start, the start before the spans, a parent before its children, a span's start before its
//! finish, everything before the instance's finish. Calls that are ready depend on nothing and may be sent in any order and at
//! once. In one bulk request a call may also follow what it depends on.

use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::SpanKey;

impl InstanceDelivery {
    pub(super) fn make_ready(&mut self, call: ApiCall, out: &mut ReadyQueue) {
        if self.phase == Phase::Active { out.ready(self.key(), call) } else { self.blocked.push(call) }
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

    pub(super) fn finish_ready(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let finish = self.spans.get_mut(&key).and_then(|entry| entry.finish.as_mut());
        if let Some(finish) = finish.filter(|finish| !finish.is_queued) {
            finish.is_queued = true;
            self.make_ready(ApiCall::FinishSpan(key), out);
        }
    }
}
