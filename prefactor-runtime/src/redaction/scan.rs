//! Going through a text: how far a run of characters goes, and where the text was cut.

use crate::payload::markers::{CUT_MARK, CUT_MARK_END};

/// A text that secrets are looked for in.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) text: &'a str,
    /// Whether there was more of it.
    pub(super) is_cut: bool,
}

impl Scan<'_> {
    pub(super) fn byte(self, position: usize) -> Option<u8> {
        self.text.as_bytes().get(position).copied()
    }

    /// Where the run of such bytes ends that begins there, if it is no longer than `max`.
    pub(super) fn run(self, from: usize, max: usize, is_in: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let len = rest.iter().take(max).position(|byte| !is_in(*byte)).unwrap_or(rest.len().min(max));
        steps::add(len);
        from + len
    }

    /// Where the run of such bytes begins that ends there, if it is no longer than `max`.
    pub(super) fn run_back(self, to: usize, max: usize, is_in: impl Fn(u8) -> bool) -> usize {
        let head = self.text.as_bytes().get(..to).unwrap_or_default();
        let len = head.iter().rev().take(max).position(|byte| !is_in(*byte)).unwrap_or(head.len().min(max));
        steps::add(len);
        to - len
    }

    /// Where the next such text begins.
    pub(super) fn find(self, from: usize, what: &str) -> Option<usize> {
        let found = self.text.get(from..).and_then(|rest| rest.find(what));
        steps::add(found.map_or(self.text.len().saturating_sub(from), |len| len + what.len()));
        found.map(|len| from + len)
    }

    /// Whether the text goes on beyond that position, but was cut there: who knows how.
    pub(super) fn is_cut_at(self, position: usize) -> bool {
        let rest = self.text.get(position..).unwrap_or_default();
        // A run of characters that may be dots has taken the three dots of the mark.
        rest.starts_with(CUT_MARK) || rest.starts_with(&CUT_MARK[3..]) || self.is_cut && rest.is_empty()
    }

    /// Where the text goes on after the mark that begins there.
    pub(super) fn tail_after(self, mark: usize) -> Option<usize> {
        let start = self.run(mark + CUT_MARK.len(), MAX_MARK, |byte| byte != b']');
        let rest = self.text.get(start..)?.strip_prefix(CUT_MARK_END)?;
        Some(self.text.len() - rest.len())
    }

    /// How many bytes the end of a line has that is there: two where it is escaped.
    pub(super) fn line_end(self, position: usize) -> usize {
        match (self.byte(position), self.byte(position + 1)) {
            (Some(b'\r'), Some(b'\n')) | (Some(b'\\'), Some(b'n' | b'r')) => 2,
            (Some(b'\n' | b'\r'), _) => 1,
            _ => 0,
        }
    }
}

/// Bytes of the number within a mark.
const MAX_MARK: usize = 40;

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How many bytes were looked at, for the tests: time that is linear in a text is a matter of counting.
pub(super) mod steps {
    #[cfg(test)]
    thread_local! {
        static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[cfg(test)]
    pub(crate) fn take() -> usize {
        STEPS.take()
    }

    #[cfg_attr(not(test), expect(unused_variables, reason = "counted in tests only"))]
    pub(super) fn add(bytes: usize) {
        #[cfg(test)]
        STEPS.set(STEPS.get() + bytes + 1);
    }
}
