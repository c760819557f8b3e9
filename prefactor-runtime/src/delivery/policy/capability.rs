//! What the API takes, as far as it has shown: each way of delivery is tried, and left for good where it is refused.

use std::sync::Arc;

use crate::types::stats::{Counters, Fallback};

/// A way of delivery that the API's description leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    /// Several calls in one request.
    Bulk,
    /// Spans made by an item of it.
    BulkCreate,
    /// Spans finished by an item of it.
    BulkFinish,
    /// Span ids that the client makes.
    ClientIds,
    /// Spans cancelled after their start.
    Cancel,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Proof {
    #[default]
    Untested,
    /// Refused once, and to be told by a request of its own whether it was the way or the item.
    Doubted,
    Holds,
    Fails,
}

#[derive(Debug)]
pub(crate) struct Capabilities {
    proofs: [Proof; 5],
    counters: Arc<Counters>,
}

impl Capability {
    const fn fallback(self) -> (Fallback, &'static str) {
        match self {
            Self::Bulk | Self::BulkCreate => {
                (Fallback::SingleRequests, "the API takes no bulk requests: spans go out one by one")
            }
            Self::BulkFinish => (
                Fallback::SingleFinishes,
                "the API takes no finishes in bulk requests: they go out one by one",
            ),
            Self::ClientIds => {
                (Fallback::ServerIds, "the API takes no ids of clients: each span waits for its parent's")
            }
            Self::Cancel => (
                Fallback::CancelledAsFailed,
                "the API does not let a started span be cancelled: it fails with the error type Cancelled",
            ),
        }
    }
}

impl Capabilities {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self { proofs: [Proof::Untested; 5], counters }
    }

    /// Whether to go that way.
    pub(crate) fn is_worth_trying(&self, capability: Capability) -> bool {
        matches!(self.proof(capability), Proof::Untested | Proof::Holds)
    }

    pub(crate) fn holds(&self, capability: Capability) -> bool {
        self.proof(capability) == Proof::Holds
    }

    pub(crate) fn fails(&self, capability: Capability) -> bool {
        self.proof(capability) == Proof::Fails
    }

    /// It was taken.
    pub(crate) fn prove(&mut self, capability: Capability) {
        if !self.fails(capability) {
            self.proofs[capability as usize] = Proof::Holds;
        }
    }

    /// An item was refused of a kind that has never been taken.
    pub(crate) fn doubt(&mut self, capability: Capability) {
        let proof = &mut self.proofs[capability as usize];
        if *proof == Proof::Untested {
            *proof = Proof::Doubted;
        }
    }

    /// Whether a call under way is to tell what holds.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.proofs.contains(&Proof::Doubted)
    }

    pub(crate) fn forget_doubts(&mut self) {
        for proof in self.proofs.iter_mut().filter(|proof| **proof == Proof::Doubted) {
            *proof = Proof::Untested;
        }
    }

    /// It is refused. Returns what to log, the first time.
    pub(crate) fn lose(&mut self, capability: Capability) -> Option<&'static str> {
        if self.fails(capability) {
            return None;
        }
        self.proofs[capability as usize] = Proof::Fails;
        let (fallback, text) = capability.fallback();
        self.counters.fell_back(fallback);
        Some(text)
    }

    fn proof(&self, capability: Capability) -> Proof {
        self.proofs[capability as usize]
    }
}
