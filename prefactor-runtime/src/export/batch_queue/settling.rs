//! Settles each span and each run once: counts it and gives its bytes back.

use crate::export::batch_queue::queue::BatchQueue;
use crate::export::parcel::{Item, Pending};
use crate::types::stats::{DropReason, RunEvent};

impl BatchQueue {
    /// Settles spans: acknowledged, or dropped for a reason.
    pub(super) fn settle(&mut self, items: Vec<Pending>, reason: Option<DropReason>) {
        let rejected = if reason.is_some() { items.len() } else { 0 };
        self.settle_as(items, rejected, reason.unwrap_or(DropReason::Rejected));
    }

    pub(super) fn settle_partly(&mut self, items: Vec<Pending>, rejected: usize) {
        self.settle_as(items, rejected, DropReason::Rejected);
    }

    fn settle_as(&mut self, items: Vec<Pending>, mut dropped: usize, reason: DropReason) {
        let is_whole_batch = dropped == items.len();
        for pending in items {
            match &pending.item {
                Item::Span(_) if dropped > 0 => {
                    dropped -= 1;
                    self.shared.counters.dropped(reason);
                }
                Item::Span(_) => self.shared.counters.acknowledged(),
                Item::TraceEnd(_) if is_whole_batch => self.shared.counters.run(RunEvent::Lost),
                Item::TraceEnd(_) => self.shared.counters.run(RunEvent::Finished),
            }
            self.release(&pending);
        }
    }

    fn release(&mut self, pending: &Pending) {
        self.shared.release(pending.item.weight());
        self.unsettled.settle(pending.epoch);
    }

    pub(super) fn is_settled(&self, epoch: u64) -> bool {
        self.unsettled.oldest().is_none_or(|oldest| oldest > epoch)
    }

    pub(super) fn settle_unknown(&mut self, items: Vec<Pending>) {
        for pending in items {
            match &pending.item {
                Item::Span(_) => self.shared.counters.unknown(),
                Item::TraceEnd(_) => self.shared.counters.run(RunEvent::Unknown),
            }
            self.release(&pending);
        }
    }
}
