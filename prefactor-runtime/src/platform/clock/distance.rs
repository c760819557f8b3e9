//! The distance between the monotonic clock and the wall clock, measured again and again.
//!
//! The two clocks move apart when the machine sleeps, when the wall clock is set, and by drift. Their distance is measured
//! for each run, every ten milliseconds in which a thread makes spans, and when dates are made. Within a run dates never go
//! back: a step forward counts at once, a step back from the next run on.

use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The difference of two distances that counts, in microseconds. Reading both clocks takes time, and so does slewing.
const TOLERANCE: u64 = 20_000;

/// The longest time between two readings of one measurement: beyond it, the thread was interrupted.
const MAX_READING: Duration = Duration::from_millis(2);

/// Distances that are remembered. Of a clock that steps more often, only steps forward count.
const MAX_STEPS: usize = 256;

/// The time for which a thread keeps the distance of the clocks.
const OBSERVED_FOR: Duration = Duration::from_millis(10);

/// The clock of one run: the index of the distance that was measured at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunClock(pub(super) u32);

impl RunClock {
    /// The clock of times that are dates from the beginning, given by the program or read from disk: their moment is so long
    /// after the first measurement as the date is after the Unix epoch.
    pub(super) const DATES: Self = Self(u32::MAX);
}

thread_local! {
    /// The end of the time for which the thread keeps the distance of the clocks.
    static OBSERVED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The clocks of this process.
#[inline]
pub(super) fn clocks() -> &'static Clocks {
    static CLOCKS: OnceLock<Clocks> = OnceLock::new();
    CLOCKS.get_or_init(|| Clocks::new(Instant::now(), SystemTime::now()))
}

/// The distance between the monotonic clock and the wall clock, from some moment on.
#[derive(Default)]
struct Step {
    /// Microseconds since the first measurement.
    since: AtomicU64,
    /// Microseconds from the Unix epoch to the first measurement, on the wall clock of this step.
    distance: AtomicI64,
}

/// All distances that were measured. Reading takes no lock: a forked process could find it held for ever.
pub(super) struct Clocks {
    pub(super) first: Instant,
    /// Those up to `latest` are written. Readers acquire `latest`, writers hold `writing`.
    steps: [Step; MAX_STEPS],
    latest: AtomicU32,
    /// When the clocks were last found to agree, in microseconds since `first`.
    agreed: AtomicU64,
    writing: Mutex<()>,
}

impl Clocks {
    fn new(first: Instant, wall: SystemTime) -> Self {
        let steps: [Step; MAX_STEPS] = std::array::from_fn(|_| Step::default());
        steps[0].distance.store(unix_micros(wall), Relaxed);
        Self { first, steps, latest: AtomicU32::new(0), agreed: AtomicU64::new(0), writing: Mutex::new(()) }
    }

    #[inline]
    pub(super) fn latest(&self) -> u32 {
        self.latest.load(Acquire)
    }

    /// Measures the distance, at most once in [`OBSERVED_FOR`] on each thread, and returns the index of the latest one.
    pub(super) fn observe(&self) -> u32 {
        let before = Instant::now();
        let is_known = OBSERVED.try_with(Cell::get).ok().flatten().is_some_and(|until| before < until);
        if !is_known {
            let wall = SystemTime::now();
            if before.elapsed() <= MAX_READING {
                let _ = OBSERVED.try_with(|until| until.set(before.checked_add(OBSERVED_FOR)));
                self.measured(before, wall);
            }
        }
        self.latest()
    }

    /// Does the same, unless this thread has measured since that moment, or less than [`OBSERVED_FOR`] before it: reading the
    /// time takes longer than writing a date.
    pub(super) fn observe_since(&self, instant: Instant) {
        let is_known = OBSERVED.try_with(Cell::get).ok().flatten().is_some_and(|until| instant < until);
        if !is_known {
            self.observe();
        }
    }

    /// Stores the distance of two readings that were made at one moment.
    fn measured(&self, instant: Instant, wall: SystemTime) {
        let now = self.since_first(instant);
        let distance = unix_micros(wall).saturating_sub_unsigned(now);
        let known = self.steps[self.latest() as usize].distance.load(Relaxed);
        if known.abs_diff(distance) <= TOLERANCE {
            self.agreed.fetch_max(now, Relaxed);
            return;
        }
        let Ok(_writing) = self.writing.try_lock() else { return };
        let latest = self.latest() as usize;
        let is_full = latest + 1 >= MAX_STEPS;
        if is_full && distance < known {
            return; // replacing the last step would set back the dates of runs that have seen it
        }
        let place = if is_full { latest } else { latest + 1 };
        let step = &self.steps[place];
        // The time of the step is unknown, so the new date holds from the last time at which the clocks agreed.
        step.since.store(self.agreed.load(Relaxed).saturating_add(1), Relaxed);
        step.distance.store(distance, Relaxed);
        self.agreed.fetch_max(now, Relaxed);
        self.latest.store(u32::try_from(place).unwrap_or_default(), Release);
    }

