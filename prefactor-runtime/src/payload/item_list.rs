//! The items of a stream, captured one by one.

use crate::payload::capture::value::Captured;
use crate::payload::limits::{MAX_ELEMENTS, MAX_PAYLOAD};
use crate::payload::tape::{Reader, Token};

/// Captured items in order, bounded as one list is.
#[derive(Debug, Default)]
pub struct ItemList {
    pub(super) tape: Vec<u8>,
    pub(super) count: usize,
    /// Items for which there was no room.
    pub(super) left_out: u64,
}

impl ItemList {
    /// Adds an item, unless the list is full.
    pub(crate) fn push(&mut self, item: Captured) {
        item.with_value(|value| {
            if self.count < MAX_ELEMENTS && self.tape.len() + value.len() <= MAX_PAYLOAD / 2 {
                self.tape.extend_from_slice(value);
                self.count += 1;
            } else {
                self.left_out += 1;
            }
        });
    }

    /// Adds a value that was captured, unless there are so many items, or so many bytes of them.
    pub(crate) fn push_tape(&mut self, value: &[u8], max_items: usize, max_bytes: usize) {
        if value.is_empty() {
            return;
        }
        if self.count < max_items && self.tape.len() + value.len() <= max_bytes {
            self.tape.extend_from_slice(value);
            self.count += 1;
        } else {
            self.left_out += 1;
        }
    }

    /// The one text that the items are, if all of them are texts.
    pub(super) fn joined(&self) -> Option<String> {
        let (mut text, mut reader) = (String::new(), Reader::new(&self.tape));
        while let Some(token) = reader.next() {
            let (Token::Text(piece) | Token::CutText { head: piece, .. }) = token else { return None };
            text.push_str(piece);
        }
        Some(text)
    }
}
