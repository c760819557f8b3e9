//! Finds where in a text one of many fixed beginnings may stand, by its first three bytes.
//!
//! An automaton needs the state that the byte before has left, and so goes on at the pace of memory. Here each byte is
//! looked up on its own: it has a set of groups for each of the three places, and a beginning may stand where one group is
//! in all three sets. The caller compares the few beginnings of that group.

/// Groups that beginnings share: one for each bit, but for two that are for classes of characters.
const SHARED: usize = 62;

/// The group of three digits in a row.
const DIGITS: usize = SHARED;

/// The group of two capital letters and a digit.
const CAPITALS: usize = SHARED + 1;

/// Which number may stand at a place, beside the beginnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    None,
    /// Three digits in a row: of a card or a person.
    Digits,
    /// Two capital letters and a digit: of a bank account.
    Capitals,
}

/// Bytes looked at before it is asked whether there was anything.
const BLOCK: usize = 16;

/// Bytes of a block that are looked at once more where there was something.
const PART: usize = 4;

/// A block, and the two bytes after it.
type Block = [u8; BLOCK + 2];

/// A part of a block, and the two bytes after it.
fn part(block: &Block, number: usize) -> &[u8] {
    &block[number * PART..(number + 1) * PART + 2]
}

pub(super) struct Prefilter {
    /// For each place, the groups that have a byte there.
    sets: [[u64; 256]; 3],
    /// The beginnings themselves, by their first three bytes: those of a group have other combinations, too.
    threes: [u32; 1 << 10],
}

/// The group of a beginning, by its first two bytes. The factor was chosen by trial: among a few thousand, it is one with
/// which few words of prose and of JSON are in a group and are no beginning.
const fn group(beginning: &str) -> usize {
    const FACTOR: u32 = 3_496_922_305;
    let bytes = beginning.as_bytes();
    let two = (bytes[0].to_ascii_lowercase() as u32) << 8 | bytes[1].to_ascii_lowercase() as u32;
    (two.wrapping_mul(FACTOR) >> 16) as usize % SHARED
}

/// The first three bytes in fifteen bits, the same for capital and for small letters.
pub(super) const fn three(bytes: &[u8]) -> usize {
    match bytes {
        [first, second, third, ..] => {
            ((*first & 31) as usize) << 10 | ((*second & 31) as usize) << 5 | (*third & 31) as usize
        }
        _ => 0,
    }
}

impl Prefilter {
    /// Finds nothing.
    pub(super) const NONE: Self = Self { sets: [[0; 256]; 3], threes: [0; 1 << 10] };

    /// Looks for ASCII beginnings of three bytes or more, in any case.
    pub(super) const fn new<const N: usize>(beginnings: [&str; N]) -> Self {
        let mut prefilter = Self::NONE;
        let mut number = 0;
        while number < N {
            prefilter = prefilter.with(beginnings[number], true);
            number += 1;
        }
        prefilter
    }

    /// Looks for one more beginning, in any case or in its own.
    pub(super) const fn with(mut self, beginning: &str, is_any_case: bool) -> Self {
        let bytes = beginning.as_bytes();
        let bit = 1 << group(beginning);
        let mut place = 0;
        while place < 3 {
            self.sets[place][bytes[place] as usize] |= bit;
            if is_any_case {
                self.sets[place][bytes[place].to_ascii_lowercase() as usize] |= bit;
                self.sets[place][bytes[place].to_ascii_uppercase() as usize] |= bit;
            }
            place += 1;
        }
        let three = three(bytes);
        self.threes[three / 32] |= 1 << (three % 32);
        self
    }

    /// Looks for three digits, and for two capital letters before a digit, too.
    pub(super) const fn with_numbers(mut self) -> Self {
        let mut digit = b'0' as usize;
        while digit <= b'9' as usize {
            self.sets[0][digit] |= 1 << DIGITS;
            self.sets[1][digit] |= 1 << DIGITS;
            self.sets[2][digit] |= 1 << DIGITS | 1 << CAPITALS;
            digit += 1;
        }
        let mut letter = b'A' as usize;
        while letter <= b'Z' as usize {
            self.sets[0][letter] |= 1 << CAPITALS;
            self.sets[1][letter] |= 1 << CAPITALS;
            letter += 1;
        }
        self
    }

