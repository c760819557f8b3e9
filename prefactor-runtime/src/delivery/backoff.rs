//! One clock of retries for the whole client.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// A server may ask for more patience than the growing pauses give it, but not for any amount.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(300);

/// Pauses after failures, and lets one request through at a time until one succeeds.
///
/// It never gives up: the longest pause ends too, and the first success after it opens the way again.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    paused_until: Option<Instant>,
}

impl Backoff {
    /// How many requests may be in flight, of at most `limit`.
    pub(super) fn allowance(&self, now: Instant, limit: usize) -> usize {
        match self.paused_until {
            Some(until) if until > now => 0,
            _ if self.failures > 0 => 1,
            _ => limit,
        }
    }

    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    pub(super) fn success(&mut self) {
        *self = Self::default();
    }

    /// Full jitter: a pause drawn evenly from nothing to the growing limit, so that a thousand clients which
    /// failed together do not come back together. `fraction` is the draw, 0 to 1.
    pub(super) fn failure(&mut self, now: Instant, asked_for: Option<Duration>, fraction: f64) {
        let limit = FIRST.saturating_mul(1 << self.failures.min(7)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.pause(now, asked_for.unwrap_or_default().max(limit.mul_f64(fraction.clamp(0.0, 1.0))));
    }

    /// The token is refused: nothing else will be accepted either, so it is asked about rarely.
    pub(super) fn unauthorized(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.pause(now, LONGEST);
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
        for _ in 0..10 {
            backoff.paused_until = None;
            backoff.failure(now, None, 1.0);
            pauses.push(backoff.paused_until.unwrap() - now);
        }
        assert_eq!(pauses[..3], [FIRST, FIRST * 2, FIRST * 4]);
        assert_eq!(*pauses.last().unwrap(), LONGEST);
        assert_eq!((backoff.allowance(now, 8), backoff.allowance(now + LONGEST, 8)), (0, 1));
        backoff.success();
        assert_eq!(backoff.allowance(now, 8), 8);
    }

    #[test]
    fn the_servers_wish_is_heard_within_reason() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        backoff.failure(now, Some(Duration::from_secs(2)), 0.0);
        assert_eq!(backoff.paused_until, Some(now + Duration::from_secs(2)));
        backoff.failure(now, Some(Duration::MAX), 0.0);
        assert_eq!(backoff.paused_until, Some(now + LONGEST_ASKED_FOR));
    }
}
