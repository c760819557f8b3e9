//! One clock of retries for the whole client.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(250);
/// The longest pause that grows out of failures. From then on the circuit is open: one try in that time.
const LONGEST: Duration = Duration::from_secs(30);
/// The longest pause that a `Retry-After` is granted.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(300);

/// Pauses after failures, and lets one request through at a time until one succeeds.
///
/// It never gives up: the longest pause ends too, and the first success after it opens the way again. Requests
/// that were under way together fail together, and count as one failure: each belongs to an epoch.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    epoch: u64,
    paused_until: Option<Instant>,
}

impl Backoff {
    /// How many requests may be in flight, of at most `limit`.
    pub(crate) fn allowance(&self, now: Instant, limit: usize) -> usize {
        match self.paused_until {
            Some(until) if until > now => 0,
            _ if self.failures > 0 => 1,
            _ => limit,
        }
    }

    /// The epoch of a request that is sent now.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Whether the last that was heard of the server is a failure.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// One that was sent before the last failure says nothing about the time after it.
    pub(crate) fn success(&mut self, epoch: u64) {
        if epoch == self.epoch {
            self.failures = 0;
        }
    }

    /// Pauses for a time drawn from the upper half of a growing limit, so that a thousand clients which failed
    /// together do not come back together, and yet each comes more and more rarely. `fraction` is the draw, 0 to 1.
    pub(crate) fn failure(&mut self, epoch: u64, now: Instant, asked_for: Option<Duration>, fraction: f64) {
        if let Some(asked_for) = asked_for {
            self.pause(now, asked_for);
        }
        if epoch != self.epoch {
            return;
        }
        let limit = FIRST.saturating_mul(1 << self.failures.min(7));
        let pause = if limit < LONGEST {
            limit.mul_f64(0.5 + 0.5 * fraction.clamp(0.0, 1.0))
        } else {
            LONGEST.mul_f64(1.0 + 0.1 * fraction.clamp(0.0, 1.0))
        };
        self.failed(now, pause);
    }

    /// Nothing will be accepted for a while, so it is asked about rarely: the token is refused, or the like.
    pub(crate) fn open_circuit(&mut self, now: Instant) {
        self.failed(now, LONGEST);
    }

    fn failed(&mut self, now: Instant, pause: Duration) {
        self.failures = self.failures.saturating_add(1);
        self.epoch += 1;
        self.pause(now, pause);
    }

    fn pause(&mut self, now: Instant, pause: Duration) {
        let until = now.checked_add(pause.min(LONGEST_ASKED_FOR));
        self.paused_until = self.paused_until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_end_with_a_success() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        let mut pauses = Vec::new();
        for draw in [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0] {
            backoff.paused_until = None;
            backoff.failure(backoff.epoch(), now, None, draw);
            pauses.push(backoff.paused_until.unwrap() - now);
        }
        assert!(pauses[..8].is_sorted(), "whatever is drawn: {pauses:?}");
        assert_eq!(pauses[0], FIRST);
        assert_eq!(*pauses.last().unwrap(), LONGEST);
        assert_eq!((backoff.allowance(now, 8), backoff.allowance(now + LONGEST, 8)), (0, 1));
        backoff.success(backoff.epoch());
        assert_eq!(backoff.allowance(now + LONGEST, 8), 8);
    }

    #[test]
    fn what_was_under_way_together_fails_once() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        let epoch = backoff.epoch();
        for _ in 0..8 {
            backoff.failure(epoch, now, None, 1.0);
        }
        assert_eq!(backoff.paused_until, Some(now + FIRST));
        backoff.success(epoch);
        assert_eq!(backoff.allowance(now + FIRST, 8), 1, "an answer from before the failure");
    }

    #[test]
    fn the_servers_wish_is_heard_within_reason() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        let epoch = backoff.epoch();
        backoff.failure(epoch, now, Some(Duration::from_secs(2)), 0.0);
        assert_eq!(backoff.paused_until, Some(now + Duration::from_secs(2)));
        backoff.success(epoch);
        assert_eq!(backoff.allowance(now, 8), 0, "another request's success does not end the pause");
        backoff.failure(epoch, now, Some(Duration::MAX), 0.0);
        assert_eq!(backoff.paused_until, Some(now + LONGEST_ASKED_FOR));
    }
}
