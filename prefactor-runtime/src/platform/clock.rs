//! Times of spans: wall time that never runs backwards within a process.
//!
//! Wall time is read once and carried on by the monotonic clock, so a clock that is set back between start
//! and finish cannot give a negative duration. A time is kept as that clock has given it, and made a date by whoever shows it:
//! the worker, for most.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(Instant);

impl Timestamp {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    fn unix_micros(self) -> u64 {
        Anchor::of_process().at(self.0)
    }

    /// Each span's id begins with it, so it is not made anew within a millisecond.
    #[inline]
    pub(crate) fn unix_millis(self) -> u64 {
        let last = MILLISECOND.try_with(Cell::get).ok().flatten();
        match last {
            Some(last) if last.begin <= self.0 && self.0 < last.end => last.number,
            _ => self.next_millisecond().number,
        }
    }

    #[cold]
    fn next_millisecond(self) -> Millisecond {
        let anchor = Anchor::of_process();
        let number = anchor.at(self.0) / 1_000;
        let rest = Duration::from_micros(((number + 1) * 1_000).saturating_sub(anchor.micros));
        let end = anchor.instant.checked_add(rest).unwrap_or(self.0);
        let millisecond = Millisecond { number, begin: self.0, end };
        let _ = MILLISECOND.try_with(|last| last.set(Some(millisecond)));
        millisecond
    }

    pub(crate) fn to_system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.unix_micros())
    }

    /// RFC 3339 in UTC with six digits, as in `2026-01-31T12:00:00.123456Z`: the one form that every reader
    /// of the API understands.
    pub(crate) fn rfc3339(self) -> [u8; 27] {
        rfc3339(self.unix_micros())
    }

    /// As [`Timestamp::rfc3339`].
    pub(crate) fn to_rfc3339(self) -> String {
        String::from_utf8_lossy(&self.rfc3339()).into_owned()
    }
}

fn rfc3339(unix_micros: u64) -> [u8; 27] {
    let (seconds, micros) = (unix_micros / 1_000_000, unix_micros % 1_000_000);
    let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    for (place, number) in [
        (0..4, year.min(9_999)),
        (5..7, month),
        (8..10, day),
        (11..13, hour),
        (14..16, minute),
        (17..19, second),
        (20..26, micros),
    ] {
        put_digits(&mut text[place], number);
    }
    text
}

/// Writes the digits of a number in the place of zeros: with `write!` it takes ten times as long, and each span has
/// two times.
fn put_digits(zeros: &mut [u8], mut number: u64) {
    for zero in zeros.iter_mut().rev() {
        *zero += (number % 10) as u8;
        number /= 10;
    }
}

/// A part of a millisecond, from some moment until its end.
#[derive(Clone, Copy)]
struct Millisecond {
    /// Since the Unix epoch.
    number: u64,
    begin: Instant,
    end: Instant,
}

thread_local! {
    /// The last one that was asked for.
    static MILLISECOND: Cell<Option<Millisecond>> = const { Cell::new(None) };
}

/// A moment on both clocks. The wall clock is not asked again, whatever is done to it.
struct Anchor {
    instant: Instant,
    micros: u64,
}

impl Anchor {
    /// The one of this process.
    fn of_process() -> &'static Self {
        static ANCHOR: OnceLock<Anchor> = OnceLock::new();
        ANCHOR.get_or_init(|| Self::new(Instant::now(), SystemTime::now()))
    }

    /// A wall clock before 1970 counts as if it stood at its beginning.
    fn new(instant: Instant, wall: SystemTime) -> Self {
        let since_epoch = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { instant, micros: saturating_micros(since_epoch) }
    }

    /// Microseconds since the Unix epoch.
    fn at(&self, instant: Instant) -> u64 {
        let elapsed = instant.saturating_duration_since(self.instant);
        self.micros.saturating_add(saturating_micros(elapsed))
    }
}

fn saturating_micros(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros().into())
}

/// Days since 1970-01-01 to year, month and day, by counting in 400-year eras that begin on 1 March, where
/// the leap day is the last day of the year.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    const DAYS_IN_ERA: u64 = 146_097;
    const DAYS_FROM_YEAR_0_TO_1970: u64 = 719_468;
    let day = days.saturating_add(DAYS_FROM_YEAR_0_TO_1970);
    let (era, day_of_era) = (day / DAYS_IN_ERA, day % DAYS_IN_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_agrees_with_a_date_library(micros in 0_u64..253_402_300_800_000_000) {
            let theirs = jiff::Timestamp::from_microsecond(i64::try_from(micros).unwrap()).unwrap();
            prop_assert_eq!(String::from_utf8(rfc3339(micros).into()).unwrap(), format!("{theirs:.6}"));
        }
    }

    #[test]
    fn f52_no_wall_clock_makes_a_span_end_before_its_start() {
        let (start, length) = (Instant::now(), Duration::from_millis(1_500));
        let wall = SystemTime::now();
        let clocks = [
            wall,
            wall - Duration::from_secs(3_600),
            wall + Duration::from_secs(86_400),
            UNIX_EPOCH - Duration::from_secs(1),
            UNIX_EPOCH + Duration::from_secs(u32::MAX.into()) * 1_000,
        ];
        for wall in clocks {
            let anchor = Anchor::new(start, wall);
            let (started, finished) = (anchor.at(start), anchor.at(start + length));
            assert_eq!(finished - started, 1_500_000, "{wall:?}");
            let earlier = start.checked_sub(length).unwrap();
            assert_eq!(anchor.at(earlier), started, "a monotonic clock that is not");
            assert!(rfc3339(finished).is_ascii());
        }
    }

    #[test]
    fn milliseconds_are_those_of_the_whole_time() {
        let first = Timestamp::now();
        assert_eq!(first.unix_millis(), first.unix_micros() / 1_000);
        let step = Duration::from_nanos(100_003);
        for number in (0..5_000).chain((0..5_000).rev()) {
            let time = Timestamp(first.0 + step * number);
            assert_eq!(time.unix_millis(), time.unix_micros() / 1_000, "{number}");
        }
    }

    #[test]
    fn time_does_not_run_backwards() {
        let times: Vec<_> = (0..10_000).map(|_| Timestamp::now()).collect();
        assert!(times.is_sorted());
    }
}
