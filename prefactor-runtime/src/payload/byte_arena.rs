//! Memory for what is soon gone: many pieces share an allocation, which goes with the last of them.
//!
//! For a span of some hundred bytes, asking for memory and giving it back costs more than to write it.

use bytes::{Bytes, BytesMut};

/// Room for the payloads of some spans. A piece that stays keeps so much.
const PAGE: usize = 16 << 10;

/// The longest piece that shares a page.
const MAX_PIECE: usize = PAGE / 4;

/// Bytes that a draft may keep for the next.
const MAX_DRAFT: usize = 64 << 10;

/// Pages that are filled one after another.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    page: BytesMut,
    draft: Vec<u8>,
}

impl Pages {
    /// A copy on a page.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > MAX_PIECE {
            return Bytes::copy_from_slice(bytes);
        }
        if self.page.capacity() < bytes.len() {
            self.page = BytesMut::with_capacity(PAGE);
        }
        self.page.extend_from_slice(bytes);
        self.page.split().freeze()
    }

    /// What is written now, on a page.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
        let mut draft = std::mem::take(&mut self.draft);
        write(&mut draft);
        let written = self.copy(&draft);
        draft.clear();
        draft.shrink_to(MAX_DRAFT);
        self.draft = draft;
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_what_was_written_and_stay_so() {
        let mut pages = Pages::default();
        let piece = |number: usize| vec![u8::try_from(number % 251).unwrap(); number * 37 % (2 * MAX_PIECE)];
        let written: Vec<_> = (0..1_000)
            .map(|number| match number % 2 {
                0 => pages.copy(&piece(number)),
                _ => pages.write(|out| out.extend(piece(number))),
            })
            .collect();
        for (number, written) in written.iter().enumerate() {
            assert_eq!(*written, piece(number), "{number}");
        }
    }
}