    /// Where the next beginning or number may be, from a position on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, Numbers)> {
        let mut at = from;
        let mut rest = text.get(from..)?;
        while let Some(block) = rest.first_chunk() {
            let any = self.any(block);
            if any.iter().fold(0, |all, any| all | any) != 0 {
                let mut hits = any.iter().enumerate().filter(|(_, any)| **any != 0);
                let found =
                    hits.find_map(|(number, _)| self.find_in(part(block, number), text, at + number * PART));
                if found.is_some() {
                    return found;
                }
            }
            rest = &rest[BLOCK..];
            at += BLOCK;
        }
        // Looks at the rest as one more block, which begins before the rest.
        if let Some(block) = text[from..].last_chunk() {
            if self.any(block) == [0; BLOCK / PART] {
                return None;
            }
        }
        self.find_in(rest, text, at)
    }

    /// The groups that the first three bytes are in at some place, for each part of a block.
    #[inline]
    fn any(&self, block: &Block) -> [u64; BLOCK / PART] {
        let mut any = [0; BLOCK / PART];
        for (number, any) in any.iter_mut().enumerate() {
            *any = part(block, number).windows(3).fold(0, |any, three| any | self.groups(three));
        }
        any
    }

    /// The same in a part of the text that begins there.
    fn find_in(&self, part: &[u8], text: &[u8], start: usize) -> Option<(usize, Numbers)> {
        part.windows(3).enumerate().find_map(|(place, three)| {
            let groups = self.groups(three);
            if groups == 0 {
                return None;
            }
            let at = start + place;
            let numbers = match groups >> SHARED {
                0b01 if at > 0 && text[at - 1].is_ascii_digit() => Numbers::None,
                0b01 => Numbers::Digits,
                0b10 => Numbers::Capitals,
                _ => Numbers::None,
            };
            (numbers != Numbers::None || self.has(three)).then_some((at, numbers))
        })
    }

    /// Whether three bytes are those of a beginning, or differ from them in bytes that are not letters.
    #[inline]
    fn has(&self, bytes: &[u8]) -> bool {
        let three = three(bytes);
        self.threes[three / 32] >> (three % 32) & 1 != 0
    }

    /// The groups that the first three of some bytes are in.
    #[inline]
    fn groups(&self, bytes: &[u8]) -> u64 {
        let set = |place: usize| self.sets[place][usize::from(bytes[place])];
        set(0) & set(1) & set(2)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes::beginnings::BEGINNINGS;
    use super::*;

    static PREFILTER: Prefilter = {
        let mut prefilter = Prefilter::NONE;
        let mut number = 0;
        while number < BEGINNINGS.len() {
            prefilter = prefilter.with(BEGINNINGS[number].0, true);
            number += 1;
        }
        prefilter
    };

    #[test]
    fn every_beginning_is_found_wherever_it_stands_and_however_it_is_written() {
        for (beginning, _) in BEGINNINGS {
            assert!(beginning.len() >= 3 && beginning.is_ascii(), "{beginning}");
            for before in 0..40 {
                for text in [(*beginning).to_owned(), beginning.to_uppercase(), beginning.to_lowercase()] {
                    let whole = format!("{}{text}", "~".repeat(before));
                    for from in [0, before] {
                        assert_eq!(
                            PREFILTER.find(whole.as_bytes(), from),
                            Some((before, Numbers::None)),
                            "{whole}"
                        );
                    }
                    assert_eq!(PREFILTER.find(whole.as_bytes(), whole.len()), None);
                }
            }
        }
        assert_eq!(PREFILTER.find("häö, \u{1F600}".repeat(9).as_bytes(), 0), None);
        assert_eq!(PREFILTER.find(b"", 0), None);
        assert_eq!(PREFILTER.find(b"sk", 0), None);
        assert_eq!(PREFILTER.find(b"sk", 3), None);
    }

    #[test]
    fn digits_are_looked_for_on_demand() {
        static WITH_NUMBERS: Prefilter = Prefilter::NONE.with_numbers();
        assert_eq!(WITH_NUMBERS.find(b"in 2026", 0), Some((3, Numbers::Digits)));
        assert_eq!(WITH_NUMBERS.find(b"~~ DE89", 0), Some((3, Numbers::Capitals)));
        assert_eq!(PREFILTER.find(b"in 2026", 0), None);
    }
}
