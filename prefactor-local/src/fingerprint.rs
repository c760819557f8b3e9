//! Short hashes of texts, such as a token that must not be stored.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// FNV-1a. It stays the same from one release of the compiler to the next, unlike the standard hasher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn of(text: &str) -> Self {
        Self(0xcbf2_9ce4_8422_2325).mix(text)
    }

    /// Continues this fingerprint with `text`.
    pub(crate) fn and(self, text: &str) -> Self {
        // No UTF-8 text holds the byte 0xff, so it keeps ("ab", "c") and ("a", "bc") apart.
        self.step(0xff).mix(text)
    }

    pub(crate) const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    fn mix(self, text: &str) -> Self {
        text.bytes().fold(self, Self::step)
    }

    fn step(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

impl ToSql for Fingerprint {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl FromSql for Fingerprint {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|number| Self(number.cast_unsigned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_of_a_text_matches_the_published_vector() {
        assert_eq!(Fingerprint::of("foobar").0, 0x8594_4171_f739_67e8);
    }

    #[test]
    fn fingerprint_of_two_texts_depends_on_where_they_meet() {
        assert_ne!(Fingerprint::of("pf_a"), Fingerprint::of("pf_b"));
        assert_ne!(Fingerprint::of("a").and("bc"), Fingerprint::of("ab").and("c"));
    }
}
