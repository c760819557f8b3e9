//! Texts up to a limit, in characters and in bytes.

use std::borrow::Cow;
use std::fmt::{self, Arguments};

use super::limits::{MAX_COUNTED, MAX_STACK, MIN_SPLIT};
use super::markers::{CUT_MARK, CUT_MARK_END, CUT_SUFFIX};

/// The head of a text.
pub(super) fn head(text: &str, max_length: usize, max_bytes: usize) -> &str {
    if text.len() <= max_length.min(max_bytes) {
        return text;
    }
    let max_bytes = max_bytes.min(text.len());
    let end = (0..=max_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let text = &text[..end];
    if end <= max_length {
        return text;
    }
    let mut rest = text.chars();
    match max_length.checked_sub(1).map(|last| rest.nth(last)) {
        Some(Some(_)) => &text[..text.len() - rest.as_str().len()],
        Some(None) => text,
        None => "",
    }
}

/// The tail of a text.
fn tail(text: &str, max_length: usize, max_bytes: usize) -> &str {
    let start = text.len().saturating_sub(max_bytes);
    let start = (start..=text.len()).find(|start| text.is_char_boundary(*start)).unwrap_or(text.len());
    let text = &text[start..];
    let first = max_length.checked_sub(1).map(|before| text.char_indices().rev().nth(before));
    match first {
        Some(Some((start, _))) => &text[start..],
        Some(None) => text,
        None => "",
    }
}

/// How much of a text was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Omitted {
    Characters(u64),
    /// Of a text that is too long for its characters to be counted.
    Bytes(u64),
    /// Of a text that was not formatted to its end.
    Unknown,
}

/// The kept part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept<'a> {
    Whole(&'a str),
    /// The tail is empty where there is no room for a mark before it.
    Cut {
        head: &'a str,
        tail: &'a str,
        omitted: Omitted,
    },
}

/// Keeps as much of a text as it may have: of a longer one seven tenths from its head and three from its tail, less the
/// mark between them. What a prompt asks stands at its end.
pub(super) fn kept(text: &str, max_length: usize, max_bytes: usize) -> Kept<'_> {
    if text.len() <= max_length.min(max_bytes) {
        return Kept::Whole(text);
    }
    if max_length < MIN_SPLIT {
        let head = head(text, max_length, max_bytes);
        let is_whole = head.len() == text.len();
        let omitted = Omitted::Unknown;
        return if is_whole { Kept::Whole(text) } else { Kept::Cut { head, tail: "", omitted } };
    }
    let is_counted = text.len() <= MAX_COUNTED || text.len() / 4 <= max_length;
    let length = if is_counted { text.chars().count() } else { text.len() };
    if length <= max_length && text.len() <= max_bytes {
        return Kept::Whole(text);
    }
    let omitted_of = if is_counted { Omitted::Characters } else { Omitted::Bytes };
    let mark = mark(omitted_of(length as u64)).len();
    let max_tail = three_tenths(max_length);
    let tail = tail(text, max_tail, three_tenths(max_bytes));
    let head = head(
        &text[..text.len() - tail.len()],
        max_length - max_tail - mark,
        max_bytes - three_tenths(max_bytes),
    );
    let kept = if is_counted { head.chars().count() + tail.chars().count() } else { head.len() + tail.len() };
    Kept::Cut { head, tail, omitted: omitted_of((length - kept) as u64) }
}

fn three_tenths(number: usize) -> usize {
    number / 10 * 3 + number % 10 * 3 / 10
}

impl<'a> Kept<'a> {
    /// The text as it is shown.
    pub(super) fn shown(self) -> Cow<'a, str> {
        match self {
            Self::Whole(text) => Cow::Borrowed(text),
            Self::Cut { head, tail, omitted } => Cow::Owned(with_mark(head, tail, omitted)),
        }
    }
}

