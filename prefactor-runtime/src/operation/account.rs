//! The account: the partition that its ids share, once it is known.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::key::SpanKey;
use crate::platform::random;
use crate::types::pfid::Pfid;

/// The partition of an account's ids, known from the first answer on.
#[derive(Debug)]
pub(crate) struct Account {
    /// Written by the worker, read by everybody: the partition plus one, or 0 while it is unknown.
    partition: AtomicU32,
    provisional_partition: u32,
}

impl Account {
    pub(crate) fn new(known: Option<Pfid>) -> Self {
        let provisional_partition = (random::bits().0 >> 32) as u32 & Pfid::MAX_PARTITION;
        let account = Self { partition: AtomicU32::new(0), provisional_partition };
        if let Some(id) = known {
            account.set_partition(id);
        }
        account
    }

    /// Takes over the partition of an id that belongs to the account. The last one wins: a server that starts anew may have
    /// another.
    pub(crate) fn set_partition(&self, id: Pfid) {
        self.partition.store(id.partition() + 1, Relaxed);
    }

    pub(crate) fn forget_partition(&self) {
        self.partition.store(0, Relaxed);
    }

    /// The partition that stands in for the account's where no id of the API tells it.
    pub(crate) fn provisional_partition(&self) -> u32 {
        self.partition.load(Relaxed).checked_sub(1).unwrap_or(self.provisional_partition)
    }

    /// An id of the account's partition, once that is known.
    pub(crate) fn partition(&self) -> Option<Pfid> {
        self.partition.load(Relaxed).checked_sub(1).map(|partition| Pfid::of_bits(0, partition, 0))
    }

    /// The span's id in the API, once the account's partition is known.
    pub(crate) fn known_span_id(&self, key: SpanKey) -> Option<Pfid> {
        Some(key.in_partition(self.partition.load(Relaxed).checked_sub(1)?))
    }

    /// The span's id as the API will know it. Before the partition is known, a random one stands in for it.
    #[cfg(test)]
    pub(crate) fn span_id(&self, key: SpanKey) -> Pfid {
        let partition = self.partition.load(Relaxed).checked_sub(1);
        key.in_partition(partition.unwrap_or(self.provisional_partition))
    }
}
