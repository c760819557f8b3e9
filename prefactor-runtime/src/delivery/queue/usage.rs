//! How full the queue is, with what the worker holds, and in which order things came into it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

use crate::config::settings::QueueLimits;

/// Operations and payload bytes that are not settled. Callers add, the worker takes away.
///
/// Two sums that only grow, each written by one side, as one word of both counts each. The callers' is the number of what
/// they leave: a later one is larger.
#[derive(Debug)]
pub(crate) struct Gauge {
    added: Apart<AtomicU64>,
    settled: Apart<AtomicU64>,
    limits: QueueLimits,
}

/// On cache lines of its own: one side writes it, and the other seldom reads it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

/// The bits of the bytes: a terabyte. The operations are above them.
const BYTES: u32 = 40;
const MAX_BYTES: usize = 1 << (BYTES - 1);
/// So few that numbers half of the way around can be told from those before.
const MAX_OPERATIONS: usize = 1 << 21;

impl Gauge {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        let (operations, bytes) = (limits.operations.min(MAX_OPERATIONS), limits.bytes.min(MAX_BYTES));
        let limits = QueueLimits { operations, bytes };
        Self { added: Apart::default(), settled: Apart::default(), limits }
    }

    /// Adds an operation, and gives its number.
    pub(crate) fn add(&self, bytes: usize) -> u64 {
        // In one order with whether the worker is asleep.
        self.added.0.fetch_add(one(bytes), SeqCst)
    }

    pub(crate) fn release(&self, bytes: usize) {
        self.settled.0.fetch_add(one(bytes), Relaxed);
    }

    /// The number that comes next.
    pub(crate) fn number(&self) -> u64 {
        self.added.0.load(SeqCst)
    }

    /// Whether a span of that weight may still come in.
    #[cfg(test)]
    pub(crate) fn has_room(&self, weight: usize) -> bool {
        self.has_room_since(self.settled(), weight)
    }

    /// As [`Gauge::has_room`], by what was settled at some moment: at least so much is.
    #[inline]
    pub(crate) fn has_room_since(&self, settled: u64, weight: usize) -> bool {
        let (operations, bytes) = self.difference(settled);
        operations < self.limits.operations && bytes.saturating_add(weight) <= self.limits.bytes
    }

    /// What is settled now.
    pub(crate) fn settled(&self) -> u64 {
        self.settled.0.load(Relaxed)
    }

    /// Bytes that may still come in.
    pub(crate) fn free_bytes(&self) -> usize {
        self.limits.bytes.saturating_sub(self.reading().1)
    }

    pub(crate) fn reading(&self) -> (usize, usize) {
        self.difference(self.settled())
    }

    fn difference(&self, settled: u64) -> (usize, usize) {
        let word = self.added.0.load(Relaxed).wrapping_sub(settled);
        ((word >> BYTES) as usize, (word & ((1 << BYTES) - 1)) as usize)
    }
}

fn one(bytes: usize) -> u64 {
    (1 << BYTES) + bytes as u64
}
