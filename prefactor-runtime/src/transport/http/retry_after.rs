//! Parses `Retry-After`.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::platform::http_date::parse_http_date;

/// The header in either form, seconds or a date. `None` where it says nothing or nonsense; how much of a
/// wish is granted is for the retry clock to say.
pub(super) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    parse_http_date(text)?.duration_since(now).ok()
}

/// As [`read`], or `retry-after-ms` where that is longer.
#[cfg(any(feature = "otlp", feature = "openai"))]
pub(super) fn read_with_millis(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let millis = headers.get("retry-after-ms").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    read(headers, now).max(millis.map(Duration::from_millis))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn at(now: SystemTime, text: &str) -> Option<Duration> {
        read(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]), now)
    }

    #[test]
    fn f08_wishes_of_all_forms_are_read() {
        let now = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let seconds = |count| Some(Duration::from_secs(count));
        let ten_to_the_40th = format!("1{}", "0".repeat(40));
        for (text, expected) in [
            ("0", seconds(0)),
            ("2", seconds(2)),
            (" 120 ", seconds(120)),
            ("86400", seconds(86_400)),
            (ten_to_the_40th.as_str(), seconds(u64::MAX)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1e3", None),
            ("abc", None),
            ("NaN", None),
            ("inf", None),
            ("", None),
            ("Sun, 06 Nov 1994 08:50:37 GMT", seconds(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", seconds(60)),
            ("Sun Nov  6 08:50:37 1994", seconds(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", None),
            ("Sun, 06 Nov 1994 08:50:37 CET", None),
            ("Fri, 31 Dec 9999 23:59:59 GMT", seconds(252_618_189_022)),
            ("Sun, 99 Nov 1994 99:99:99 GMT", None),
        ] {
            assert_eq!(at(now, text), expected, "{text:?}");
        }
        assert_eq!(read(&HeaderMap::new(), now), None);
    }

    proptest! {
        #[test]
        fn f08_no_text_and_no_clock_does_harm(text in "[ -~]{0,50}", now in any::<u32>(), after in any::<bool>()) {
            let now = Duration::from_secs(now.into());
            let epoch = SystemTime::UNIX_EPOCH;
            at(if after { epoch + now } else { epoch - now }, &text);
        }
    }
}
