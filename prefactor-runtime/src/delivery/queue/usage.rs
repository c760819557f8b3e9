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
    #[cfg(test)]
    pub(crate) fn add(&self, bytes: usize) -> u64 {
        self.add_all(one(bytes))
    }

    /// Adds operations, and gives the number before them.
    pub(super) fn add_all(&self, operations: u64) -> u64 {
        // `SeqCst` as `Shards::append` explains.
        self.added.0.fetch_add(operations, SeqCst)
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

    /// Whether a span of that weight leaves half of the room, by earlier readings of both words: others add meanwhile, but not
    /// that much between two messages of a shard. Where they did, [`QueueUsage::is_over`] tells.
    #[inline]
    pub(super) fn has_much_room(&self, added: u64, settled: u64, weight: usize) -> bool {
        let (operations, bytes) = counts(added.wrapping_sub(settled));
        operations < self.limits.operations / 2 && bytes.saturating_add(weight) <= self.limits.bytes / 2
    }

    /// Whether there were no room for an operation of that weight at that number. If later ones are settled already, there was.
    #[inline]
    pub(super) fn is_over(&self, number: u64, settled: u64, weight: usize) -> bool {
        let word = number.wrapping_sub(settled);
        let (operations, bytes) = if word <= u64::MAX / 2 { counts(word) } else { (0, 0) };
        operations >= self.limits.operations || bytes.saturating_add(weight) > self.limits.bytes
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
        counts(self.added.0.load(Relaxed).wrapping_sub(settled))
    }
}

/// The operations and the bytes of a word.
fn counts(word: u64) -> (usize, usize) {
    ((word >> BYTES) as usize, (word & ((1 << BYTES) - 1)) as usize)
}

/// One operation as a word.
pub(super) fn one(bytes: usize) -> u64 {
    (1 << BYTES) + bytes as u64
}
