//! Polls a run: whether the platform has ended it, and whether it exists.

use std::time::Duration;

use crate::delivery::instance::state::{InstanceDelivery, Phase};

/// Polls in a row that may be refused before no more are made.
const MAX_POLL_REFUSALS: u32 = 3;

impl InstanceDelivery {
    /// Whether to ask now if the instance was terminated. To be asked once a round.
    pub(crate) fn wants_poll(&mut self) -> bool {
        let has_heard = std::mem::take(&mut self.watch.has_heard);
        let wants = self.phase == Phase::Active
            && !self.is_finish_requested
            && !has_heard
            && !self.watch.is_asking
            && self.watch.refusals < MAX_POLL_REFUSALS
            && self.registration.is_watched();
        self.watch.is_asking |= wants;
        wants
    }

    /// Whether a later round may have something to do, although nothing comes of the run meanwhile.
    pub(crate) fn is_attended(&self) -> bool {
        let may_poll = self.registration.is_watched() && self.watch.refusals < MAX_POLL_REFUSALS;
        !self.is_finish_requested
            && !matches!(self.phase, Phase::Refused(_))
            && (may_poll || self.registration.refused_spans() > 0)
    }

    /// A response told of a termination without saying whose: the next round asks.
    pub(crate) fn has_not_heard(&mut self) {
        self.watch.has_heard = false;
    }

    /// A poll without a response.
    pub(crate) fn poll_lost(&mut self) {
        self.watch.is_asking = false;
    }

    pub(super) fn poll_refused(&mut self, status: Option<u16>) {
        self.poll_lost();
        self.watch.refusals += u32::from(matches!(status, Some(401 | 403)));
    }

    /// After how long a caller's run is looked for again.
    pub(crate) fn next_lookup(&self) -> Duration {
        Duration::from_millis(50 << self.registering.tries.min(7))
    }
}
