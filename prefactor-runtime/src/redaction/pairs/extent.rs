//! How far a value reaches: to its closing quote or bracket, or to the end of its line.

use std::ops::Range;

use crate::redaction::scan::Scan;

/// Backslashes before a quote: text in text in text.
pub(super) const MAX_ESCAPES: usize = 16;

/// Bytes inside of brackets that are looked at.
pub(super) const MAX_NESTED: usize = 4 << 10;

pub(super) fn is_quote(byte: u8) -> bool {
    b"\"'`".contains(&byte)
}

/// The next place at or before that one where a character begins.
pub(crate) fn floor(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// The text inside of quotes, with any number of escapes. To the end of the text where they are not closed.
pub(crate) fn quoted(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
    let is_escape = |byte: u8| byte == b'\\';
    let open = scan.run(start, MAX_ESCAPES, is_escape);
    let (level, quote) = (open - start, scan.byte(open).filter(|byte| b"\"'`".contains(byte))?);
    let mut end = open + 1;
    let end = loop {
        let escapes = scan.run(end, usize::MAX, |byte| byte != quote && !is_escape(byte));
        end = scan.run(escapes, usize::MAX, is_escape);
        let is_quote = match scan.byte(end) {
            Some(byte) => byte == quote,
            None => break end,
        };
        let count = end - escapes;
        // A quote with more escapes is inside the value.
        let is_close = if level == 0 { count % 2 == 0 } else { count <= level };
        if is_quote && is_close {
            break escapes;
        }
        end += 1;
    };
    (end > open + 1).then_some(open + 1..end)
}

/// The end of the brackets that open there, or of the part of them that is read.
pub(super) fn nested(scan: Scan<'_>, open: usize, max: usize) -> usize {
    let mut depth = 0_usize;
    let mut end = open;
    while end < scan.text.len().min(open + max) {
        match scan.byte(end) {
            Some(b'{' | b'[' | b'(') => depth += 1,
            Some(b'}' | b']' | b')') => depth -= 1,
            _ => {}
        }
        end += 1;
        if depth == 0 {
            break;
        }
        end = scan.run(end, max, |byte| !b"{[(}])".contains(&byte));
    }
    while !scan.text.is_char_boundary(end) {
        end += 1;
    }
    end
}

/// Of lines that are escaped too.
pub(super) fn end_of_line(scan: Scan<'_>, start: usize) -> usize {
    let mut end = start;
    loop {
        end = scan.run(end, usize::MAX, |byte| !b"\r\n\\".contains(&byte));
        if scan.byte(end) != Some(b'\\') || matches!(scan.byte(end + 1), Some(b'r' | b'n')) {
            return end;
        }
        end += 1;
    }
}
