//! Writes the tape within its budget, against any behaviour of the user's code.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Arguments;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::payload::byte_string::{self, HEAD};
use crate::payload::capture::error::CaptureError;
use crate::payload::limits::{MAX_KEY_LENGTH, MAX_KEYS, MAX_PAYLOAD, RESERVED, SideLimits, nested_limit};
use crate::payload::tape::{self, tag};
use crate::payload::text::{self, Form, Formatted, Kept, Omitted};

/// Bytes for which a thread keeps room.
const MAX_POOLED: usize = 32 << 10;

/// The tape of one thread.
#[derive(Debug)]
pub(crate) struct Writer {
    /// The written bytes that were not taken off.
    pub(crate) buffer: Vec<u8>,
    /// Where the value that is being written must end.
    pub(crate) limit: usize,
    /// Characters of one text.
    pub(crate) max_length: usize,
    /// Characters of a text for which the compiler chose `Debug`.
    max_debug_length: usize,
    /// Numbers that are left for lists of numbers.
    pub(crate) numbers_left: usize,
    /// Objects and lists that are open.
    pub(crate) depth: u8,
    /// `Some` and newtypes that are open.
    pub(crate) wrappers: u8,
    /// Whether the error under way is ours, and a whole value is on the tape: one that was cut.
    pub(crate) is_settled: bool,
}

/// Serializes a value whose type is not told: what does not depend on it is compiled once.
pub(crate) type SerializeInto<'a> = dyn FnMut(&mut Writer) -> Result<(), CaptureError> + 'a;

/// A state to go back to.
#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    position: usize,
    limit: usize,
    depth: u8,
    wrappers: u8,
}

impl Writer {
    pub(crate) const NEW: Self = Self {
        buffer: Vec::new(),
        limit: 0,
        max_length: 0,
        max_debug_length: 0,
        numbers_left: 0,
        depth: 0,
        wrappers: 0,
        is_settled: false,
    };

    /// Makes ready for a payload that begins here.
    pub(crate) fn begin(&mut self, side: SideLimits) {
        self.begin_within(side, MAX_PAYLOAD);
    }

    pub(crate) fn begin_within(&mut self, side: SideLimits, budget: usize) {
        self.limit = self.position() + budget.saturating_sub(RESERVED);
        self.max_length = side.max_length;
        self.max_debug_length = side.max_debug_length.min(side.max_length);
        self.numbers_left = side.max_numbers;
        (self.depth, self.wrappers, self.is_settled) = (0, 0, false);
    }

    pub(crate) fn position(&self) -> usize {
        self.buffer.len()
    }

    pub(crate) fn room(&self) -> usize {
        self.limit.saturating_sub(self.position())
    }

    /// Lends the bytes from a position on, and takes them off.
    pub(crate) fn lend<R>(&mut self, from: usize, lend: impl FnOnce(&[u8]) -> R) -> R {
        let result = lend(self.buffer.get(from..).unwrap_or_default());
        self.buffer.truncate(from);
        if self.buffer.capacity() > 2 * MAX_POOLED {
            self.buffer.shrink_to(MAX_POOLED);
        }
        result
    }

