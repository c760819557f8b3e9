//! Texts up to a limit, in characters and in bytes.

use std::fmt::{self, Arguments};

use super::limits::MAX_STACK;

/// The head of a text.
pub(super) fn head(text: &str, max_length: usize, max_bytes: usize) -> &str {
    if text.len() <= max_length.min(max_bytes) {
        return text;
    }
    // At most three steps back: no character is longer than four bytes.
    let max_bytes = max_bytes.min(text.len());
    let end = (0..=max_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let text = &text[..end];
    if end <= max_length {
        return text;
    }
    // By the characters' iterator, which knows a quick way to its nth.
    let mut rest = text.chars();
    match max_length.checked_sub(1).map(|last| rest.nth(last)) {
        Some(Some(_)) => &text[..text.len() - rest.as_str().len()],
        Some(None) => text,
        None => "",
    }
}

/// How formatting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Formatted {
    Whole,
    Cut,
    Failed,
}

/// Formats into a sink, and stops where the text is long enough or the user's code has gone too deep.
pub(super) fn format(
    arguments: Arguments<'_>,
    max_length: usize,
    max_bytes: usize,
    sink: impl FnMut(&[u8]),
) -> Formatted {
    let mut bounded = Bounded { sink, length: max_length, bytes: max_bytes, stack: stack(), is_cut: false };
    match fmt::write(&mut bounded, arguments) {
        _ if bounded.is_cut => Formatted::Cut,
        Ok(()) => Formatted::Whole,
        Err(fmt::Error) => Formatted::Failed,
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
        // A derived `Debug` hands an error up, so that a cyclic value ends here.
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
