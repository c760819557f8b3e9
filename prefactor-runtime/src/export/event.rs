//! Messages to a processor's thread, and the state that it shares with the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use super::countdown::Countdown;
use super::health::HealthCell;
use super::record::{SpanRecord, TraceRecord};
use crate::types::stats::Counters;

/// A message to a processor, in the order of events.
pub(crate) enum Event {
    TraceStart(Arc<TraceRecord>),
    SpanStart(Arc<SpanRecord>),
    SpanEnd(Arc<SpanRecord>),
    TraceEnd(Arc<TraceRecord>),
    Flush { deadline: Instant, countdown: Arc<Countdown> },
    Shutdown { deadline: Instant, countdown: Arc<Countdown> },
}

/// The state of a processor that others may read.
#[derive(Debug, Default)]
pub(crate) struct LaneStatus {
    pub(crate) name: &'static str,
    pub(crate) counters: Counters,
    pub(crate) health: HealthCell,
}

/// The state that the worker and the processor's thread share.
pub(super) struct Shared {
    /// Bytes in the queue, and in batches that are not settled: the worker adds, the thread subtracts.
    bytes: AtomicUsize,
    status: Arc<LaneStatus>,
}

impl Shared {
    pub(super) fn new(status: Arc<LaneStatus>) -> Self {
        Self { bytes: AtomicUsize::new(0), status }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    pub(super) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Relaxed);
    }

    pub(super) fn release(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Relaxed);
    }
}

impl std::ops::Deref for Shared {
    type Target = LaneStatus;

    fn deref(&self) -> &LaneStatus {
        &self.status
    }
}
