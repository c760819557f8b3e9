//! The fields of a record as bytes: numbers, times, keys, texts and facts.

use crate::operation::SpanKey;
use crate::platform::clock::Timestamp;

/// Stands in the place of a time that a record does not have.
pub(super) const NEVER: u64 = u64::MAX;

pub(super) fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

pub(super) fn put_numbers<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N]) {
    out.extend_from_slice(numbers.map(u64::to_le_bytes).as_flattened());
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(text);
}

pub(super) fn put_key(out: &mut Vec<u8>, key: Option<SpanKey>) {
    put_numbers(out, key_parts(key));
}

/// No key is zero in its second half.
pub(super) fn key_parts(key: Option<SpanKey>) -> [u64; 2] {
    key.map_or([0, 0], |key| key.to_parts().into())
}

/// Writes facts into the bits of a byte, the first into the second bit, and what is behind it. The lowest bit is what that says.
pub(super) fn put_facts_of(out: &mut Vec<u8>, [a, b]: [bool; 2], rest: impl FnOnce(&mut Vec<u8>) -> bool) {
    let at = out.len();
    put_facts(out, [false, a, b]);
    if rest(out) {
        out[at] |= 1;
    }
}

/// Writes facts into the bits of a byte, the first into the lowest.
pub(super) fn put_facts<const N: usize>(out: &mut Vec<u8>, facts: [bool; N]) {
    out.push(facts.into_iter().enumerate().map(|(bit, fact)| u8::from(fact) << bit).sum());
}

/// The unread part of a body.
pub(super) struct Body<'a>(pub(super) &'a [u8]);

impl<'a> Body<'a> {
    pub(super) fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    pub(super) fn time(&mut self) -> Option<Timestamp> {
        self.number().map(Timestamp::of_unix_micros)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// The bits of a byte, the lowest first.
    pub(super) fn facts(&mut self) -> Option<[bool; 8]> {
        let byte = self.byte()?;
        Some(std::array::from_fn(|bit| byte & 1 << bit != 0))
    }

    pub(super) fn key(&mut self) -> Option<SpanKey> {
        self.parent().ok().flatten()
    }

    /// A key that may be absent. An error where nothing more is there.
    pub(super) fn parent(&mut self) -> Result<Option<SpanKey>, ()> {
        let (high, low) = self.number().zip(self.number()).ok_or(())?;
        Ok((low != 0).then(|| SpanKey::from_parts(high, low)))
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    pub(super) fn rest_text(&mut self) -> Option<String> {
        std::str::from_utf8(self.rest()).ok().map(str::to_owned)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
