//! Instants as the API writes them: UTC, six fractional digits, `Z`.

use std::{fmt, time::Duration};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use serde::{Serialize, Serializer};

/// An instant in microseconds since 1970: a number in the database, text in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i64);

impl Time {
    pub(crate) fn now() -> Self {
        Self::from(Timestamp::now())
    }

    /// Microseconds since 1970.
    pub(crate) fn micros(self) -> i64 {
        self.0
    }

    pub(crate) fn minutes_ago(self, minutes: i64) -> Self {
        Self(self.0.saturating_sub(minutes.saturating_mul(60_000_000)))
    }

    /// Parses ISO 8601 with `Z` or a numeric offset; without either it is UTC. The Python SDK passes on instants that
    /// its user made without a zone, and ends its telemetry when they are refused.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Self::from(instant));
        }
        let naive = text.contains(['T', ' ']).then(|| text.parse::<DateTime>().ok())??;
        naive.to_zoned(TimeZone::UTC).ok().map(|instant| Self::from(instant.timestamp()))
    }

    /// Returns this instant, earlier by a duration.
    pub(crate) fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl From<Timestamp> for Time {
    fn from(instant: Timestamp) -> Self {
        Self(instant.as_microsecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = Timestamp::from_microsecond(self.0).unwrap_or_default();
        write!(f, "{instant:.6}")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Integer(time.0)
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_spelling_becomes_utc_with_six_digits() {
        for (given, stored) in [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"),
            ("2026-01-31T12:00:00.123Z", "2026-01-31T12:00:00.123000Z"),
            ("2026-01-31T12:00:00.123456+00:00", "2026-01-31T12:00:00.123456Z"),
            ("2026-01-31T12:00:00.123456789-05:30", "2026-01-31T17:30:00.123456Z"),
            ("2026-01-31T12:00:00.123456", "2026-01-31T12:00:00.123456Z"),
            ("2026-01-31 12:00:00", "2026-01-31T12:00:00.000000Z"),
        ] {
            assert_eq!(Time::parse(given).map(|time| time.to_string()).as_deref(), Some(stored), "{given}");
        }
    }

    #[test]
    fn text_that_names_no_instant_is_refused() {
        for given in
            ["", "yesterday", "2026-01-31", "12:00:00", "2026-13-01T00:00:00Z", "2026-13-01T00:00:00"]
        {
            assert_eq!(Time::parse(given), None, "{given}");
        }
    }
}
