//! Where in a text a secret may begin, by the first three bytes of all beginnings at once.
//!
//! An automaton needs the state that the byte before has left, and so goes on at the pace of memory. Here the bytes are
//! looked up on their own: each has a set of groups for each of the three places, all in one word, and a beginning may be
//! where a group is in all three sets. What is found is to be looked at more closely.

use super::shapes::Shape;

/// Groups: one for each bit of a third of a word.
const GROUPS: usize = 21;

/// Bytes looked at before it is asked whether there was anything.
const BLOCK: usize = 16;

pub(super) struct Quick {
    /// The groups that have this byte in the first, second and third place, from the low bits up.
    sets: [u64; 256],
}

impl Quick {
    /// Looks for ASCII beginnings of three bytes or more, whatever case they are written in.
    pub(super) const fn new(beginnings: &[(&str, Shape)]) -> Self {
        let mut sets = [0; 256];
        let mut number = 0;
        while number < beginnings.len() {
            let bytes = beginnings[number].0.as_bytes();
            // Those with the same first byte in one group: the fewer combinations, the fewer that are none.
            let group = bytes[0].to_ascii_lowercase() as usize % GROUPS;
            let mut place = 0;
            while place < 3 {
                let bit = 1 << (group + place * GROUPS);
                sets[bytes[place].to_ascii_lowercase() as usize] |= bit;
                sets[bytes[place].to_ascii_uppercase() as usize] |= bit;
                place += 1;
            }
            number += 1;
        }
        Self { sets }
    }

    /// Where the next beginning may be, from a position on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut rest = text.get(from..)?;
        while let Some(block) = rest.first_chunk::<{ BLOCK + 2 }>() {
            let (mut any, mut first, mut second) = (0, self.set(block[0]), self.set(block[1]));
            for byte in &block[2..] {
                let third = self.set(*byte);
                any |= groups(first, second, third);
                (first, second) = (second, third);
            }
            if any != 0 {
                break;
            }
            rest = &rest[BLOCK..];
        }
        let is_any = |three: &[u8]| groups(self.set(three[0]), self.set(three[1]), self.set(three[2])) != 0;
        let found = rest.windows(3).position(is_any)?;
        Some(text.len() - rest.len() + found)
    }

    #[inline]
    fn set(&self, byte: u8) -> u64 {
        self.sets[usize::from(byte)]
    }
}

/// The groups that three bytes in a row are in.
#[inline]
const fn groups(first: u64, second: u64, third: u64) -> u64 {
    first & (second >> GROUPS) & (third >> (2 * GROUPS))
}

#[cfg(test)]
mod tests {
    use super::super::shapes::BEGINNINGS;
    use super::*;

    static QUICK: Quick = Quick::new(BEGINNINGS);

    #[test]
    fn every_beginning_is_found_wherever_it_stands_and_however_it_is_written() {
        for (beginning, _) in BEGINNINGS {
            assert!(beginning.len() >= 3 && beginning.is_ascii(), "{beginning}");
            for before in 0..40 {
                for text in [(*beginning).to_owned(), beginning.to_uppercase(), beginning.to_lowercase()] {
                    let whole = format!("{}{text}", ".".repeat(before));
                    assert_eq!(QUICK.find(whole.as_bytes(), 0), Some(before), "{whole}");
                    assert_eq!(QUICK.find(whole.as_bytes(), before), Some(before), "{whole}");
                    assert_eq!(QUICK.find(whole.as_bytes(), whole.len()), None);
                }
            }
        }
        assert_eq!(QUICK.find("häö. \u{1F600}".repeat(9).as_bytes(), 0), None);
        assert_eq!(QUICK.find(b"", 0), None);
        assert_eq!(QUICK.find(b"sk", 0), None);
        assert_eq!(QUICK.find(b"sk", 3), None);
    }
}
