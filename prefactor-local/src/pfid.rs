//! Prefactor identifiers: 32 characters that sort by time and carry the partition of their account.

use std::time::{SystemTime, UNIX_EPOCH};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TIME: usize = 10;
const PARTITION: usize = 6;
const RANDOM: usize = 16;
const RANDOM_MASK: u128 = (1 << 80) - 1;

/// The part of an identifier that all identifiers of one account share; 30 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition(u32);

impl Partition {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        Ok(Self::from_bits(getrandom::u32()?))
    }

    /// Takes the lower 30 bits.
    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits & 0x3fff_ffff)
    }

    /// Returns the partition of a well-formed identifier; `None` for any other text.
    pub(crate) fn of(id: &str) -> Option<Self> {
        let bytes = id.as_bytes();
        if bytes.len() != TIME + PARTITION + RANDOM || bytes[0] > b'7' {
            return None;
        }
        let mut partition = 0;
        for (position, byte) in bytes.iter().enumerate() {
            let digit = ALPHABET.iter().position(|letter| letter == byte)?;
            if (TIME..TIME + PARTITION).contains(&position) {
                partition = partition << 5 | u32::try_from(digit).ok()?;
            }
        }
        Some(Self(partition))
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }
}

/// Makes identifiers that sort in the order in which they were made.
///
/// Within one millisecond the random part counts up instead of being drawn again. A list by identifier is then a list
/// by age even for spans of a burst.
#[derive(Debug, Default)]
pub(crate) struct Generator {
    millis: u64,
    random: u128,
}

impl Generator {
    pub(crate) fn next(&mut self, partition: Partition) -> Result<String, getrandom::Error> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        if now > self.millis {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes[6..])?;
            self.millis = now;
            self.random = u128::from_be_bytes(bytes);
        } else if self.random == RANDOM_MASK {
            self.millis += 1;
            self.random = 0;
        } else {
            self.random += 1;
        }
        Ok(encode(self.millis, partition, self.random))
    }
}

/// Returns the end of every identifier whose last bytes are `bytes`: twelve characters, of its lower 60 bits.
pub(crate) fn ending(bytes: u64) -> String {
    let mut text = String::with_capacity(12);
    push_digits(&mut text, u128::from(bytes) & ((1 << 60) - 1), 12);
    text
}

fn encode(millis: u64, partition: Partition, random: u128) -> String {
    let mut text = String::with_capacity(TIME + PARTITION + RANDOM);
    push_digits(&mut text, u128::from(millis), TIME);
    push_digits(&mut text, u128::from(partition.0), PARTITION);
    push_digits(&mut text, random, RANDOM);
    text
}

fn push_digits(text: &mut String, number: u128, digits: usize) {
    for position in (0..digits).rev() {
        let digit = (number >> (5 * position)) & 31;
        text.push(char::from(ALPHABET[digit as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: [(u64, u32, u128, &str); 6] = [
        (0, 0, 0, "00000000000000000000000000000000"),
        (0, 0, RANDOM_MASK, "0000000000000000zzzzzzzzzzzzzzzz"),
        (281_474_976_710_655, 1, 0, "7zzzzzzzzz0000010000000000000000"),
        (1, 1_073_741_822, 0, "0000000001zzzzzy0000000000000000"),
        (53_820_264_737_870, 900_712_542, 0x0bd5_8064_cf3e_537f_edd2, "1gyc0w5v2ettzj2y1far0s6f7s9qzvej"),
        (52_891_308_325_813, 676_364_542, 0x98ea_eedb_00ac_9759_a0b7, "1g3avt9yxnm5107yk3nexpr0njbnk85q"),
    ];

    #[test]
    fn text_form_matches_the_published_vectors() {
        for (millis, partition, random, text) in VECTORS {
            assert_eq!(encode(millis, Partition(partition), random), text);
            assert_eq!(Partition::of(text), Some(Partition(partition)), "{text}");
        }
    }

    #[test]
    fn only_lower_case_text_of_the_right_length_and_alphabet_is_an_identifier() {
        for text in [
            "",
            "0000000000000000000000000000000",
            "000000000000000000000000000000000",
            "80000000000000000000000000000000",
            "0000000000000000000000000000000i",
            "0000000000000000000000000000000A",
            "0000000000000000000000000000000\n",
            "0000000000000000000000000000000é",
        ] {
            assert_eq!(Partition::of(text), None, "{text:?}");
        }
    }

    #[test]
    fn identifiers_sort_in_the_order_of_their_making() {
        let mut generator = Generator::default();
        let ids: Vec<_> = (0..10_000).map(|_| generator.next(Partition(7)).unwrap()).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    }
}
