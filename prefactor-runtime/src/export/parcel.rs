//! A batch on its way through an exporter's queue.

use std::sync::Arc;
use std::time::Instant;

use super::record::{SpanRecord, TraceRecord};

/// Failures after which other batches are tried before a batch is tried again, so that one which alone is refused holds up
/// nothing. Before that it goes first, which keeps the order.
const FAILURES_IN_ORDER: u32 = 2;

/// Failures after which a batch is given up, of those before which another batch was accepted.
const FAILURES_WHILE_OTHERS_PASS: u32 = 5;

/// One thing to be sent.
pub(super) enum Item {
    Span(Arc<SpanRecord>),
    TraceEnd(Arc<TraceRecord>),
}

impl Item {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Span(span) => span.weight(),
            Self::TraceEnd(trace) => trace.weight(),
        }
    }
}

pub(super) struct Pending {
    pub(super) item: Item,
    /// The number of flushes that had been asked for when it came.
    pub(super) epoch: u64,
    pub(super) since: Instant,
}

pub(super) struct Parcel {
    pub(super) items: Vec<Pending>,
    pub(super) weight: usize,
    pub(super) was_sent: bool,
    /// Whether the last attempt got no answer, so that the destination may have it.
    pub(super) is_in_doubt: bool,
    pub(super) divisions: u8,
    /// The epoch of the clock of retries.
    pub(super) retry_epoch: u64,
    /// How often it failed.
    failures: u32,
    /// How often it failed after another batch had been accepted since its last failure.
    failures_alone: u32,
    /// How many batches had been accepted at its last failure.
    accepted_before: u64,
}

impl Parcel {
    pub(super) fn new(items: Vec<Pending>, divisions: u8) -> Self {
        let weight = items.iter().map(|pending| pending.item.weight()).sum();
        Self {
            items,
            weight,
            was_sent: false,
            is_in_doubt: false,
            divisions,
            retry_epoch: 0,
            failures: 0,
            failures_alone: 0,
            accepted_before: 0,
        }
    }

    /// Notes a failure, after so many batches of the exporter were accepted. Says whether the batch is to be given up: a
    /// destination that takes others and not this one will not take it later.
    pub(super) fn fail(&mut self, accepted: u64) -> bool {
        if self.failures > 0 && accepted > self.accepted_before {
            self.failures_alone += 1;
        }
        self.failures += 1;
        self.accepted_before = accepted;
        self.failures_alone >= FAILURES_WHILE_OTHERS_PASS
    }

    /// Whether others are tried before it.
    pub(super) fn lets_others_pass(&self) -> bool {
        self.failures > FAILURES_IN_ORDER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_is_given_up_only_after_failures_between_which_others_were_accepted() {
        let mut parcel = Parcel::new(Vec::new(), 0);
        assert!((0..1_000).all(|_| !parcel.fail(7)), "nothing was accepted in between");
        assert!(parcel.lets_others_pass());
        let given_up: Vec<_> = (8..13).map(|accepted| parcel.fail(accepted)).collect();
        assert_eq!(given_up, [false, false, false, false, true]);
    }

    #[test]
    fn batch_goes_first_until_it_has_failed_twice_more() {
        let mut parcel = Parcel::new(Vec::new(), 0);
        let passes: Vec<_> = (0..4)
            .map(|_| {
                let passes = parcel.lets_others_pass();
                parcel.fail(0);
                passes
            })
            .collect();
        assert_eq!(passes, [false, false, false, true]);
    }
}
