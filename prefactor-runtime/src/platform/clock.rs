//! Times of spans and runs: monotonic moments that become wall-clock dates.
//!
//! A [`Timestamp`] is kept as the monotonic clock gives it, which costs the caller least, and becomes a date when it is
//! shown, by the worker for most. The two clocks move apart when the machine sleeps, when the wall clock is set, and by
//! drift. Their distance is measured for each run, every ten milliseconds in which a thread makes spans, and when dates
//! are made. Within a run dates never go back: a step forward counts at once, a step back from the next run on.

use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::platform::rfc3339::rfc3339;

/// How far the clocks may move apart before it counts, in microseconds. Reading both takes time, and so does slewing.
const TOLERANCE: u64 = 20_000;

/// Measurements that took longer say little: the thread was interrupted between two readings.
const MAX_READING: Duration = Duration::from_millis(2);

/// Distances that are remembered. Of a clock that steps more often, only steps forward count.
const MAX_STEPS: usize = 256;

/// How long a thread takes the distance of the clocks for known.
const OBSERVED_FOR: Duration = Duration::from_millis(10);

/// A moment in a run, or a date that the program gave.
///
/// It keeps the [`Instant`] itself: a difference to another one, which would fit one word, costs each span a hundred
/// instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp {
    instant: Instant,
    clock: RunClock,
}

/// The clock of one run: the place of the distance that was measured at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunClock(u32);

impl RunClock {
    /// The clock of times that are dates from the beginning, given by the program or read from disk: their moment is so long
    /// after the first measurement as the date is after the Unix epoch.
    const DATES: Self = Self(u32::MAX);

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
    /// The last one that was asked for.
    static MILLISECOND: Cell<Option<Millisecond>> = const { Cell::new(None) };
    /// Until when the thread takes the distance of the clocks for known.
    static OBSERVED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The clocks of this process.
fn clocks() -> &'static Clocks {
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
struct Clocks {
    first: Instant,
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
    fn latest(&self) -> u32 {
        self.latest.load(Acquire)
    }

    /// Measures the distance, at most once in [`OBSERVED_FOR`] on each thread, and gives the place of the latest one.
    fn observe(&self) -> u32 {
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

    /// As [`Clocks::observe`], unless this thread has measured since that moment, or less than [`OBSERVED_FOR`] before it: to ask
    /// for the time takes longer than to write a date.
    fn observe_since(&self, instant: Instant) {
        let is_known = OBSERVED.try_with(Cell::get).ok().flatten().is_some_and(|until| instant < until);
        if !is_known {
            self.observe();
        }
    }

    /// Takes down that both clocks stood so at one moment.
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
    fn date(&self, clock: RunClock, instant: Instant) -> u64 {
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
fn unix_micros(wall: SystemTime) -> i64 {
    let since_epoch = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(saturating_micros(since_epoch)).unwrap_or(i64::MAX)
}

fn saturating_micros(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros().into())
}

#[cfg(test)]
mod tests {
    use super::*;

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

        /// Both clocks go on, and are looked at.
        fn pass(&mut self, time: Duration) {
            self.instant += time;
            self.wall += time;
            self.clocks.measured(self.instant, self.wall);
        }

        /// A run that begins now.
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
