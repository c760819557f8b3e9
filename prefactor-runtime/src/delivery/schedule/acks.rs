//! Operations that were taken and are not settled. A flush is complete when those before it are settled.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::delivery::queue::usage::QueueUsage;
use crate::operation::stored::RecordId;
use crate::platform::peak::Peak;

/// One operation, from its arrival to its settlement.
#[derive(Debug)]
pub(crate) struct AckToken {
    /// `None` for one of another process, for which no flush waits.
    number: Option<u64>,
    weight: Weight,
    /// Where it is on disk, if it is.
    record: Option<RecordId>,
}

/// The bytes that an operation occupies until it is settled.
#[derive(Clone, Copy, Debug)]
enum Weight {
    /// Added by the worker itself.
    None,
    OfQueue(usize),
    /// Of another process, read from disk.
    #[cfg(feature = "spool")]
    Adopted(usize),
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
    pub(crate) fn record(&self) -> Option<RecordId> {
        self.record
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
        self.open_with(Weight::None, record)
    }

    /// For an operation of a caller, which holds so many bytes of the queue.
    pub(crate) fn open_queued(&mut self, bytes: usize, record: Option<RecordId>) -> AckToken {
        self.unrecorded += usize::from(record.is_none());
        self.open_with(Weight::OfQueue(bytes), record)
    }

    /// For an operation of another process.
    #[cfg(feature = "spool")]
    pub(crate) fn open_adopted(&mut self, bytes: usize, record: RecordId) -> AckToken {
        self.adopted_bytes += bytes;
        AckToken { number: None, weight: Weight::Adopted(bytes), record: Some(record) }
    }

    fn open_with(&mut self, weight: Weight, record: Option<RecordId>) -> AckToken {
        let number = self.next();
        self.is_open.push_back(true);
        AckToken { number: Some(number), weight, record }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a token is settled once, so it is taken away")]
    pub(crate) fn resolve(&mut self, token: AckToken) {
        self.settled.extend(token.record);
        self.forget(&token);
    }

    /// Leaves an operation to whoever reads it from disk.
    #[expect(clippy::needless_pass_by_value, reason = "a token is settled once, so it is taken away")]
    pub(crate) fn leave(&mut self, token: AckToken) {
        self.forget(&token);
    }

    fn forget(&mut self, token: &AckToken) {
        let position = token.number.and_then(|number| usize::try_from(number - self.first).ok());
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
        match token.weight {
            Weight::None => {}
            Weight::OfQueue(bytes) => {
                self.unrecorded -= usize::from(token.record.is_none());
                self.release(bytes);
            }
            #[cfg(feature = "spool")]
            Weight::Adopted(bytes) => self.adopted_bytes -= bytes,
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
