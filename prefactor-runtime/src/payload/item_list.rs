//! The items of a stream, captured one by one.

use crate::payload::limits::{MAX_ELEMENTS, MAX_PAYLOAD};
use crate::payload::tape::{Reader, Token, UNKNOWN, tag};
use crate::payload::{Captured, Payload, SideLimits};

/// Captured items in order, bounded as one list is.
#[derive(Debug, Default)]
pub struct ItemList {
    tape: Vec<u8>,
    count: usize,
    /// Items for which there was no room.
    left_out: u64,
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

    /// The member `output`: one text if all items are texts, else a list. Empty without items.
    pub(crate) fn to_payload(&self, side: SideLimits) -> Payload {
        if self.count == 0 {
            return Payload::default();
        }
        match self.joined() {
            Some(text) => Payload::of_members(side, |members| members.insert("output", &text)),
            None => Payload::of_members(side, |members| {
                let left_out = Some(self.left_out).filter(|left_out| *left_out > 0);
                members.insert_list("output", &self.tape, left_out);
            }),
        }
    }

    fn joined(&self) -> Option<String> {
        let (mut text, mut reader) = (String::new(), Reader::new(&self.tape));
        while let Some(token) = reader.next() {
            let Token::Text { text: piece, .. } = token else { return None };
            text.push_str(piece);
        }
        Some(text)
    }
}

impl super::Members<'_> {
    /// Adds one member, a list of values that were captured before.
    fn insert_list(&mut self, key: &str, values: &[u8], left_out: Option<u64>) {
        self.writer.tag(tag::LIST);
        self.writer.buffer.extend_from_slice(values);
        if let Some(left_out) = left_out {
            self.writer.number(tag::CUT, left_out.min(UNKNOWN - 1).to_le_bytes());
        }
        self.writer.tag(tag::END);
        self.writer.name(key);
    }
}