    /// Microseconds since the Unix epoch, as a run sees them: its own distance, or a larger one that came later.
    pub(super) fn date(&self, clock: RunClock, instant: Instant) -> u64 {
        let at = self.since_first(instant);
        if clock == RunClock::DATES {
            return at;
        }
        let (first, latest) = (clock.0 as usize, self.latest() as usize);
        let mut steps = self.steps.get(first..=latest.max(first)).unwrap_or_default().iter();
        let own = steps.next().map_or(0, |step| step.distance.load(Relaxed));
        let later = steps.filter(|step| step.since.load(Relaxed) <= at);
        let distance = later.map(|step| step.distance.load(Relaxed)).fold(own, i64::max);
        u64::try_from(distance).unwrap_or_default().saturating_add(at)
    }

    fn since_first(&self, instant: Instant) -> u64 {
        saturating_micros(instant.saturating_duration_since(self.first))
    }
}

/// A wall clock before 1970 counts as if it stood at its beginning.
pub(super) fn unix_micros(wall: SystemTime) -> i64 {
    let since_epoch = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(saturating_micros(since_epoch)).unwrap_or(i64::MAX)
}

fn saturating_micros(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::rfc3339::rfc3339;

    const HOUR: Duration = Duration::from_secs(3_600);
    const SECOND: Duration = Duration::from_secs(1);

    /// Clocks that are set and read by hand.
    struct Machine {
        clocks: Clocks,
        instant: Instant,
        wall: SystemTime,
    }

    impl Machine {
        fn new() -> Self {
            let (instant, wall) = (Instant::now(), UNIX_EPOCH + HOUR * 400_000);
            Self { clocks: Clocks::new(instant, wall), instant, wall }
        }

        /// Advances both clocks, and measures.
        fn pass(&mut self, time: Duration) {
            self.instant += time;
            self.wall += time;
            self.clocks.measured(self.instant, self.wall);
        }

        /// Starts a run.
        fn run(&self) -> RunClock {
            self.clocks.measured(self.instant, self.wall);
            RunClock(self.clocks.latest())
        }

        fn date(&self, run: RunClock) -> u64 {
            self.clocks.date(run, self.instant)
        }

        fn wall(&self) -> u64 {
            u64::try_from(unix_micros(self.wall)).unwrap()
        }
    }

    #[test]
    fn run_after_a_suspend_has_the_date_of_its_moment() {
        let mut machine = Machine::new();
        machine.pass(SECOND);
        machine.wall += HOUR;
        let run = machine.run();
        assert_eq!(machine.date(run), machine.wall());
    }

    #[test]
    fn step_forward_counts_at_once_in_a_run() {
        let mut machine = Machine::new();
        let run = machine.run();
        machine.pass(SECOND);
        let (started, start) = (machine.date(run), machine.instant);
        machine.wall += HOUR;
        machine.pass(SECOND);
        assert_eq!(machine.date(run), machine.wall());
        assert_eq!(machine.date(run) - started, 3_601_000_000);
        assert_eq!(machine.clocks.date(run, start), started);
    }

    #[test]
    fn step_back_counts_from_the_next_run() {
        let mut machine = Machine::new();
        let run = machine.run();
        machine.pass(SECOND);
        let before = machine.date(run);
        machine.wall -= HOUR;
        machine.pass(SECOND);
        assert_eq!(machine.date(run), before + 1_000_000);
        let next = machine.run();
        assert_eq!(machine.date(next), machine.wall());
    }

    #[test]
    fn drift_counts_when_it_has_become_large() {
        let mut machine = Machine::new();
        for _ in 0..10_000 {
            machine.wall += Duration::from_micros(50);
            machine.pass(SECOND);
        }
        let run = machine.run();
        assert!(machine.date(run).abs_diff(machine.wall()) <= TOLERANCE);
    }

    #[test]
    fn f52_dates_never_go_back_within_a_run_whatever_the_wall_clock_does() {
        let mut machine = Machine::new();
        let run = machine.run();
        let mut last = 0;
        for number in 0..2_000_u32 {
            let step = HOUR * (number * 7_919 % 48);
            machine.wall = if number % 2 == 0 { machine.wall + step } else { machine.wall - step };
            machine.pass(Duration::from_millis(10));
            let date = machine.date(run);
            assert!(last < date, "{number}");
            last = date;
        }
    }

    #[test]
    fn f52_wall_clock_outside_of_all_dates_gives_a_date_all_the_same() {
        for wall in [UNIX_EPOCH - SECOND, UNIX_EPOCH + Duration::from_secs(u32::MAX.into()) * 1_000] {
            let instant = Instant::now();
            let clocks = Clocks::new(instant, wall);
            let (started, finished) =
                (clocks.date(RunClock(0), instant), clocks.date(RunClock(0), instant + SECOND));
            assert_eq!(finished - started, 1_000_000, "{wall:?}");
            let earlier = instant.checked_sub(SECOND).unwrap();
            assert_eq!(clocks.date(RunClock(0), earlier), started, "a monotonic clock that is not");
            assert!(rfc3339(finished).is_ascii());
        }
    }
}
