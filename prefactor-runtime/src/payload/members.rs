//! The members of a payload, captured one by one.

use serde::Serialize;

use crate::payload::capture::recorder;
use crate::payload::capture::writer::Writer;
use crate::payload::limits::SideLimits;
use crate::payload::tape::{UNKNOWN, tag};
use crate::platform::suppression::suppress;

/// The members of a payload that is being captured.
pub(crate) struct Members<'a> {
    pub(super) writer: &'a mut Writer,
}

impl Members<'_> {
    /// Adds one member.
    pub(crate) fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        self.writer.value(value);
        self.writer.name(key);
    }

    /// Adds one member, a value that was captured before.
    pub(super) fn insert_tape(&mut self, key: &str, value: &[u8]) {
        self.writer.buffer.extend_from_slice(value);
        self.writer.name(key);
    }

    /// Adds one member, a list of values that were captured before.
    pub(super) fn insert_list(&mut self, key: &str, values: &[u8], left_out: Option<u64>) {
        self.writer.tag(tag::LIST);
        self.writer.buffer.extend_from_slice(values);
        if let Some(left_out) = left_out {
            self.writer.number(tag::CUT, left_out.min(UNKNOWN - 1).to_le_bytes());
        }
        self.writer.tag(tag::END);
        self.writer.name(key);
    }
}

/// Captures while spans are suppressed, and lends the tape to `lend`.
pub(super) fn record<R>(
    side: SideLimits,
    write: impl FnOnce(&mut Writer),
    lend: impl FnOnce(&[u8]) -> R,
) -> R {
    let mut write = Some(write);
    let write = |writer: &mut Writer| {
        let _ = suppress(&mut || {
            if let Some(write) = write.take() {
                write(writer);
            }
        });
    };
    recorder::record(side, write, lend)
}
