//! Optional features of the API: each is tried, and not used for a while after the API refuses it.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// Spans made as cancelled.
    CreateCancelled,
}

/// After so long a way that was refused is tried again: a server may have been updated meanwhile.
pub(crate) const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Support {
    #[default]
    Untested,
    /// Refused once, and to be told by a request of its own whether it was the way or the item.
    Suspected,
    Supported,
    Disabled,
}

#[derive(Debug)]
pub(crate) struct Capabilities {
    support: [Support; 6],
    /// When each was disabled.
    disabled_at: [Option<Instant>; 6],
    now: Option<Instant>,
    /// Whether a create came back under another id, and none under its own since.
    was_renamed: bool,
    counters: Arc<Counters>,
}

impl Capability {
    const fn fallback(self) -> (Fallback, &'static str) {
        match self {
            Self::Bulk | Self::BulkCreate => (
                Fallback::SingleRequests,
                "the API rejected bulk requests; falling back to single requests for ten minutes",
            ),
            Self::BulkFinish => (
                Fallback::SingleFinishes,
                "the API rejected finishes in bulk requests; falling back to single requests for ten minutes",
            ),
            Self::ClientIds => (
                Fallback::ServerIds,
                "the API rejected client-made span ids; falling back to server ids for ten minutes (a child now waits for its parent)",
            ),
            Self::Cancel => (
                Fallback::CancelledAsFailed,
                "the API rejected the cancellation of a started span; it fails with the error type Cancelled for ten minutes",
            ),
            Self::CreateCancelled => (
                Fallback::PendingFirst,
                "the API rejected a span that was made as cancelled; it is made as pending first for ten minutes",
            ),
        }
    }
}

impl Capabilities {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        let (support, disabled_at) = ([Support::Untested; 6], [None; 6]);
        Self { support, disabled_at, now: None, was_renamed: false, counters }
    }

    /// Lets the clock go on: what was refused long ago is untested again.
    pub(crate) fn at(&mut self, now: Instant) {
        self.now = Some(now);
        for (support, disabled_at) in self.support.iter_mut().zip(&mut self.disabled_at) {
            if disabled_at.take_if(|since| now.duration_since(*since) >= TRIED_AGAIN_AFTER).is_some() {
                *support = Support::Untested;
            }
        }
    }

    /// Forgets everything: there is another server.
    pub(crate) fn reset(&mut self) {
        self.support = [Support::Untested; 6];
        self.disabled_at = [None; 6];
        self.was_renamed = false;
    }

    /// A create came back under another id. Whether another one did before.
    ///
    /// Until it is known whether the API makes the ids, no span is named by the client's id in the request that makes it.
    pub(crate) fn rename(&mut self) -> bool {
        let support = &mut self.support[Capability::ClientIds as usize];
        if *support == Support::Supported {
            *support = Support::Untested;
        }
        std::mem::replace(&mut self.was_renamed, true)
    }

    /// A create came back under the client's id.
    pub(crate) fn client_id_confirmed(&mut self) {
        self.was_renamed = false;
        self.confirm(Capability::ClientIds);
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
        if capability == Capability::ClientIds {
            self.was_renamed = false;
        }
        self.support[capability as usize] = Support::Disabled;
        self.disabled_at[capability as usize] = self.now;
        let (fallback, text) = capability.fallback();
        self.counters.fell_back(fallback);
        Some(text)
    }

    pub(crate) fn support(&self, capability: Capability) -> Support {
        self.support[capability as usize]
    }
}
