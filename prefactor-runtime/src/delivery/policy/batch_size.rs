//! Adaptive number of calls in a bulk request: larger after successes, smaller after a rejection.

use std::time::{Duration, Instant};

/// Calls in a request at most, while none is refused.
const MAX: usize = 500;
/// How long it is remembered that a request had too many.
const MEMORY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct BatchSize {
    max: usize,
    /// The number that passed last as the largest there was, or none since a smaller one did not.
    passed: usize,
    /// The least number that was refused as a whole, and until when that counts.
    too_many: Option<(usize, Instant)>,
    /// Whether the next request has to pass before there are others beside it.
    is_probing: bool,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self { max: MAX, passed: 0, too_many: None, is_probing: false }
    }
}

impl BatchSize {
    pub(crate) fn max(&self) -> usize {
        self.max
    }

    /// Whether one request at a time is enough: the more are under way, the more of them stop at the next refusal.
    pub(crate) fn is_probing(&self) -> bool {
        self.is_probing
    }

    /// A request of so many calls passed whole: the next may have more, halfway to what was refused.
    pub(crate) fn on_success(&mut self, items: usize, now: Instant) {
        if items >= self.max {
            self.too_many.take_if(|(_, until)| *until <= now);
            let limit = self.too_many.map_or(MAX, |(too_many, _)| usize::midpoint(self.max, too_many));
            self.passed = self.max;
            self.max = limit.min(2 * self.max);
        }
        self.is_probing = self.max > self.passed && self.too_many.is_some();
    }

    /// One of so many calls failed: a smaller request is cheaper to send again.
    pub(crate) fn on_failure(&mut self, items: usize, factor: usize) {
        self.max = self.max.min(items / factor).max(1);
        self.is_probing = self.max > 1;
    }

    /// A request of so many calls was refused as a whole: there are too many, or one spoils the whole.
    pub(crate) fn on_rejected(&mut self, items: usize, now: Instant) {
        let least = self.too_many.map_or(items, |(least, _)| least.min(items));
        self.too_many = Some((least, now + MEMORY));
        if self.passed < items && self.passed > 0 {
            self.max = self.max.min(self.passed);
            self.is_probing = false;
        } else {
            self.passed = 0;
            self.on_failure(items, 2);
        }
    }

    /// A call was refused that went alone: it may have spoiled the whole before.
    pub(crate) fn on_single_rejected(&mut self) {
        self.too_many = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `requests` requests to an API that takes `takes` calls in one. Returns the number of refused ones, and the
    /// size at the end.
    fn run(batch_size: &mut BatchSize, takes: usize, requests: usize, now: Instant) -> (usize, usize) {
        let mut refused = 0;
        for _ in 0..requests {
            let items = batch_size.max();
            if items > takes {
                batch_size.on_rejected(items, now);
                refused += 1;
            } else {
                batch_size.on_success(items, now);
            }
        }
        (refused, batch_size.max())
    }

    #[test]
    fn every_limit_is_found_in_a_few_requests_and_kept_for_a_while() {
        let now = Instant::now();
        for takes in 1..=MAX {
            let mut batch_size = BatchSize::default();
            let (refused, max) = run(&mut batch_size, takes, 30, now);
            assert_eq!(max, takes);
            assert!(refused <= 12, "{refused} requests for {takes}");
            assert_eq!(run(&mut batch_size, takes, 1_000, now + MEMORY / 2), (0, takes));
            let (refused, max) = run(&mut batch_size, takes, 1_000, now + MEMORY);
            assert_eq!(max, takes);
            assert!(refused <= 12, "{refused} requests for {takes}");
            assert_eq!(run(&mut batch_size, MAX, 1_000, now + MEMORY * 3), (0, MAX), "it takes more now");
        }
    }

    #[test]
    fn batch_size_recovers_after_a_rejected_item() {
        let (mut batch_size, now) = (BatchSize::default(), Instant::now());
        while batch_size.max() > 1 {
            batch_size.on_rejected(batch_size.max(), now);
        }
        batch_size.on_single_rejected();
        assert_eq!(run(&mut batch_size, MAX, 9, now), (0, MAX));
    }
}
