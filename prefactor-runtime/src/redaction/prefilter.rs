//! Where in a text a secret may begin, by the first three bytes of all beginnings at once.
//!
//! An automaton needs the state that the byte before has left, and so goes on at the pace of memory. Here the bytes are
//! looked up on their own: each has a set of groups for each of the three places, and a beginning may be where a group is
//! in all three sets. What is found is to be looked at more closely.

/// Groups: one for each bit.
const GROUPS: usize = 32;

/// Bytes looked at before it is asked whether there was anything.
const BLOCK: usize = 16;

pub(super) struct Quick {
    /// For each place, the groups that have a byte there.
    sets: [[u32; 256]; 3],
}

impl Quick {
    /// Looks for ASCII beginnings of three bytes or more, whatever case they are written in.
    pub(super) const fn new<const N: usize>(beginnings: [&str; N]) -> Self {
        let mut sets = [[0; 256]; 3];
        let mut number = 0;
        while number < N {
            let bytes = beginnings[number].as_bytes();
            // Those with the same first byte in one group: the fewer combinations, the fewer that are none.
            let group = 1 << (bytes[0].to_ascii_lowercase() as usize % GROUPS);
            let mut place = 0;
            while place < 3 {
                sets[place][bytes[place].to_ascii_lowercase() as usize] |= group;
                sets[place][bytes[place].to_ascii_uppercase() as usize] |= group;
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
            if block.windows(3).fold(0, |any, three| any | self.groups(three)) != 0 {
                break;
            }
            rest = &rest[BLOCK..];
        }
        let found = rest.windows(3).position(|three| self.groups(three) != 0)?;
        Some(text.len() - rest.len() + found)
    }

    /// The groups that three bytes in a row are in.
    #[inline]
    fn groups(&self, three: &[u8]) -> u32 {
        let set = |place: usize| self.sets[place][usize::from(three[place])];
        set(0) & set(1) & set(2)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes::{self, BEGINNINGS};
    use super::*;

    static QUICK: Quick = Quick::new(shapes::texts());

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