    /// Writes one value, or a placeholder in its stead.
    #[inline]
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.attempt(&mut |writer| value.serialize(writer));
    }

    /// The part that does not depend on the value's type is compiled once, in this crate.
    pub(crate) fn attempt(&mut self, serialize: &mut SerializeInto<'_>) {
        let checkpoint = self.checkpoint();
        match catch_unwind(AssertUnwindSafe(|| serialize(self))) {
            Ok(Ok(())) => self.is_settled = false,
            Ok(Err(CaptureError)) => self.failed(checkpoint),
            Err(panic) => self.panicked(checkpoint, panic),
        }
    }

    /// Writes a text that is formatted into the tape, or a placeholder in its stead.
    pub(crate) fn formatted(&mut self, form: Form, arguments: Arguments<'_>) {
        let checkpoint = self.checkpoint();
        match catch_unwind(AssertUnwindSafe(|| self.text_of(form, arguments))) {
            Ok(Ok(())) => {}
            Ok(Err(CaptureError)) => self.failed(checkpoint),
            Err(panic) => self.panicked(checkpoint, panic),
        }
    }

    /// As [`Writer::formatted`], for a value that is shown by its `Debug` because it has nothing better.
    pub(crate) fn formatted_briefly(&mut self, arguments: Arguments<'_>) {
        let max_length = std::mem::replace(&mut self.max_length, self.max_debug_length);
        self.formatted(Form::Debug, arguments);
        self.max_length = max_length;
    }

    /// Writes a text that is formatted into the tape.
    pub(crate) fn text_of(&mut self, form: Form, arguments: Arguments<'_>) -> Result<(), CaptureError> {
        let start = self.position();
        self.header(tag::TEXT, 0);
        let room = nested_limit(start, self.limit).saturating_sub(self.position());
        let formatted = text::format(&mut self.buffer, form, arguments, self.max_length, room);
        let len = self.position() - start - 5;
        let is_cut = matches!(formatted, Formatted::Cut { .. });
        if let Some(header) = self.buffer.get_mut(start..start + 5) {
            header.copy_from_slice(&header_of(if is_cut { tag::CUT_TEXT } else { tag::TEXT }, len));
        }
        match formatted {
            Formatted::Whole => Ok(()),
            Formatted::Cut { head, omitted } => {
                self.omitted(head, omitted);
                Ok(())
            }
            Formatted::Failed => Err(CaptureError),
        }
    }

    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
        self.text_up_to(text, self.max_length);
    }

    /// Writes a key, or the name of a variant.
    #[inline]
    pub(crate) fn key(&mut self, key: &str) {
        self.text_up_to(key, MAX_KEY_LENGTH);
    }

    /// Writes a key of any type.
    pub(crate) fn key_of<T: Serialize + ?Sized>(&mut self, key: &T) {
        let max_length = std::mem::replace(&mut self.max_length, MAX_KEY_LENGTH);
        self.value(key);
        self.max_length = max_length;
    }

    fn text_up_to(&mut self, text: &str, max_length: usize) {
        let room = nested_limit(self.position(), self.limit).saturating_sub(self.position());
        if text.len() <= max_length.min(room) {
            self.string(tag::TEXT, text);
        } else {
            self.long_text(text, max_length, room);
        }
    }

    #[cold]
    fn long_text(&mut self, text: &str, max_length: usize, room: usize) {
        match text::kept(text, max_length, room) {
            Kept::Whole(text) => self.string(tag::TEXT, text),
            Kept::Cut { head, tail, omitted } => {
                self.header(tag::CUT_TEXT, head.len() + tail.len());
                self.buffer.extend_from_slice(head.as_bytes());
                self.buffer.extend_from_slice(tail.as_bytes());
                self.omitted(head.len(), omitted);
            }
        }
    }

    /// Says of the text before, which was cut, where its tail begins and what is missing there.
    fn omitted(&mut self, head: usize, omitted: Omitted) {
        self.buffer.extend_from_slice(&u32::try_from(head).unwrap_or(u32::MAX).to_le_bytes());
        self.buffer.extend_from_slice(&tape::omitted(omitted).to_le_bytes());
    }

    /// Says that the value before has a name.
    pub(crate) fn name(&mut self, name: &str) {
        let is_short = name.len() <= MAX_KEY_LENGTH;
        self.string(tag::NAME, if is_short { name } else { text::head(name, MAX_KEY_LENGTH, usize::MAX) });
    }

    #[inline]
    fn string(&mut self, tag: u8, text: &str) {
        self.buffer.reserve(5 + text.len());
        self.header(tag, text.len());
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// An object of values that are on a tape already.
    pub(crate) fn object<'t>(&mut self, members: impl Iterator<Item = (Cow<'t, str>, &'t [u8])>) {
        self.tag(tag::OBJECT);
        for (key, value) in members.take(MAX_KEYS) {
            self.key(&key);
            if value.len() <= self.room() {
                self.buffer.extend_from_slice(value);
            } else {
                self.tag(tag::CUT_TEXT);
                self.buffer.extend_from_slice(&[0; 4]);
                self.omitted(0, Omitted::Unknown);
            }
        }
        self.tag(tag::END);
    }

    /// A byte string: its length, its hash and its head.
    pub(crate) fn byte_string(&mut self, bytes: &[u8]) {
        self.number(tag::BYTES, (bytes.len() as u64).to_le_bytes());
        self.buffer.extend_from_slice(&byte_string::hash(bytes).to_le_bytes());
        let head = &bytes[..bytes.len().min(HEAD)];
        let [_, len @ ..] = header_of(0, head.len());
        self.buffer.extend_from_slice(&len);
        self.buffer.extend_from_slice(head);
    }

    #[inline]
    pub(crate) fn number<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.buffer.reserve(1 + N);
        self.buffer.push(tag);
        self.buffer.extend_from_slice(&bytes);
    }

    pub(crate) fn tag(&mut self, tag: u8) {
        self.buffer.push(tag);
    }

    #[inline]
    fn header(&mut self, tag: u8, len: usize) {
        self.buffer.extend_from_slice(&header_of(tag, len));
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            position: self.position(),
            limit: self.limit,
            depth: self.depth,
            wrappers: self.wrappers,
        }
    }

    #[cold]
    fn failed(&mut self, checkpoint: Checkpoint) {
        if !std::mem::take(&mut self.is_settled) {
            self.buffer.truncate(checkpoint.position);
            self.tag(tag::FAILED);
        }
        (self.limit, self.depth, self.wrappers) = (checkpoint.limit, checkpoint.depth, checkpoint.wrappers);
    }

    #[cold]
    fn panicked(&mut self, checkpoint: Checkpoint, panic: Box<dyn Any + Send>) {
        self.is_settled = false;
        self.buffer.truncate(checkpoint.position);
        self.tag(tag::PANICKED);
        (self.limit, self.depth, self.wrappers) = (checkpoint.limit, checkpoint.depth, checkpoint.wrappers);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(panic)));
    }
}

#[inline]
fn header_of(tag: u8, len: usize) -> [u8; 5] {
    let [a, b, c, d] = u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    [tag, a, b, c, d]
}
