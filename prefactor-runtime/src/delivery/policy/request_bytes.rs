//! Adaptive number of bytes in a bulk request: smaller after a refusal or a time-out, larger again after successes.
//!
//! A request that the API refuses as too large, or that gets no response in time, halves the limit. Each success of a request
//! that filled at least half of the limit doubles it, up to half of what failed. A minute after the failure that is forgotten, and
//! the limit doubles up to [`MAX`]: a server that stays slow costs one request a minute, and one that was slow costs nothing.

use std::time::{Duration, Instant};

/// Bytes at most, while none is refused.
const MAX: usize = 1 << 20;
/// No time-out makes requests smaller than this: the bytes are not what makes them slow.
const LEAST_AFTER_TIME_OUT: usize = 16 << 10;
/// How long a size that failed is remembered.
const MEMORY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct RequestBytes {
    max: usize,
    /// The least size that failed, and until when that counts.
    failed: Option<(usize, Instant)>,
    /// Whether the last response did not come. Those that fail with it, whatever their size, show that the server is away.
    is_timing_out: bool,
}

impl Default for RequestBytes {
    fn default() -> Self {
        Self { max: MAX, failed: None, is_timing_out: false }
    }
}

impl RequestBytes {
    pub(crate) fn max(&self) -> usize {
        self.max
    }

    /// A request of so many bytes passed whole.
    pub(crate) fn on_success(&mut self, bytes: usize, now: Instant) {
        self.is_timing_out = false;
        if bytes >= self.max / 2 {
            self.failed.take_if(|(_, until)| *until <= now);
            let most = self.failed.map_or(MAX, |(failed, _)| failed / 2);
            self.max = self.max.max(most.min(2 * self.max));
        }
    }

    /// The API said that so many bytes are too many.
    pub(crate) fn on_refusal(&mut self, bytes: usize, now: Instant) {
        self.remember(bytes, now);
        self.max = self.max.min(bytes / 2);
    }

    /// No response came to a request of so many bytes.
    pub(crate) fn on_time_out(&mut self, bytes: usize, now: Instant) {
        if bytes / 2 < LEAST_AFTER_TIME_OUT {
            return;
        }
        if !std::mem::replace(&mut self.is_timing_out, true) {
            self.remember(bytes, now);
        }
        self.max = self.max.min(bytes / 2);
    }

    fn remember(&mut self, bytes: usize, now: Instant) {
        let least = self.failed.map_or(bytes, |(failed, _)| failed.min(bytes));
        self.failed = Some((least, now + MEMORY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `requests` full requests at that time to a server that answers those of at most `answers` bytes. Returns
    /// the number of unanswered ones, and the limit at the end.
    fn send(
        limit: &mut RequestBytes,
        answered: usize,
        requests: usize,
        now: Instant,
        is_refused: bool,
    ) -> (usize, usize) {
        let mut failed = 0;
        for _ in 0..requests {
            let bytes = limit.max();
            if bytes <= answered {
                limit.on_success(bytes, now);
            } else if is_refused {
                limit.on_refusal(bytes, now);
                failed += 1;
            } else {
                limit.on_time_out(bytes, now);
                failed += 1;
            }
        }
        (failed, limit.max())
    }

    #[test]
    fn limit_halves_after_time_outs_and_doubles_after_successes() {
        let (mut limit, now) = (RequestBytes::default(), Instant::now());
        assert_eq!(send(&mut limit, 0, 3, now, false), (3, MAX / 8));
        assert_eq!(send(&mut limit, MAX, 2, now, false), (0, MAX / 2), "half of the first that failed");
        assert_eq!(
            send(&mut limit, MAX, 100, now + MEMORY / 2, false),
            (0, MAX / 2),
            "what failed is remembered"
        );
        assert_eq!(send(&mut limit, MAX, 1, now + MEMORY, false), (0, MAX));
    }

    #[test]
    fn size_that_fails_beside_smaller_ones_that_pass_is_tried_once_a_minute() {
        for is_refused in [true, false] {
            let (mut limit, mut now) = (RequestBytes::default(), Instant::now());
            let takes = MAX / 3;
            // The first time-outs may be those of a server that is away, so that one size is tried again.
            let failed = if is_refused { 2 } else { 3 };
            assert_eq!(send(&mut limit, takes, 100, now, is_refused), (failed, MAX / 4));
            for _ in 0..10 {
                now += MEMORY;
                assert_eq!(send(&mut limit, takes, 100, now, is_refused), (1, MAX / 4));
            }
        }
    }

    #[test]
    fn outage_of_any_length_leaves_half_of_the_first_size_that_failed() {
        let (mut limit, now) = (RequestBytes::default(), Instant::now());
        assert_eq!(send(&mut limit, 0, 1_000, now, false).1, LEAST_AFTER_TIME_OUT);
        assert_eq!(send(&mut limit, MAX, 5, now, false), (0, MAX / 2));
    }

    #[test]
    fn small_requests_say_nothing_of_large_ones() {
        let (mut limit, now) = (RequestBytes::default(), Instant::now());
        limit.on_time_out(2 * LEAST_AFTER_TIME_OUT - 1, now);
        assert_eq!(limit.max(), MAX, "one that was lost");
        limit.on_time_out(MAX, now);
        limit.on_success(MAX / 4 - 1, now + MEMORY);
        assert_eq!(limit.max(), MAX / 2, "one that passed");
    }
}
