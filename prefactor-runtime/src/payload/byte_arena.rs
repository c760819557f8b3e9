//! Short-lived byte strings that share allocations.
//!
//! A payload of some hundred bytes takes less time to copy than to allocate and to free. A chunk is freed with the last
//! of its slices.

use bytes::{Bytes, BytesMut};

/// Bytes of a chunk: the payloads of some spans. One slice that stays keeps all of it.
const CHUNK: usize = 16 << 10;

/// The longest slice that shares a chunk.
const MAX_SLICE: usize = CHUNK / 4;

/// Bytes that the scratch buffer keeps for its next use.
const MAX_SCRATCH: usize = 64 << 10;

/// Chunks that are filled one after another.
#[derive(Debug)]
pub(crate) struct ByteArena {
    chunk: BytesMut,
    scratch: Vec<u8>,
    max_slice: usize,
}

impl Default for ByteArena {
    fn default() -> Self {
        Self { chunk: BytesMut::new(), scratch: Vec::new(), max_slice: MAX_SLICE }
    }
}

impl ByteArena {
    /// One whose slices share nothing, for those that somebody may keep.
    pub(crate) fn of_separate() -> Self {
        Self { max_slice: 0, ..Self::default() }
    }

    /// Copies bytes into a chunk.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Bytes {
        self.join(&[], bytes)
    }

    /// Copies bytes into a chunk, behind a head of their own.
    pub(crate) fn join(&mut self, head: &[u8], bytes: &[u8]) -> Bytes {
        let length = head.len() + bytes.len();
        if length > self.max_slice {
            return [head, bytes].concat().into();
        }
        if self.chunk.capacity() < length {
            self.chunk = BytesMut::with_capacity(CHUNK);
        }
        self.chunk.extend_from_slice(head);
        self.chunk.extend_from_slice(bytes);
        self.chunk.split().freeze()
    }

    /// Keeps the bytes of `write`, about this many: a piece that is too long for a chunk is written where it stays.
    pub(crate) fn write(&mut self, about: usize, write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
        let is_shared = self.max_slice > 0;
        if is_shared && about > self.max_slice {
            let mut written = Vec::with_capacity(about + about / 8);
            write(&mut written);
            return written.into();
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        write(&mut scratch);
        let written = self.copy(&scratch);
        scratch.clear();
        scratch.shrink_to(MAX_SCRATCH);
        self.scratch = scratch;
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece_len(number: usize) -> usize {
        number * 37 % (2 * MAX_SLICE)
    }

    #[test]
    fn separate_pieces_are_as_large_as_what_they_hold() {
        let mut arena = ByteArena::of_separate();
        let pieces: Vec<_> = (1..100).map(|len| arena.write(len, |out| out.resize(len, 7))).collect();
        assert!(pieces.iter().zip(1..).all(|(piece, len)| piece.len() == len && piece.is_unique()));
        assert!(arena.chunk.capacity() == 0);
    }

    #[test]
    fn pieces_are_what_was_written_and_stay_so() {
        let about = |number: usize| [0, piece_len(number), MAX_SLICE + 1][number % 3];
        let mut arena = ByteArena::default();
        let piece = |number: usize| vec![u8::try_from(number % 251).unwrap(); piece_len(number)];
        let written: Vec<_> = (0..1_000)
            .map(|number| match number % 3 {
                0 => arena.copy(&piece(number)),
                1 => {
                    let (piece, head) = (piece(number), number % 7);
                    arena.join(&piece[..head.min(piece.len())], &piece[head.min(piece.len())..])
                }
                _ => arena.write(about(number), |out| out.extend(piece(number))),
            })
            .collect();
        for (number, written) in written.iter().enumerate() {
            assert_eq!(*written, piece(number), "{number}");
        }
    }
}
