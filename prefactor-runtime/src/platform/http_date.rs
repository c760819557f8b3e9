//! Dates in HTTP headers, in the three forms that RFC 9110 has a reader accept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::platform::rfc3339::days_from_civil;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`. The day of the week
/// is not looked at.
pub(crate) fn parse_http_date(text: &str) -> Option<SystemTime> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let ([_, day, month, year, time, "GMT"] | [_, month, day, time, year]) = words[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year = match (year.len(), number(year, 9_999)?) {
        (2, year @ 70..) => 1_900 + year,
        (2, year) => 2_000 + year,
        (4, year) => year,
        _ => return None,
    };
    let mut time = time.split(':');
    let mut part = |max| number(time.next()?, max);
    let second_of_day = part(23)? * 3_600 + part(59)? * 60 + part(60)?;
    if time.next().is_some() {
        return None;
    }
    let days = days_from_civil(year, month, number(day, 31)?)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(days * 86_400 + second_of_day))
}

fn number(digits: &str, max: u64) -> Option<u64> {
    let is_one = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_one.then(|| digits.parse().ok()).flatten().filter(|number| *number <= max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_three_forms_agree_with_a_date_library(second in 0_i64..253_402_300_800) {
            let date = jiff::Timestamp::from_second(second).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
            let expected = UNIX_EPOCH + Duration::from_secs(second.unsigned_abs());
            for form in ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
                let text = date.strftime(form).to_string();
                prop_assert_eq!(parse_http_date(&text), Some(expected), "{}", text);
            }
            if (1_970..2_070).contains(&date.year()) {
                let text = date.strftime("%A, %d-%b-%y %H:%M:%S GMT").to_string();
                prop_assert_eq!(parse_http_date(&text), Some(expected), "{}", text);
            }
        }

        #[test]
        fn no_text_does_harm(text in "[ -~]{0,40}") {
            let _ = parse_http_date(&text);
        }
    }

    #[test]
    fn text_that_is_no_date_is_not_read() {
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }
}
