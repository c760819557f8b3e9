//! The keys of runs and spans, from which their ids in the API follow.

use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;

use crate::platform::random;
use crate::types::pfid::Pfid;

/// Tells one agent instance from another within the process, before and after the API has named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct InstanceKey(pub(crate) u64);

/// Tells one span from another: all of its id but the account's partition, which may become known only after the span
/// was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpanKey {
    /// Milliseconds, and below them sixteen random bits.
    high: u64,
    low: NonZeroU64,
}

impl SpanKey {
    /// A new one, of this moment.
    pub(crate) fn generate(unix_millis: u64) -> Self {
        let (high, low) = random::bits();
        Self::of((unix_millis << 16) | (high & 0xffff), low)
    }

    /// Zero, which one in 2^64 would have, is taken as one.
    const fn of(high: u64, low: u64) -> Self {
        let low = match NonZeroU64::new(low) {
            Some(low) => low,
            None => NonZeroU64::MIN,
        };
        Self { high, low }
    }

    /// The key of a span that another process has made.
    pub(crate) fn of_id(id: Pfid) -> Self {
        let [high, low @ ..] = id.randomness().map(u64::from);
        let ([second, low @ ..], shift) = (low, 8_u32);
        let low = low.into_iter().fold(0, |number, byte| (number << shift) | byte);
        Self::of((id.unix_millis() << 16) | (high << shift) | second, low)
    }

    /// The id in an account.
    pub(crate) fn in_partition(self, partition: u32) -> Pfid {
        let random = (u128::from(self.high & 0xffff) << 64) | u128::from(self.low.get());
        Pfid::of_bits(self.high >> 16, partition, random)
    }

    /// The lowest 16 bits of the time, and the random bits above those of [`w3c_bytes`](SpanKey::w3c_bytes).
    #[cfg(feature = "openai")]
    pub(crate) const fn high_bits(self) -> u32 {
        (self.high & 0xffff_ffff) as u32
    }

    /// The last 8 bytes of the id, which are the span's id in W3C trace contexts and OTLP.
    pub(crate) const fn w3c_bytes(self) -> [u8; 8] {
        self.low.get().to_be_bytes()
    }

    /// Its two halves, by which it is written.
    pub(crate) const fn to_parts(self) -> (u64, u64) {
        (self.high, self.low.get())
    }

    pub(crate) const fn from_parts(high: u64, low: u64) -> Self {
        Self::of(high, low)
    }

    #[cfg(test)]
    pub(crate) const fn of_number(number: u32) -> Self {
        Self::of(1_000 << 16, number as u64 + 1)
    }
}

impl Hash for SpanKey {
    /// A part of the random bits, which is as good as all of them.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low.get());
    }
}