/// A text that was cut, as it is shown.
pub(super) fn with_mark(head: &str, tail: &str, omitted: Omitted) -> String {
    if tail.is_empty() { format!("{head}{CUT_SUFFIX}") } else { format!("{head}{}{tail}", mark(omitted)) }
}

fn mark(omitted: Omitted) -> String {
    match omitted {
        Omitted::Characters(count) => format!("{CUT_MARK} {count} characters{CUT_MARK_END}"),
        Omitted::Bytes(count) => format!("{CUT_MARK} {count} bytes{CUT_MARK_END}"),
        Omitted::Unknown => format!("{CUT_MARK}{CUT_MARK_END}"),
    }
}

/// How formatting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Formatted {
    Whole,
    /// The written bytes are a head of this length, then a tail.
    Cut {
        head: usize,
        omitted: Omitted,
    },
    Failed,
}

/// By which trait a value is formatted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Stops at the limit: a large value costs the caller no more than its kept part.
    Debug,
    /// Goes on to four times the limit, so that the tail of a long message is there.
    Display,
}

/// Formats to the end of a buffer, and keeps as much as [`kept`] does. Where formatting was stopped, the head alone is
/// kept: to format a value to its end could take for ever. Stops where the user's code has gone too deep, too.
pub(super) fn format(
    buffer: &mut Vec<u8>,
    form: Form,
    arguments: Arguments<'_>,
    max_length: usize,
    max_bytes: usize,
) -> Formatted {
    let start = buffer.len();
    let is_split = max_length >= MIN_SPLIT;
    let is_read_on = is_split && form == Form::Display;
    let length = if is_read_on { max_length.saturating_mul(4) } else { max_length };
    let sink = |piece: &[u8]| buffer.extend_from_slice(piece);
    let mut bounded = Bounded { sink, length, bytes: max_bytes, stack: stack(), is_cut: false };
    let outcome = fmt::write(&mut bounded, arguments);
    let (is_cut, length) = (bounded.is_cut, length - bounded.length);
    if outcome.is_err() && !is_cut {
        return Formatted::Failed;
    }
    if !is_cut && length <= max_length {
        return Formatted::Whole;
    }
    let Some(text) = buffer.get(start..).and_then(|text| std::str::from_utf8(text).ok()) else {
        return Formatted::Failed;
    };
    if is_cut {
        let max_head = if is_split { max_length - CUT_SUFFIX.len() } else { max_length };
        let head = head(text, max_head, max_bytes).len();
        buffer.truncate(start + head);
        return Formatted::Cut { head, omitted: Omitted::Unknown };
    }
    match kept(text, max_length, max_bytes) {
        Kept::Whole(_) => Formatted::Whole,
        Kept::Cut { head, tail, omitted } => {
            let (head, tail) = (head.len(), tail.len());
            let end = buffer.len();
            buffer.copy_within(end - tail.., start + head);
            buffer.truncate(start + head + tail);
            Formatted::Cut { head, omitted }
        }
    }
}

struct Bounded<S> {
    sink: S,
    /// Characters that are left.
    length: usize,
    /// Bytes that are left.
    bytes: usize,
    /// Where the stack was at the beginning.
    stack: usize,
    is_cut: bool,
}

impl<S: FnMut(&[u8])> fmt::Write for Bounded<S> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        // A derived `Debug` returns the error, which stops the formatting of a cyclic value.
        if self.is_cut || self.stack.abs_diff(stack()) > MAX_STACK {
            self.is_cut = true;
            return Err(fmt::Error);
        }
        let kept = head(piece, self.length, self.bytes);
        (self.sink)(kept.as_bytes());
        self.length -= kept.chars().count();
        self.bytes -= kept.len();
        self.is_cut = kept.len() < piece.len();
        if self.is_cut { Err(fmt::Error) } else { Ok(()) }
    }
}

/// About where the stack is.
#[inline(never)]
fn stack() -> usize {
    let here = 0_u8;
    std::hint::black_box(std::ptr::from_ref(&here)).addr()
}
