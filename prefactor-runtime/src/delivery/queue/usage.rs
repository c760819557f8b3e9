//! How full the queue is, counting what the worker holds, and the numbers that order its messages.

use std::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst};

use super::sync::AtomicU64;
use crate::config::settings::QueueLimits;

/// Operations and payload bytes that are not settled.
///
/// Two sums that only grow: callers write `added`, the worker writes `settled`. Each is one word that holds both counts.
/// The value of `added` before a message is the message's number, so that later messages have larger ones.
#[derive(Debug)]
pub(crate) struct QueueUsage {
    added: CachePadded<AtomicU64>,
    settled: CachePadded<AtomicU64>,
    limits: QueueLimits,
}

/// On cache lines of its own: one side writes it, the other seldom reads it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct CachePadded<T>(T);

/// The bits of the bytes: a terabyte. The operations are above them.
const BYTES: u32 = 40;
const MAX_BYTES: usize = 1 << (BYTES - 1);
/// Few enough to tell later numbers from earlier ones when the word wraps around.
const MAX_OPERATIONS: usize = 1 << 21;

impl QueueUsage {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        let (operations, bytes) = (limits.operations.min(MAX_OPERATIONS), limits.bytes.min(MAX_BYTES));
        let limits = QueueLimits { operations, bytes };
        Self { added: CachePadded::default(), settled: CachePadded::default(), limits }
    }

    /// Adds an operation, and gives its number.
    pub(crate) fn add(&self, bytes: usize) -> u64 {
        // `SeqCst` as `Shards::append` explains.
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

    /// Whether a span of that weight may still come in, given an earlier reading of [`QueueUsage::settled`].
    #[inline]
    pub(crate) fn has_room_since(&self, settled: u64, weight: usize) -> bool {
        let (operations, bytes) = self.difference(settled);
        operations < self.limits.operations && bytes.saturating_add(weight) <= self.limits.bytes
    }

    /// The settled operations at this moment.
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
