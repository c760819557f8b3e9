//! Operations that were taken and are not settled. A flush is complete when those before it are settled.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::delivery::queue::usage::QueueUsage;
use crate::operation::stored::RecordId;
use crate::platform::peak::Peak;

/// One operation, from its arrival to its settlement.
#[derive(Debug)]
pub(crate) struct AckToken {
    /// Its place in the order. Of no meaning for one of another process, for which no flush waits.
    number: u64,
    /// The bytes that the operation holds until it is settled.
    weight: usize,
    origin: Origin,
    /// Where it is on disk, in two parts without padding between them. No record has the number 0, which stands for none.
    journal: u32,
    record: u64,
}

/// Where an operation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// Added by the worker itself.
    Worker = 0,
    Queue = 1,
    /// Of another process, read from disk.
    #[cfg(feature = "spool")]
    Adopted = 2,
}

/// Acks in the order of their numbers. The oldest that is open is always at the front.
#[derive(Debug)]
pub(crate) struct Acks {
    first: u64,
    is_open: VecDeque<bool>,
    peak: Peak,
    usage: Arc<QueueUsage>,
    /// Operations of callers that are open and not on disk.
    unrecorded: usize,
    /// Bytes of operations of other processes that are open.
    #[cfg(feature = "spool")]
    adopted_bytes: usize,
    /// Operations on disk that were settled, until they are taken.
    settled: Vec<RecordId>,
}

impl AckToken {
    fn new(origin: Origin, number: u64, weight: usize, record: Option<RecordId>) -> Self {
        let (journal, record) = record.map_or((0, 0), |record| (record.journal, record.number));
        Self { number, weight, origin, journal, record }
    }

    /// In numbers, from which [`AckToken::of_parts`] makes it again.
    pub(crate) fn into_parts(self) -> [u64; 5] {
        let Self { number, weight, origin, journal, record } = self;
        [number, weight as u64, origin as u64, journal.into(), record]
    }

    pub(crate) fn of_parts([number, weight, origin, journal, record]: [u64; 5]) -> Self {
        let origin = match origin {
            #[cfg(feature = "spool")]
            2 => Origin::Adopted,
            1 => Origin::Queue,
            _ => Origin::Worker,
        };
        let weight = usize::try_from(weight).unwrap_or_default();
        Self { number, weight, origin, journal: u32::try_from(journal).unwrap_or_default(), record }
    }

    pub(crate) fn record(&self) -> Option<RecordId> {
        (self.record > 0).then_some(RecordId { journal: self.journal, number: self.record })
    }
}

impl Acks {
    pub(crate) fn new(usage: Arc<QueueUsage>) -> Self {
        Self {
            first: 0,
            is_open: VecDeque::new(),
            peak: Peak::default(),
            usage,
            unrecorded: 0,
            #[cfg(feature = "spool")]
            adopted_bytes: 0,
            settled: Vec::new(),
        }
    }

    /// For what the worker adds by itself.
    pub(crate) fn open(&mut self, record: Option<RecordId>) -> AckToken {
        self.open_with(Origin::Worker, 0, record)
    }

    /// For an operation of a caller, which holds so many bytes of the queue.
    pub(crate) fn open_queued(&mut self, bytes: usize, record: Option<RecordId>) -> AckToken {
        self.unrecorded += usize::from(record.is_none());
        self.open_with(Origin::Queue, bytes, record)
    }

    /// For an operation of another process.
    #[cfg(feature = "spool")]
    pub(crate) fn open_adopted(&mut self, bytes: usize, record: RecordId) -> AckToken {
        self.adopted_bytes += bytes;
        AckToken::new(Origin::Adopted, 0, bytes, Some(record))
    }

    fn open_with(&mut self, origin: Origin, weight: usize, record: Option<RecordId>) -> AckToken {
        let number = self.next();
        self.is_open.push_back(true);
        AckToken::new(origin, number, weight, record)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a token is settled once, so it is taken away")]
    pub(crate) fn resolve(&mut self, token: AckToken) {
        self.settled.extend(token.record());
        self.forget(&token);
    }

    /// Leaves an operation to whoever reads it from disk.
    #[expect(clippy::needless_pass_by_value, reason = "a token is settled once, so it is taken away")]
    pub(crate) fn leave(&mut self, token: AckToken) {
        self.forget(&token);
    }

    fn forget(&mut self, token: &AckToken) {
        #[cfg(feature = "spool")]
        if token.origin == Origin::Adopted {
            self.adopted_bytes -= token.weight;
            return;
        }
        let position = usize::try_from(token.number - self.first).ok();
        if let Some(is_open) = position.and_then(|position| self.is_open.get_mut(position)) {
            *is_open = false;
        }
        while self.is_open.front() == Some(&false) {
            self.is_open.pop_front();
            self.first += 1;
        }
        if let Some(room) = self.peak.shrunk(self.is_open.len()) {
            self.is_open.shrink_to(room);
        }
        if token.origin == Origin::Queue {
            self.unrecorded -= usize::from(token.record().is_none());
            self.release(token.weight);
        }
    }

    /// Gives back what something held of the queue.
    pub(crate) fn release(&self, weight: usize) {
        self.usage.release(weight);
    }

    /// Bytes for which the queue has room.
    pub(crate) fn free_bytes(&self) -> usize {
        self.usage.free_bytes()
    }

    /// The number that the next token will have.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.is_open.len() as u64
    }

    /// The oldest token that is open, if any is.
    pub(crate) fn oldest(&self) -> Option<u64> {
        (!self.is_open.is_empty()).then_some(self.first)
    }

    /// Whether all operations of callers that are open are on disk.
    #[cfg(feature = "spool")]
    pub(crate) fn are_recorded(&self) -> bool {
        self.unrecorded == 0
    }

    #[cfg(feature = "spool")]
    pub(crate) fn adopted_bytes(&self) -> usize {
        self.adopted_bytes
    }

    #[cfg(feature = "spool")]
    pub(crate) fn take_settled(&mut self) -> Vec<RecordId> {
        std::mem::take(&mut self.settled)
    }
}
