//! Byte strings: four times as long as a list of numbers, and of no use to a reader, so they are shown as
//! `{"$bytes": length, "fnv1a": hash, "head": base64}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::markers::BYTES;
use super::tape::{Reader, Token};

/// Bytes that are shown.
pub(super) const HEAD: usize = 24;

/// Bytes of the longest that is hashed as a whole. Of a longer one it is the first and the last half of these.
const HASHED: usize = 64 << 10;

/// A list of more bytes than these is a byte string.
const MAX_LIST: usize = 32;

pub(super) struct ByteList {
    pub(super) len: u64,
    /// Those that were captured.
    pub(super) seen: Vec<u8>,
}

impl ByteList {
    /// Whether it is no list of small numbers.
    pub(super) fn is_long(&self) -> bool {
        self.len > MAX_LIST as u64
    }
}

/// The elements of a list, if all of them are bytes.
pub(super) fn of_list(mut list: Reader<'_>) -> Option<ByteList> {
    let mut seen = Vec::new();
    loop {
        match list.next()? {
            Token::Byte(byte) => seen.push(byte),
            Token::Cut(missing) if seen.len() > MAX_LIST => {
                let len = missing?.saturating_add(seen.len() as u64);
                return Some(ByteList { len, seen });
            }
            Token::End => {
                return Some(ByteList { len: seen.len() as u64, seen });
            }
            _ => return None,
        }
    }
}

/// FNV-1a in 64 bits, to tell byte strings apart: no secret is safe behind it.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let (first, last) = if bytes.len() <= HASHED {
        (bytes, &bytes[..0])
    } else {
        (&bytes[..HASHED / 2], &bytes[bytes.len() - HASHED / 2..])
    };
    first.iter().chain(last).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

pub(super) fn json(len: u64, hash: u64, head: &[u8]) -> String {
    let head = STANDARD.encode(head);
    format!(r#"{{"{BYTES}":{len},"fnv1a":"{hash:016x}","head":"{head}"}}"#)
}
