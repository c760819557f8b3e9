//! Dates as RFC 3339 text, as in `2026-01-31T12:00:00.123456Z`.
//!
//! Written by hand because each span has two: with `write!` the text takes ten times as long.

use std::cell::Cell;

/// The date in UTC with six digits after the second, the one form that every reader of the API understands.
pub(crate) fn rfc3339(unix_micros: u64) -> [u8; 27] {
    let (seconds, micros) = (unix_micros / 1_000_000, unix_micros % 1_000_000);
    let last = LAST.try_with(Cell::get).ok().flatten();
    let mut text = match last {
        Some((second, text)) if second == seconds => text,
        _ => {
            let text = of_second(seconds);
            let _ = LAST.try_with(|last| last.set(Some((seconds, text))));
            text
        }
    };
    put_digits(&mut text[20..26], micros);
    text
}

thread_local! {
    /// The second of the last date, and its text: dates come close together.
    static LAST: Cell<Option<(u64, [u8; 27])>> = const { Cell::new(None) };
}

/// The date of a second, with six zeros after it.
fn of_second(seconds: u64) -> [u8; 27] {
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
    ] {
        put_digits(&mut text[place], number);
    }
    text
}

/// Reads a date as [`rfc3339`] writes it, in microseconds since the Unix epoch. `None` for any other form.
pub(crate) fn parse_rfc3339(text: &str) -> Option<u64> {
    let number = |place: std::ops::Range<usize>| {
        let digits = text.get(place)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten()
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (26, b'Z')];
    if text.len() != 27 || marks.iter().any(|(place, mark)| text.as_bytes().get(*place) != Some(mark)) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let seconds = number(11..13)? * 3_600 + number(14..16)? * 60 + number(17..19)?;
    let days = days_from_civil(year, month, day)?;
    Some((days * 86_400 + seconds) * 1_000_000 + number(20..26)?)
}

/// The reverse of [`civil_from_days`]. `None` before 1970.
pub(super) fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}

/// Writes the digits of a number in the place of zeros.
fn put_digits(zeros: &mut [u8], mut number: u64) {
    for zero in zeros.iter_mut().rev() {
        *zero += (number % 10) as u8;
        number /= 10;
    }
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_agrees_with_a_date_library(micros in 0_u64..253_402_300_800_000_000) {
            let theirs = jiff::Timestamp::from_microsecond(i64::try_from(micros).unwrap()).unwrap();
            let text = String::from_utf8(rfc3339(micros).into()).unwrap();
            prop_assert_eq!(&text, &format!("{theirs:.6}"));
            prop_assert_eq!(parse_rfc3339(&text), Some(micros));
        }
    }

    #[test]
    fn other_forms_of_dates_are_not_read() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00.12345+Z",
            "2026-01-31T12:00:00.123456+",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
