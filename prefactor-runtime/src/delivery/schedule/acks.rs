//! What has been taken and is not settled: the ledger by which a flush knows that it is done.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::delivery::queue::usage::QueueUsage;

/// One operation, from its arrival to its settlement.
#[derive(Debug)]
pub(crate) struct AckToken {
    number: u64,
    /// What it holds of the queue, in bytes; `None` for what the worker added by itself.
    weight: Option<usize>,
}

/// Acks in the order of their numbers. The oldest that is open is always at the front.
#[derive(Debug)]
pub(crate) struct Acks {
    first: u64,
    is_open: VecDeque<bool>,
    usage: Arc<QueueUsage>,
}

impl Acks {
    pub(crate) fn new(usage: Arc<QueueUsage>) -> Self {
        Self { first: 0, is_open: VecDeque::new(), usage }
    }

    pub(crate) fn open(&mut self, weight: Option<usize>) -> AckToken {
        let number = self.next();
        self.is_open.push_back(true);
        AckToken { number, weight }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a token is settled once, so it is taken away")]
    pub(crate) fn resolve(&mut self, token: AckToken) {
        let position = usize::try_from(token.number - self.first).ok();
        if let Some(is_open) = position.and_then(|position| self.is_open.get_mut(position)) {
            *is_open = false;
        }
        while self.is_open.front() == Some(&false) {
            self.is_open.pop_front();
            self.first += 1;
        }
        if let Some(weight) = token.weight {
            self.release(weight);
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
}
