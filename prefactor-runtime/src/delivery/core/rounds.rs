//! Makes rounds over the runs: asks about those of which nothing was heard, and looks for runs of other processes.

use std::time::{Duration, Instant};

use crate::delivery::core::machine::Core;
use crate::delivery::schedule::api_call::ApiCall;

/// An instance of which nothing was heard for two of these rounds is asked about: every 30 s, as the official SDKs do. Rounds
/// end while nothing is outstanding and no run is attended to.
const POLL_ROUND: Duration = Duration::from_secs(15);

impl Core {
    /// A run is to be attended to, of which nothing may come: rounds begin again.
    pub(crate) fn attend(&mut self) {
        self.has_news = true;
    }

    /// Asks about runs of which nothing was heard, and tells of losses.
    pub(super) fn poll(&mut self, now: Instant) {
        let is_due = self.next_poll.is_some_and(|due| due <= now);
        if !is_due {
            if self.next_poll.is_none() && self.has_news {
                self.next_poll = Some(now + POLL_ROUND);
            }
            return;
        }
        self.has_news = false;
        let mut is_attending = false;
        for (key, instance) in &mut self.instances {
            if instance.wants_poll() {
                self.out.ready(*key, ApiCall::Poll);
            }
            instance.tell_growing_losses(&mut self.out);
            is_attending |= instance.is_attended();
        }
        let goes_on = is_attending || self.out.acks.oldest().is_some();
        self.next_poll = goes_on.then(|| now + POLL_ROUND);
    }

    /// Looks again for the runs whose time has come.
    pub(super) fn look_again(&mut self, now: Instant) {
        let (due, later): (Vec<_>, _) =
            std::mem::take(&mut self.lookups).into_iter().partition(|(at, _)| *at <= now);
        self.lookups = later;
        for (_, key) in due {
            self.out.ready(key, ApiCall::Register);
        }
    }
}
