//! Counts the spans that a run has lost, for the span that reports them.

use std::collections::BTreeMap;

use crate::payload::Payload;
use crate::types::stats::DropReason;

/// The name of the span that says how many others of its run are missing.
pub(super) const SCHEMA_NAME: &str = "prefactor:lost";

/// Spans of one run that the platform will not have, by the reason.
#[derive(Debug, Default)]
pub(super) struct Losses {
    dropped: [u64; DropReason::ALL.len()],
    /// How many have been told of.
    told: u64,
}

impl Losses {
    /// A span was dropped by the worker.
    pub(super) fn add(&mut self, reason: DropReason) {
        self.dropped[reason as usize] += 1;
    }

    /// Sets how many spans the queue has refused in all.
    pub(super) fn refused_by_queue(&mut self, spans: u64) {
        self.dropped[DropReason::QueueFull as usize] = spans;
    }

    /// Whether more are lost than were told of, and whether these are twice as many.
    pub(super) fn news(&self) -> (bool, bool) {
        let all = self.all();
        (all > self.told, all > 0 && all >= 2 * self.told)
    }

    /// The payload of the span `prefactor:lost`. The losses in it count as told from here on.
    pub(super) fn tell(&mut self) -> Payload {
        self.told = self.all();
        let by_reason: BTreeMap<_, _> = DropReason::ALL
            .into_iter()
            .map(|reason| (reason.as_str(), self.dropped[reason as usize]))
            .filter(|(_, spans)| *spans > 0)
            .collect();
        let mut payload = Payload::default();
        payload.insert("name", "spans of this run are missing");
        payload.insert("spans", &self.told);
        payload.insert("reasons", &by_reason);
        if self.dropped[DropReason::QueueFull as usize] > 0 {
            payload.insert("setting", "a larger max_queue_bytes (PREFACTOR_MAX_QUEUE_BYTES) keeps more");
        }
        payload
    }

    fn all(&self) -> u64 {
        self.dropped.iter().sum()
    }
}
