//! Fields of protobuf messages, appended to a buffer: a span is written once, in the form in which it is sent.
//!
//! Messages of `prost` are built first and measured before they are written, at each level anew. For a span with thirty
//! attributes that takes several times as long as to write it.

/// Room for the length of a message: right for 128 bytes to 16 KiB, which most spans have.
const LENGTH: usize = 2;

/// Encoded fields, one after the other.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Vec<u8>);

impl Fields {
    /// A number of any size, as keys and lengths are written.
    #[inline]
    pub(super) fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// The key of a field that has a length: text, bytes or a message. The number is at most 15.
    #[inline]
    pub(super) fn with_length(&mut self, field: u8, len: usize) {
        let key = field << 3 | 2;
        match len {
            0..=0x7f => self.0.extend_from_slice(&[key, len.to_le_bytes()[0]]),
            0x80..=0x3fff => {
                let [low, high] = two_digits(len);
                self.0.extend_from_slice(&[key, low, high]);
            }
            _ => {
                self.0.push(key);
                self.varint(len as u64);
            }
        }
    }

    #[inline]
    pub(super) fn bytes(&mut self, field: u8, bytes: &[u8]) {
        self.with_length(field, bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// A small number, such as an enumeration's.
    #[inline]
    pub(super) fn number(&mut self, field: u8, number: u8) {
        self.0.extend_from_slice(&[field << 3, number]);
    }

    #[inline]
    pub(super) fn fixed64(&mut self, field: u8, number: u64) {
        self.0.push(field << 3 | 1);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// A message, whose length is written when it is known.
    #[inline]
    pub(super) fn message(&mut self, field: u8, write: impl FnOnce(&mut Self)) {
        self.0.push(field << 3 | 2);
        let begin = self.0.len();
        self.0.extend_from_slice(&[0; LENGTH]);
        write(self);
        let len = self.0.len() - begin - LENGTH;
        if let 0x80..=0x3fff = len {
            self.0[begin..begin + LENGTH].copy_from_slice(&two_digits(len));
        } else {
            let mut digits = Self(Vec::with_capacity(10));
            digits.varint(len as u64);
            self.0.splice(begin..begin + LENGTH, digits.0);
        }
    }
}

/// A number from 128 to 16,383, as a varint.
#[inline]
pub(super) const fn two_digits(number: usize) -> [u8; 2] {
    [(number & 0x7f | 0x80).to_le_bytes()[0], (number >> 7).to_le_bytes()[0]]
}

/// How many bytes [`Fields::varint`] writes.
#[inline]
pub(super) const fn varint_len(number: usize) -> usize {
    ((usize::BITS - (number | 1).leading_zeros()) as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::export::otlp::messages::Event;

    #[test]
    fn messages_of_every_length_are_read_by_prost() {
        for len in [0, 1, 100, 123, 124, 125, 126, 127, 128, 16_379, 16_380, 16_381, 16_384, 3 << 20] {
            let mut fields = Fields::default();
            fields.message(11, |event| {
                event.fixed64(1, 7);
                event.bytes(2, &vec![b'x'; len]);
            });
            let mut bytes = &fields.0[1..];
            let event = Event::decode_length_delimited(&mut bytes).unwrap();
            assert_eq!((event.time_unix_nano, event.name.len(), bytes.len()), (7, len, 0), "{len}");
        }
    }

    #[test]
    fn lengths_of_numbers_are_those_that_are_written() {
        for number in (0..64).flat_map(|bits| [(1_u64 << bits) - 1, 1 << bits, u64::MAX >> bits]) {
            let mut fields = Fields::default();
            fields.varint(number);
            assert_eq!(fields.0.len(), varint_len(usize::try_from(number).unwrap()), "{number}");
            assert_eq!(prost::decode_length_delimiter(&*fields.0).unwrap() as u64, number);
        }
    }
}
