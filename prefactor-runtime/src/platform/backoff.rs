//! The pauses between retries, shared by the whole client.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(250);
/// The longest pause that grows out of failures. From then on the circuit is open: one try in that time.
const LONGEST: Duration = Duration::from_secs(30);
/// The longest pause that a `Retry-After` is granted.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(300);
/// The shortest pause before a deadline, so that a server that is down is not asked without end.
const SHORTEST_BEFORE_DEADLINE: Duration = Duration::from_millis(100);

/// Pauses after failures, and lets one request through at a time until one succeeds.
///
/// It never gives up: the longest pause ends too, and the first success after it opens the way again. Requests that were
/// under way together fail together and count as one failure: each belongs to an epoch.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    epoch: u64,
    /// The end of the client's own pause.
    paused_until: Option<Instant>,
    /// The end of the pause that the server asked for.
    asked_until: Option<Instant>,
    /// The deadline of the shutdown, once there is one.
    deadline: Option<Instant>,
}

impl Backoff {
    /// How many requests may be in flight, of at most `limit`.
    pub(crate) fn allowance(&self, now: Instant, limit: usize) -> usize {
        match self.paused_until() {
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
        self.paused_until.max(self.asked_until)
    }

    /// Whether the last response of the server was a failure.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// A request that was sent before the last failure says nothing about the time after it.
    pub(crate) fn success(&mut self, epoch: u64) {
        if epoch == self.epoch {
            self.failures = 0;
        }
    }

    /// Pauses for a time drawn from the upper half of a growing limit, so that a thousand clients which failed together do
    /// not come back together, and yet each comes more and more rarely. `fraction` is the draw, 0 to 1.
    pub(crate) fn failure(&mut self, epoch: u64, now: Instant, asked_for: Option<Duration>, fraction: f64) {
        if let Some(asked_for) = asked_for {
            let pause = self.before_deadline(now, asked_for.min(LONGEST_ASKED_FOR), 2);
            self.asked_until = self.asked_until.max(now.checked_add(pause));
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

    /// Opens the circuit: nothing will be accepted for a while, because the token is refused or the like.
    pub(crate) fn open_circuit(&mut self, now: Instant) {
        self.failed(now, LONGEST);
    }

    /// Shortens all pauses, those of now and those to come, so that there are tries before the deadline: the first at once
    /// where the pause was the client's own, and half-way to the deadline where the server asked for more.
    pub(crate) fn hurry(&mut self, now: Instant, deadline: Instant) {
        self.deadline = Some(deadline);
        self.paused_until = None;
        if let Some(until) = self.asked_until {
            let pause = self.before_deadline(now, until.saturating_duration_since(now), 2);
            self.asked_until = now.checked_add(pause);
        }
    }

    fn failed(&mut self, now: Instant, pause: Duration) {
        self.failures = self.failures.saturating_add(1);
        self.epoch += 1;
        let until = now.checked_add(self.before_deadline(now, pause, 4));
        self.paused_until = self.paused_until.max(until);
    }

    /// A pause of at most that part of the time that is left.
    fn before_deadline(&self, now: Instant, pause: Duration, part: u32) -> Duration {
        let Some(deadline) = self.deadline else { return pause };
        let left = deadline.saturating_duration_since(now);
        pause.min((left / part).max(SHORTEST_BEFORE_DEADLINE))
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
    fn requests_that_were_in_flight_together_fail_once() {
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
    fn servers_wish_is_heard_within_reason() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        let epoch = backoff.epoch();
        backoff.failure(epoch, now, Some(Duration::from_secs(2)), 0.0);
        assert_eq!(backoff.paused_until(), Some(now + Duration::from_secs(2)));
        backoff.success(epoch);
        assert_eq!(backoff.allowance(now, 8), 0, "another request's success does not end the pause");
        backoff.failure(epoch, now, Some(Duration::MAX), 0.0);
        assert_eq!(backoff.paused_until(), Some(now + LONGEST_ASKED_FOR));
    }

    #[test]
    fn deadline_ends_own_pauses_at_once_and_halves_those_asked_for() {
        let (now, deadline) = (Instant::now(), Instant::now() + Duration::from_secs(20));
        let mut backoff = Backoff::default();
        backoff.open_circuit(now);
        backoff.hurry(now, deadline);
        assert_eq!(backoff.allowance(now, 8), 1, "the pause was our own");

        let mut backoff = Backoff::default();
        backoff.failure(0, now, Some(Duration::from_secs(60)), 1.0);
        let deadline = now + Duration::from_secs(20);
        backoff.hurry(now, deadline);
        assert_eq!(backoff.allowance(now, 8), 0, "the server asked for it");
        assert_eq!(
            backoff.allowance(now + Duration::from_secs(10), 8),
            1,
            "there is a try before the deadline"
        );
    }

    #[test]
    fn pauses_before_a_deadline_leave_time_for_more_tries() {
        let (mut now, mut backoff) = (Instant::now(), Backoff::default());
        let deadline = now + Duration::from_secs(20);
        backoff.hurry(now, deadline);
        let mut tries = 0;
        while now < deadline {
            tries += 1;
            backoff.failure(backoff.epoch(), now, Some(Duration::from_secs(60)), 1.0);
            now = backoff.paused_until().unwrap();
        }
        assert!((5..=20).contains(&tries), "{tries} tries");
    }
}
