//! Remembers the secrecy of names: the same names come with every span, and a comparison is cheaper than the analysis of a name.

use std::cell::Cell;

use crate::payload::Secrecy;

/// Names that a thread keeps. Each has one place, so that a look is one comparison.
const KEPT: usize = 128;
/// Bytes of the longest name that is kept.
const MAX: usize = 24;

/// The secrecy of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Of the values under it.
    pub(super) secrecy: Secrecy,
    /// Whether it is too short to be a secret itself.
    pub(super) is_short: bool,
}

#[derive(Clone, Copy)]
struct Known {
    name: [u8; MAX],
    length: usize,
    found: Found,
}

impl Known {
    const NONE: Self = {
        let found = Found { secrecy: Secrecy::Open, is_short: false };
        Self { name: [0; MAX], length: usize::MAX, found }
    };
}

thread_local! {
    static KNOWN: [Cell<Known>; KEPT] = const { [const { Cell::new(Known::NONE) }; KEPT] };
}

/// The secrecy of a name, from `look_up`, or from memory.
#[inline]
pub(super) fn found(name: &str, look_up: fn(&str) -> Found) -> Found {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX {
        return look_up(name);
    }
    let place = usize::from(bytes[0]) + 7 * usize::from(bytes[bytes.len() / 2]) + 31 * bytes.len();
    let known = KNOWN.try_with(|known| {
        let place = &known[place % KEPT];
        let last = place.get();
        if last.length == bytes.len() && last.name[..bytes.len()] == *bytes {
            return last.found;
        }
        let mut kept = [0; MAX];
        kept[..bytes.len()].copy_from_slice(bytes);
        let found = look_up(name);
        place.set(Known { name: kept, length: bytes.len(), found });
        found
    });
    known.unwrap_or_else(|_| look_up(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_length(name: &str) -> Found {
        let is_short = name.len() % 2 == 0;
        Found { secrecy: if is_short { Secrecy::Secret } else { Secrecy::Doubtful }, is_short }
    }

    #[test]
    fn name_says_its_own_whatever_was_asked_before() {
        for round in 0..3 {
            for number in 0..2_000_u32 {
                for length in [0, 1, 2, 5, MAX - 1, MAX, MAX + 1] {
                    let name = format!("{number:0>length$}");
                    let name = &name[name.len() - length..];
                    assert_eq!(found(name, by_length), by_length(name), "{round}: {name}");
                }
            }
        }
    }

    #[test]
    fn name_is_looked_up_once() {
        thread_local! {
            static ASKED: Cell<u32> = const { Cell::new(0) };
        }
        for _ in 0..5 {
            let known = found("asked once", |name| {
                ASKED.set(ASKED.get() + 1);
                by_length(name)
            });
            assert_eq!(known, by_length("asked once"));
        }
        assert_eq!(ASKED.get(), 1);
    }
}
