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
enum Support {
    #[default]
    Untested,
    /// Refused once, and to be told by a request of its own whether it was the way or the item.
    Suspected,
    Supported,
    Disabled,
}

#[derive(Debug)]
pub(crate) struct Capabilities {
    support: [Support; 5],
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
        Self { support: [Support::Untested; 5], counters }
    }

    /// Whether to go that way.
    pub(crate) fn is_worth_trying(&self, capability: Capability) -> bool {
        matches!(self.support(capability), Support::Untested | Support::Supported)
    }

    pub(crate) fn is_supported(&self, capability: Capability) -> bool {
        self.support(capability) == Support::Supported
    }

    pub(crate) fn is_disabled(&self, capability: Capability) -> bool {
        self.support(capability) == Support::Disabled
    }

    /// It was taken.
    pub(crate) fn confirm(&mut self, capability: Capability) {
        if !self.is_disabled(capability) {
            self.support[capability as usize] = Support::Supported;
        }
    }

    /// An item was refused of a kind that has never been taken.
    pub(crate) fn suspect(&mut self, capability: Capability) {
        let support = &mut self.support[capability as usize];
        if *support == Support::Untested {
            *support = Support::Suspected;
        }
    }

    /// Whether a call under way is to tell what holds.
    pub(crate) fn has_suspicion(&self) -> bool {
        self.support.contains(&Support::Suspected)
    }

    pub(crate) fn clear_suspicions(&mut self) {
        for support in self.support.iter_mut().filter(|support| **support == Support::Suspected) {
            *support = Support::Untested;
        }
    }

    /// It is refused. Returns what to log, the first time.
    pub(crate) fn disable(&mut self, capability: Capability) -> Option<&'static str> {
        if self.is_disabled(capability) {
            return None;
        }
        self.support[capability as usize] = Support::Disabled;
        let (fallback, text) = capability.fallback();
        self.counters.fell_back(fallback);
        Some(text)
    }

    fn support(&self, capability: Capability) -> Support {
        self.support[capability as usize]
    }
}
