//! The span `prefactor:lost`, which tells the readers of a run how many of its spans are missing.
//!
//! The counts and the log are seen by those who run the program. Those who read the run are told by a span of it, which
//! `prefactor-local` shows as a mark. It is no span of the program's, so that no count has it.

use std::borrow::Cow;

use crate::delivery::instance::losses::SCHEMA_NAME;
use crate::delivery::instance::span::{PendingFinish, SpanEntry};
use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{SpanFinish, SpanKey, SpanStart};
use crate::types::status::SpanStatus;

impl InstanceDelivery {
    /// While the run goes on: tells of losses, each time that they have doubled.
    pub(crate) fn tell_growing_losses(&mut self, out: &mut ReadyQueue) {
        self.losses.refused_by_queue(self.registration.refused_spans());
        let (_, have_doubled) = self.losses.news();
        if have_doubled && !self.is_finish_requested {
            self.send_notice(out);
        }
    }

    /// At the end of the run: tells of losses that were not told of.
    pub(super) fn tell_losses(&mut self, out: &mut ReadyQueue) {
        self.losses.refused_by_queue(self.registration.refused_spans());
        let (is_news, _) = self.losses.news();
        if is_news {
            self.send_notice(out);
        }
    }

    fn send_notice(&mut self, out: &mut ReadyQueue) {
        if self.phase != Phase::Active {
            return;
        }
        let (instance, at) = (self.key(), self.last_at);
        let key = SpanKey::generate(at.unix_millis());
        let start = SpanStart {
            instance,
            key,
            parent: None,
            schema_name: Cow::Borrowed(SCHEMA_NAME),
            status: SpanStatus::Active,
            at,
            payload: self.losses.tell(),
        };
        let finish = SpanFinish::of_worker(instance, key, SpanStatus::Complete, at);
        let mut entry = SpanEntry::new(start, Some(out.acks.open(None)));
        entry.is_notice = true;
        entry.finish = Some(PendingFinish::new(finish, None));
        self.spans.insert(key, Box::new(entry));
        self.unsettled += 2;
        self.create_ready(key, out);
    }
}
