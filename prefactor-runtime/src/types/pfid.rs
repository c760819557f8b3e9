//! PFIDs: the identifiers of the Prefactor platform.
//!
//! A PFID is 160 bits long: 48 bits of Unix time in milliseconds, a 30-bit *partition* that all ids of one
//! account share, and 80 random bits. Its text is 32 characters of lower-case Crockford base 32, so that
//! sorting the text sorts by time. Format: the platform's open `pfid` package, version 0.1.0; its
//! 1,231 published vectors are a test of this crate.

use std::fmt;
use std::str::FromStr;

use crate::types::error::Error;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// All pairs of digits, in order: an id is written several times for each span.
static PAIRS: [[u8; 2]; 1_024] = {
    let mut pairs = [[0; 2]; 1_024];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [ALPHABET[number / 32], ALPHABET[number % 32]];
        number += 1;
    }
    pairs
};
const TEXT_LENGTH: usize = 32;
const MAX_TIME: u64 = (1 << 48) - 1;
/// Eight digits.
const MAX_QUARTER: u64 = (1 << 40) - 1;

/// An identifier of the Prefactor platform: time, the account's partition and 80 random bits.
///
/// # Examples
///
/// ```
/// use prefactor::Pfid;
///
/// let id: Pfid = "013xrzp12g3nqk8n0000000000000000".parse()?;
/// assert_eq!(id.unix_millis(), 1_234_567_890_000);
/// assert_eq!(id.partition(), 123_456_789);
/// assert_eq!(id.to_string(), "013xrzp12g3nqk8n0000000000000000");
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pfid {
    unix_millis: u64,
    partition: u32,
    randomness: [u8; 10],
}

impl Pfid {
    /// The largest partition: 30 bits.
    pub const MAX_PARTITION: u32 = (1 << 30) - 1;

    /// Puts an id together from its three parts, or `None` when one is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Pfid;
    ///
    /// let id = Pfid::from_parts(1_700_000_000_000, 7, [0; 10]).expect("each part is in range");
    /// assert_eq!((id.unix_millis(), id.partition(), id.randomness()), (1_700_000_000_000, 7, [0; 10]));
    /// assert_eq!(Pfid::from_parts(0, Pfid::MAX_PARTITION + 1, [0; 10]), None);
    /// ```
    #[must_use]
    pub const fn from_parts(unix_millis: u64, partition: u32, randomness: [u8; 10]) -> Option<Self> {
        if unix_millis > MAX_TIME || partition > Self::MAX_PARTITION {
            return None;
        }
        Some(Self { unix_millis, partition, randomness })
    }

    /// The time at which the id was made, in milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(&self) -> u64 {
        self.unix_millis
    }

    /// The account's partition, 30 bits.
    #[must_use]
    pub const fn partition(&self) -> u32 {
        self.partition
    }

    /// The 80 random bits, most significant byte first.
    #[must_use]
    pub const fn randomness(&self) -> [u8; 10] {
        self.randomness
    }

    /// The id of those bits in that partition.
    #[cfg(feature = "enabled")]
    pub(crate) const fn of_bits(unix_millis: u64, partition: u32, random: u128) -> Self {
        let [_, _, _, _, _, _, randomness @ ..] = random.to_be_bytes();
        Self { unix_millis: unix_millis & MAX_TIME, partition: partition & Self::MAX_PARTITION, randomness }
    }

    /// The id that lies in those 16 bytes and in partition 0: 6 of time and 10 random ones.
    #[cfg(feature = "enabled")]
    pub(crate) fn of_trace_id(bytes: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(bytes);
        Self::of_bits((number >> 80) as u64, 0, number)
    }

    /// Whether that is its text.
    #[cfg(feature = "enabled")]
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text() == text.as_bytes()
    }

    /// Its text: ASCII.
    pub(crate) fn text(&self) -> [u8; TEXT_LENGTH] {
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
        let (high, low) = self.randomness.split_at(5);
        let quarters = [
            self.unix_millis >> 10,
            ((self.unix_millis << 30) | u64::from(self.partition)) & MAX_QUARTER,
            number(high),
            number(low),
        ];
        let mut text = [b'0'; TEXT_LENGTH];
        for (digits, quarter) in text.chunks_exact_mut(8).zip(quarters) {
            for (place, pair) in digits.chunks_exact_mut(2).rev().enumerate() {
                pair.copy_from_slice(&PAIRS[((quarter >> (10 * place)) & 1_023) as usize]);
            }
        }
        text
    }
}

impl fmt::Display for Pfid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Pfid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pfid({self})")
    }
}

impl FromStr for Pfid {
    type Err = Error;

    /// Reads the 32 characters of the text form, strictly: lower case, no aliases, no hyphens.
    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::invalid_id(text);
        if text.len() != TEXT_LENGTH {
            return Err(malformed());
        }
        let mut digits = [0_u8; TEXT_LENGTH];
        for (digit, character) in digits.iter_mut().zip(text.bytes()) {
            *digit = value_of(character).ok_or_else(malformed)?;
        }
        let number =
            |digits: &[u8]| digits.iter().fold(0_u128, |number, digit| (number << 5) | u128::from(*digit));
        let time_and_partition = number(&digits[..16]);
        let unix_millis = u64::try_from(time_and_partition >> 30).map_err(|_| malformed())?;
        let partition =
            u32::try_from(time_and_partition & u128::from(Self::MAX_PARTITION)).map_err(|_| malformed())?;
        let mut randomness = [0_u8; 10];
        randomness.copy_from_slice(&number(&digits[16..]).to_be_bytes()[6..]);
        Self::from_parts(unix_millis, partition, randomness).ok_or_else(malformed)
    }
}

fn value_of(character: u8) -> Option<u8> {
    let position = ALPHABET.iter().position(|digit| *digit == character)?;
    u8::try_from(position).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_pfid() {
        for text in [
            "",
            "013xrzp12g3nqk8n000000000000000",   // 31 characters
            "013xrzp12g3nqk8n00000000000000000", // 33
            "813xrzp12g3nqk8n0000000000000000",  // first digit over 7
            "013XRZP12G3NQK8N0000000000000000",  // upper case
            "013xrzp12g3nqk8n000000000000000\n", // trailing newline
            "013xrzp12g3nqk8n00000000000000il",  // not in the alphabet
            "013xrzp12g3nqk8n00000000000000éé",
        ] {
            assert!(text.parse::<Pfid>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn refuses_parts_out_of_range() {
        assert!(Pfid::from_parts(MAX_TIME + 1, 0, [0; 10]).is_none());
        assert!(Pfid::from_parts(0, Pfid::MAX_PARTITION + 1, [0; 10]).is_none());
    }
}
