//! Fills batches, and sends those that are due.

use std::sync::Arc;
use std::time::Instant;

use crate::export::batch_queue::queue::BatchQueue;
use crate::export::exporter::Batch;
use crate::export::parcel::{Item, Parcel, Pending};

/// Batches of the largest number of bytes that are on their way together, to bound the bytes of their requests. Of smaller ones there
/// may be more, up to [`Batching::max_in_flight`](crate::export::exporter::Batching::max_in_flight).
const FULL_BATCHES_IN_FLIGHT: usize = 8;

impl BatchQueue {
    pub(super) fn add(&mut self, item: Item, since: Instant) {
        self.pending_bytes += item.weight();
        self.unsettled.add(self.epoch);
        self.pending.push_back(Pending { item, epoch: self.epoch, since });
    }

    /// Sends the next batch, if one may go now, and returns whether it did. One at a time: between two of them, bodies that are
    /// encoded are written and answers are read, so that no more bodies are in memory than the destination is slow to take.
    pub(super) fn send(&mut self, now: Instant) -> bool {
        let may_send = self.has_room()
            && self.in_flight.len() < self.backoff.allowance(now, self.batching.max_in_flight);
        let Some(parcel) = may_send.then(|| self.next(now)).flatten() else { return false };
        self.start(parcel);
        true
    }

    /// Whether one more batch may be on its way.
    pub(super) fn has_room(&self) -> bool {
        let bytes: usize = self.in_flight.values().map(|parcel| parcel.weight).sum();
        self.in_flight.len() < self.batching.max_in_flight
            && bytes < self.batching.max_bytes.saturating_mul(FULL_BATCHES_IN_FLIGHT).max(1)
    }

    fn next(&mut self, now: Instant) -> Option<Parcel> {
        let is_turn_of_new = self.was_old && self.again.iter().all(Parcel::lets_others_pass);
        if !is_turn_of_new || self.pending.is_empty() {
            if let Some(parcel) = self.again.pop_front() {
                self.was_old = true;
                return Some(parcel);
            }
        }
        self.was_old = false;
        let oldest = self.pending.front()?;
        let is_due = self.pending.len() >= self.batching.max_spans
            || self.pending_bytes >= self.batching.max_bytes
            || oldest.since + self.batching.delay <= now
            || oldest.epoch < self.epoch
            || !self.again.is_empty();
        is_due.then(|| self.take_batch())
    }

    fn take_batch(&mut self) -> Parcel {
        let (mut items, mut bytes) = (Vec::new(), 0);
        while let Some(pending) = self.pending.front() {
            bytes += pending.item.weight();
            if items.len() >= self.batching.max_spans
                || (bytes > self.batching.max_bytes && !items.is_empty())
            {
                break;
            }
            self.pending_bytes -= pending.item.weight();
            items.extend(self.pending.pop_front());
        }
        Parcel::new(items, 0)
    }

    fn start(&mut self, mut parcel: Parcel) {
        let mut batch = Batch::default();
        for pending in &parcel.items {
            match &pending.item {
                Item::Span(span) => batch.spans.push(Arc::clone(span)),
                Item::TraceEnd(trace) => batch.traces.push(Arc::clone(trace)),
            }
        }
        self.shared.counters.request(parcel.was_sent);
        parcel.was_sent = true;
        parcel.retry_epoch = self.backoff.epoch();
        let exporter = Arc::clone(&self.exporter);
        // Calls the exporter inside the task, which catches its panic.
        let task = self.requests.spawn(async move { exporter.export(batch).await });
        self.in_flight.insert(task.id(), parcel);
    }
}
