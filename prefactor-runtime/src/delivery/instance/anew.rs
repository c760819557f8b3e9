//! Registers a run again after its server has lost it.

use crate::delivery::instance::key_map::remember;
use crate::delivery::instance::state::{InstanceDelivery, Phase};
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::types::stats::DropReason;

impl InstanceDelivery {
    /// Registers the run with a server that does not know it. Spans that the server before had accepted are lost with it;
    /// those on their way are sent to this one.
    pub(crate) fn register_anew(&mut self, out: &mut ReadyQueue) {
        (self.may_register_anew, self.are_ids_taken) = (false, false);
        self.was_registered_anew = true;
        self.phase = Phase::Registering;
        self.api_id = None;
        self.registering.reencode_always();
        self.starting.reencode_always();
        self.spans.unpack_all();
        let accepted: Vec<_> =
            self.spans.entries().filter(|(_, entry)| entry.is_accepted()).map(|(key, _)| *key).collect();
        for key in accepted {
            let parent = self.spans.get(&key).and_then(|entry| entry.start.parent);
            self.remove_span(key, Some(DropReason::DependencyRejected), out);
            remember(&mut self.refused, key, parent);
        }
        let waiting = self.spans.entries().filter(|(_, entry)| !entry.is_held);
        let mut waiting: Vec<_> = waiting.map(|(key, _)| *key).collect();
        // A key begins with its time, so parents come before their children.
        waiting.sort_unstable();
        self.blocked.clear();
        for key in waiting {
            let parent = self.spans.get(&key).and_then(|entry| entry.start.parent);
            let is_child = parent.is_some_and(|parent| self.spans.contains_key(&parent));
            let Some(entry) = self.spans.get_mut(&key) else { continue };
            entry.reencode_always();
            if let (true, Some(parent)) = (is_child, parent) {
                let parent = self.spans.get_mut(&parent);
                parent
                    .filter(|parent| !parent.children.contains(&key))
                    .into_iter()
                    .for_each(|parent| parent.children.push(key));
            } else {
                self.blocked.push(ApiCall::CreateSpan(key));
            }
        }
        for (number, entry) in &mut self.notes {
            entry.attempt.reencode_always();
            self.blocked.push(ApiCall::Note(*number));
        }
        self.register.get_or_insert_with(|| out.acks.open(None));
        self.start.get_or_insert_with(|| (self.started_at, out.acks.open(None)));
        out.ready(self.key(), ApiCall::Register);
    }
}
