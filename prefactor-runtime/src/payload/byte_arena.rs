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
#[derive(Debug, Default)]
pub(crate) struct ByteArena {
    chunk: BytesMut,
    scratch: Vec<u8>,
}

impl ByteArena {
    /// Copies bytes into a chunk.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > MAX_SLICE {
            return Bytes::copy_from_slice(bytes);
        }
        if self.chunk.capacity() < bytes.len() {
            self.chunk = BytesMut::with_capacity(CHUNK);
        }
        self.chunk.extend_from_slice(bytes);
        self.chunk.split().freeze()
    }

    /// Copies what `write` writes into a chunk.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
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

    #[test]
    fn pieces_are_what_was_written_and_stay_so() {
        let mut arena = ByteArena::default();
        let piece = |number: usize| vec![u8::try_from(number % 251).unwrap(); number * 37 % (2 * MAX_SLICE)];
        let written: Vec<_> = (0..1_000)
            .map(|number| match number % 2 {
                0 => arena.copy(&piece(number)),
                _ => arena.write(|out| out.extend(piece(number))),
            })
            .collect();
        for (number, written) in written.iter().enumerate() {
            assert_eq!(*written, piece(number), "{number}");
        }
    }
}
