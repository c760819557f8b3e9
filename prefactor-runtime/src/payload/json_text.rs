//! A payload as JSON text, with the places of its members, which the renderer knew when it wrote them.

use bytes::{Buf as _, Bytes};

/// Bytes of a member's place.
pub(crate) const PLACE: usize = 3 * size_of::<u32>();

/// Members whose places are noted. Of an object with more of them none is: a reader looks for them in the text.
const MAX_NOTED: usize = 64;

/// A JSON object as text. Shared with the requests to the platform, which say the same.
#[derive(Clone, Debug)]
pub(crate) struct JsonText {
    /// The text, then the places.
    bytes: Bytes,
    len: usize,
}

impl Default for JsonText {
    fn default() -> Self {
        Self::new(Bytes::from_static(b"{}"))
    }
}

impl JsonText {
    /// A text of whose members no place is known.
    pub(crate) fn new(json: Bytes) -> Self {
        Self { len: json.len(), bytes: json }
    }

    /// A text behind a head of its own, with the places of its members behind it.
    pub(super) fn with_places(mut bytes: Bytes, head: usize, places: usize) -> Self {
        bytes.advance(head);
        Self { len: bytes.len().saturating_sub(places), bytes }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default()).unwrap_or("{}")
    }

    /// The bytes of the text, which are UTF-8.
    #[cfg(feature = "otlp")]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The members' places, [`PLACE`] bytes each: where a name begins, where its value begins, and where that ends, as numbers
    /// of four bytes with the least first. Between a name and its value are a quote and a colon. Empty where they are not known.
    #[cfg(feature = "otlp")]
    pub(crate) fn places(&self) -> &[u8] {
        self.bytes.get(self.len..).unwrap_or_default()
    }

    /// The bytes that it occupies.
    pub(crate) fn weight(&self) -> usize {
        self.bytes.len()
    }
}

/// The places of a payload's members, while it is rendered. Memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct MemberPlaces {
    /// Where the text begins.
    begin: usize,
    noted: Vec<u8>,
    /// Whether there is a member that cannot be noted.
    is_given_up: bool,
}

impl MemberPlaces {
    /// Forgets all, before a text that begins there.
    pub(super) fn restart(&mut self, begin: usize) {
        (self.begin, self.is_given_up) = (begin, false);
        self.noted.clear();
    }

    /// Notes a member whose name is not escaped.
    #[inline]
    pub(super) fn note(&mut self, name: usize, value: usize, end: usize) {
        if self.noted.len() == MAX_NOTED * PLACE {
            return self.give_up();
        }
        let [name, value, end] =
            [name, value, end].map(|at| u32::try_from(at - self.begin).unwrap_or(u32::MAX).to_le_bytes());
        let mut place = [0; PLACE];
        place[..4].copy_from_slice(&name);
        place[4..8].copy_from_slice(&value);
        place[8..].copy_from_slice(&end);
        self.noted.extend_from_slice(&place);
    }

    pub(super) fn give_up(&mut self) {
        self.is_given_up = true;
    }

    /// All of them, unless one is missing.
    pub(super) fn noted(&self) -> &[u8] {
        if self.is_given_up { &[] } else { &self.noted }
    }
}
