//! Timestamps: a moment on the monotonic clock, which becomes a date when it is shown.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::distance::{RunClock, clocks, unix_micros};
use crate::platform::rfc3339::rfc3339;

/// A moment in a run, or a date that the program gave.
///
/// It keeps the [`Instant`] itself: a difference to another one, which would fit one word, costs each span a hundred
/// instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp {
    instant: Instant,
    clock: RunClock,
}

impl RunClock {
    /// The clock of a run that begins now.
    pub(crate) fn read() -> Self {
        Self(clocks().observe())
    }

    /// This moment in the run.
    #[inline]
    pub(crate) fn now(self) -> Timestamp {
        Timestamp { instant: Instant::now(), clock: self }
    }
}

impl Timestamp {
    /// This moment, outside of any run.
    #[inline]
    pub(crate) fn now() -> Self {
        RunClock(clocks().latest()).now()
    }

    /// A date that the program gave. One before 1970 counts as its beginning.
    pub(crate) fn of_system_time(time: SystemTime) -> Self {
        Self::of_unix_micros(u64::try_from(unix_micros(time)).unwrap_or_default())
    }

    /// Microseconds since the Unix epoch.
    pub(crate) fn unix_micros(self) -> u64 {
        clocks().date(self.clock, self.instant)
    }

    /// The moment of a date, which steps of the clocks do not change.
    pub(crate) fn of_unix_micros(micros: u64) -> Self {
        let instant = clocks().first.checked_add(Duration::from_micros(micros));
        instant.map_or_else(Self::now, |instant| Self { instant, clock: RunClock::DATES })
    }

    /// In two numbers, from which [`Timestamp::of_parts`] makes it again: nanoseconds since the first measurement, and the clock.
    pub(crate) fn to_parts(self) -> [u64; 2] {
        let since = self.instant.saturating_duration_since(clocks().first).as_nanos();
        [u64::try_from(since).unwrap_or(u64::MAX), self.clock.0.into()]
    }

    pub(crate) fn of_parts([since, clock]: [u64; 2]) -> Self {
        let first = clocks().first;
        let instant = first.checked_add(Duration::from_nanos(since)).unwrap_or(first);
        Self { instant, clock: RunClock(u32::try_from(clock).unwrap_or(u32::MAX)) }
    }

    /// The earlier of two moments. Those of two clocks are compared by their dates.
    pub(crate) fn earlier(self, other: Self) -> Self {
        let is_other = if self.clock == other.clock {
            other.instant < self.instant
        } else {
            other.unix_micros() < self.unix_micros()
        };
        if is_other { other } else { self }
    }

    /// The same moment, whose date does not change any more.
    #[cfg(any(feature = "spool", test))]
    pub(crate) fn fixed(self) -> Self {
        if self.clock == RunClock::DATES { self } else { Self::of_unix_micros(self.unix_micros()) }
    }

    /// Milliseconds since the Unix epoch. Each span's id begins with them, so they are computed once a millisecond.
    #[inline]
    pub(crate) fn unix_millis(self) -> u64 {
        let last = MILLISECOND.try_with(Cell::get).ok().flatten();
        match last {
            Some(last) if last.is_of(self) => last.number,
            _ => self.next_millisecond().number,
        }
    }

    #[cold]
    fn next_millisecond(self) -> Millisecond {
        let Self { instant, clock } = self;
        let latest = clocks().observe();
        let micros = clocks().date(clock, instant);
        let number = micros / 1_000;
        let rest = Duration::from_micros((number + 1) * 1_000 - micros);
        // Dates leave out fractions of a microsecond, so the millisecond may end up to a microsecond earlier.
        let end = instant.checked_add(rest.saturating_sub(Duration::from_micros(1))).unwrap_or(instant);
        let millisecond = Millisecond { number, begin: instant, end, clock, latest };
        let _ = MILLISECOND.try_with(|last| last.set(Some(millisecond)));
        millisecond
    }

    pub(crate) fn to_system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.unix_micros())
    }

    /// The date as text.
    pub(crate) fn rfc3339(self) -> [u8; 27] {
        if self.clock != RunClock::DATES {
            clocks().observe_since(self.instant);
        }
        rfc3339(self.unix_micros())
    }

    /// As [`Timestamp::rfc3339`].
    pub(crate) fn to_rfc3339(self) -> String {
        String::from_utf8_lossy(&self.rfc3339()).into_owned()
    }
}

/// A part of a millisecond, from some moment until its end, on the clock of one run.
#[derive(Clone, Copy)]
struct Millisecond {
    /// Since the Unix epoch.
    number: u64,
    begin: Instant,
    end: Instant,
    clock: RunClock,
    /// The last distance that it knows of.
    latest: u32,
}

impl Millisecond {
    #[inline]
    fn is_of(&self, time: Timestamp) -> bool {
        self.begin <= time.instant
            && time.instant < self.end
            && self.clock == time.clock
            && self.latest == clocks().latest()
    }
}

thread_local! {
    /// The last millisecond that was computed on this thread.
    static MILLISECOND: Cell<Option<Millisecond>> = const { Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn earlier_of_two_moments_is_found_on_one_clock_and_across_two() {
        let now = RunClock::read().now();
        let later = Timestamp { instant: now.instant + SECOND, ..now };
        let (past, future) =
            (Timestamp::of_unix_micros(1), Timestamp::of_unix_micros(now.unix_micros() + 60_000_000));
        for (earlier, later) in [(now, later), (past, now), (now, future), (past, future)] {
            assert_eq!((earlier.earlier(later), later.earlier(earlier)), (earlier, earlier));
        }
    }

    #[test]
    fn milliseconds_are_those_of_the_date() {
        let clock = RunClock::read();
        let first = Instant::now();
        let step = Duration::from_nanos(100_003);
        for number in (0..5_000).chain((0..5_000).rev()) {
            let time = Timestamp { instant: first + step * number, clock };
            assert_eq!(time.unix_millis(), time.unix_micros() / 1_000, "{number}");
        }
    }

    #[test]
    fn date_that_the_program_gave_stays_as_it_is() {
        for micros in [0, 1, 1_700_000_000_123_456] {
            let time = UNIX_EPOCH + Duration::from_micros(micros);
            let stamp = Timestamp::of_system_time(time);
            assert_eq!((stamp.to_system_time(), stamp.unix_millis()), (time, micros / 1_000));
        }
    }

    #[test]
    fn fixed_time_keeps_its_date_to_the_microsecond() {
        for micros in [0, 1, 1_234_567_890_123_456, 253_402_300_799_999_999] {
            assert_eq!(Timestamp::of_unix_micros(micros).unix_micros(), micros);
        }
        let now = Timestamp::now();
        assert_eq!(now.fixed().rfc3339(), now.rfc3339());
    }

    #[test]
    fn timestamps_do_not_run_backwards() {
        let clock = RunClock::read();
        let times: Vec<_> = (0..10_000).map(|_| clock.now()).collect();
        assert!(times.is_sorted());
    }
}
