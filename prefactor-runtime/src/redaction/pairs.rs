//! Secrets told by a name that stands before them in a text: in query strings and headers, in the `Debug` text of a
//! struct, in JSON inside of a text, in settings.

use std::ops::Range;

use super::names;
use super::scan::{Scan, is_blank, is_word};

/// Bytes of a name before and after the part of it that was found.
const MAX_NAME: usize = 64;

/// Bytes of a name's end that may stay in sight: less than any key has.
const MAX_SHOWN: usize = 12;

/// Backslashes before a quote: text in text in text.
const MAX_ESCAPES: usize = 16;

/// Bytes inside of brackets that are looked at.
const MAX_NESTED: usize = 4 << 10;

/// Words that stand between the name and the secret.
const SCHEMES: [&str; 3] = ["bearer", "basic", "digest"];

/// What a name is made of.
pub(super) fn is_in_name(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

/// The value to be hidden, given part of the name before it, and where that name ends.
pub(super) fn value(scan: Scan<'_>, found: Range<usize>, name_end: usize) -> Option<Range<usize>> {
    let name_end = name_end.min(found.end + MAX_NAME);
    let quote = scan.run(name_end, MAX_ESCAPES, |byte| b"\"'\\]".contains(&byte));
    let separator = scan.run(quote, 3, is_blank);
    let is_equals = match scan.byte(separator)? {
        b'=' => true,
        b':' => false,
        _ => return None,
    };
    // `a::b`, `a://b`, `a == b`, `a => b`, `a =~ b`
    let next = scan.byte(separator + 1)?;
    if is_equals && b"=>~".contains(&next) || !is_equals && b":/".contains(&next) {
        return None;
    }
    let name = scan.text.get(scan.run_back(found.start, MAX_NAME, is_in_name)..name_end)?;
    let kind = Kind::of(scan, name, found.start, is_equals)?;
    let start = scan.run(separator + 1, 3, is_blank);
    let is_apart = separator > name_end || start > separator + 1;
    // `name=value`, or JSON
    let is_sure = is_equals && !is_apart || quote > name_end && !is_equals;
    let mut hidden = quoted(scan, start)
        .or_else(|| nested(scan, start, is_equals && is_apart))
        .or_else(|| bare(scan, start, kind, is_sure, name.contains('.')))?;
    if name_end - found.end > MAX_SHOWN {
        // What looks like the end of a name may be a key.
        hidden.start = found.end;
    }
    Some(hidden)
}

/// How sure a name makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A header whose value goes on to the end of the line.
    Header,
    Password,
    /// Such a name is found in prose as well.
    Other,
    /// A parameter of an address.
    Parameter,
}

impl Kind {
    fn of(scan: Scan<'_>, name: &str, found: usize, is_equals: bool) -> Option<Self> {
        if names::is_secret(name) {
            let lower = name.to_ascii_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
            return Some(if has(&["authorization", "cookie"]) {
                Self::Header
            } else if has(&["passw", "pwd", "passphrase", "secret"]) {
                Self::Password
            } else {
                Self::Other
            });
        }
        let start = scan.run_back(found, MAX_NAME, is_word);
        let is_parameter = is_equals && start > 0 && matches!(scan.byte(start - 1), Some(b'?' | b'&'));
        let last = name.rsplit(['-', '_']).next().unwrap_or_default();
        let is_key = ["key", "sig", "signature"].iter().any(|word| last.eq_ignore_ascii_case(word));
        (is_parameter && is_key).then_some(Self::Parameter)
    }
}

/// What is inside of quotes, however often they are escaped. To the end of the text where they are not closed.
fn quoted(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
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
        // What is escaped more often is a quote inside.
        let is_close = if level == 0 { count % 2 == 0 } else { count <= level };
        if is_quote && is_close {
            break escapes;
        }
        end += 1;
    };
    (end > open + 1).then_some(open + 1..end)
}

/// What is inside of brackets, with the name of a type before them: `Some("…")`, `Login { … }`, `["…"]`.
fn nested(scan: Scan<'_>, start: usize, is_code: bool) -> Option<Range<usize>> {
    let name = scan.run(start, MAX_NAME, |byte| is_word(byte) || byte == b':' || byte == b'&');
    let open = scan.run(name, 1, is_blank);
    let is_open = match scan.byte(open)? {
        b'{' => true,
        b'[' | b'(' => open == name,
        _ => false,
    };
    if !is_open || is_code && name > start {
        return None;
    }
    let mut depth = 0_usize;
    let mut end = open;
    while end < scan.text.len().min(open + MAX_NESTED) {
        match scan.byte(end) {
            Some(b'{' | b'[' | b'(') => depth += 1,
            Some(b'}' | b']' | b')') => depth -= 1,
            _ => {}
        }
        end += 1;
        if depth == 0 {
            break;
        }
        end = scan.run(end, MAX_NESTED, |byte| !b"{[(}])".contains(&byte));
    }
    while !scan.text.is_char_boundary(end) {
        end += 1;
    }
    Some(start..end)
}

/// What has no quotes around it: surely a value after `=`, or under the name of a password; else by its looks.
fn bare(scan: Scan<'_>, start: usize, kind: Kind, is_sure: bool, is_file: bool) -> Option<Range<usize>> {
    if kind == Kind::Header && !is_sure {
        let end = end_of_line(scan, start);
        return (end > start).then_some(start..end);
    }
    let is_in = |byte: u8| !byte.is_ascii_whitespace() && !b",;&\"'<>)}]\\".contains(&byte);
    // As much as tells: what is long and no secret would be gone through again and again.
    let end = scan.run(start, MAX_NAME, is_in);
    let value = scan.text.as_bytes().get(start..end).filter(|value| !value.is_empty())?;
    if SCHEMES.iter().any(|scheme| value.eq_ignore_ascii_case(scheme.as_bytes())) {
        let next = scan.run(end, 3, is_blank);
        return Some(start..scan.run(next, usize::MAX, is_in));
    }
    let has_digit = value.iter().any(u8::is_ascii_digit);
    let is_secret = match kind {
        Kind::Header | Kind::Password => true,
        Kind::Parameter => value.len() >= 16,
        Kind::Other if is_sure => true,
        Kind::Other => {
            let is_like_one = value.len() >= 6 && has_digit || value.len() >= 20 || scan.is_cut_at(end);
            // A line in a file, as in `token.rs:12:34`.
            let is_place = is_file && value.iter().all(|byte| b"0123456789:".contains(byte));
            let is_code = value.iter().any(|byte| b"([".contains(byte));
            is_like_one && !is_place && !is_code
        }
    };
    is_secret.then(|| start..scan.run(end, usize::MAX, is_in))
}

/// Of lines that are escaped too.
fn end_of_line(scan: Scan<'_>, start: usize) -> usize {
    let mut end = start;
    loop {
        end = scan.run(end, usize::MAX, |byte| !b"\r\n\\".contains(&byte));
        if scan.byte(end) != Some(b'\\') || matches!(scan.byte(end + 1), Some(b'r' | b'n')) {
            return end;
        }
        end += 1;
    }
}
