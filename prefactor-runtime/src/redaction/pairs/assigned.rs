//! Values after `=` or `:`.

use std::ops::Range;

use super::extent::{MAX_ESCAPES, MAX_NESTED, end_of_line, floor, is_quote, nested, quoted};
use super::{MAX_NAME, MAX_SIBLING, Named, is_number};
use crate::payload::Secrecy;
use crate::redaction::looks;
use crate::redaction::scan::{is_blank, is_word};

/// Bytes of a list or of a header that decide about it.
const MAX_LIST: usize = 64;

impl Named<'_> {
    /// `password:hunter2`, and texts of the same form: a scope, an address.
    pub(super) fn tight(&self, start: usize) -> Option<Range<usize>> {
        let content = self.assigned(start, false, false)?;
        let is_enclosed = content.start > start || matches!(self.scan.byte(start), Some(b'{' | b'[' | b'('));
        let text = self.scan.text.get(content.clone())?;
        (is_enclosed || looks::is_like_one(text, self.scan.is_cut_at(content.end))).then_some(content)
    }

    /// The quoted text there.
    pub(super) fn quoted(&self, start: usize) -> Option<Range<usize>> {
        let content = quoted(self.scan, start)?;
        let text = self.scan.text.get(content.clone())?;
        self.is_secret(text, content.end).then_some(content)
    }

    /// After `=` or `:`.
    pub(super) fn assigned(&self, start: usize, is_sure: bool, is_equals: bool) -> Option<Range<usize>> {
        let scan = self.scan;
        let open = scan.run(start, MAX_ESCAPES, |byte| byte == b'\\' && scan.line_end(start) == 0);
        if scan.byte(open).is_some_and(is_quote) {
            return self.quoted(start);
        }
        if !is_equals && matches!(scan.byte(start), Some(b'|' | b'>')) {
            return self.block(start);
        }
        let name = scan.run(start, MAX_NAME, |byte| is_word(byte) || byte == b':' || byte == b'&');
        let open = scan.run(name, 1, is_blank);
        let is_code = is_equals && !is_sure && name > start;
        match scan.byte(open) {
            Some(b'{') if !is_code => self.object(start, open),
            Some(b'[' | b'(') if !is_code && open == name => self.list(start, open),
            _ => self.bare(start, is_sure, is_equals),
        }
    }

    /// `Login { … }`, `{"user": …}`: the names inside of it are found on their own.
    fn object(&self, start: usize, open: usize) -> Option<Range<usize>> {
        let is_whole = matches!(self.secrecy, Secrecy::Secret | Secrecy::DoubtfulAll);
        let inside = self.scan.text.get(open + 1..)?;
        (is_whole && !is_schema(inside)).then_some(())?;
        let end = nested(self.scan, open, MAX_NESTED);
        self.scan.text.get(open..end)?.contains(char::is_alphanumeric).then_some(start..end)
    }

    /// `Some("…")`, `["…"]`
    fn list(&self, start: usize, open: usize) -> Option<Range<usize>> {
        if self.secrecy == Secrecy::Secret {
            let end = nested(self.scan, open, MAX_NESTED);
            return self.scan.text.get(open..end)?.contains(char::is_alphanumeric).then_some(start..end);
        }
        let end = nested(self.scan, open, MAX_LIST);
        let mut texts = self.scan.text.get(open + 1..end)?.split(['"', '\'', ',', '\\', ')', ']']);
        texts.any(|text| self.is_secret(text, end)).then_some(())?;
        Some(start..nested(self.scan, open, MAX_NESTED))
    }

    /// The unquoted text.
    fn bare(&self, start: usize, is_sure: bool, is_equals: bool) -> Option<Range<usize>> {
        let scan = self.scan;
        if matches!(self.secrecy, Secrecy::Doubtful | Secrecy::DoubtfulAll) && !is_equals {
            if let Some(line) = self.header(start) {
                return Some(line);
            }
        }
        if self.secrecy == Secrecy::Digits {
            let end = scan.run(start, MAX_NAME, |byte| byte.is_ascii_digit() || byte == b' ' || byte == b'-');
            let number = scan.text.get(start..end)?.trim_end_matches([' ', '-']);
            if looks::is_secret(self.secrecy, number, scan.is_cut_at(end)) {
                return Some(start..start + number.len());
            }
        }
        let is_in = |byte: u8| !byte.is_ascii_whitespace() && !b",;&\"'<>)}]\\".contains(&byte);
        // Reads only the beginning: the text may contain a long harmless value many times, after many names.
        let end = scan.run(start, MAX_NAME, is_in);
        let value = scan.text.get(start..floor(scan.text, end)).filter(|value| !value.is_empty())?;
        let whole = || start..scan.run(end, usize::MAX, is_in);
        let is_cut = scan.is_cut_at(end);
        let next = scan.run(end, 3, is_blank);
        if next > end && looks::is_scheme(value) {
            let credentials = scan.run(next, MAX_NAME, is_in);
            let text = scan.text.get(start..floor(scan.text, credentials))?;
            let is_one = looks::is_like_one(text, scan.is_cut_at(credentials));
            return is_one.then(|| start..scan.run(credentials, usize::MAX, is_in));
        }
        if self.is_parameter {
            return (value.len() >= 16 || is_cut).then(whole);
        }
        let is_plain = looks::is_placeholder(value) || self.is_reference(value, end);
        let is_secret = match self.secrecy {
            _ if self.is_piece_of_text() => false,
            Secrecy::Secret | Secrecy::NotAPath if is_plain || is_number(value) && !is_equals => false,
            Secrecy::Secret | Secrecy::NotAPath => {
                let is_path =
                    self.secrecy == Secrecy::NotAPath && !looks::is_secret(self.secrecy, value, false);
                let goes_on = next > end && scan.byte(next).is_some_and(|byte| byte.is_ascii_alphanumeric());
                !is_path && (is_sure || !goes_on || looks::is_word_like_one(value))
            }
            Secrecy::Doubtful | Secrecy::DoubtfulAll | Secrecy::DoubtfulId
                if is_equals && is_sure && !is_plain =>
            {
                let is_parameter =
                    self.start > 0 && matches!(scan.byte(self.start - 1), Some(b'?' | b'&' | b'#'));
                !is_number(value) && (is_parameter || value.len() >= 4)
            }
            _ => !is_plain && looks::is_secret(self.secrecy, value, false),
        };
        (is_secret || is_cut && !is_plain).then(whole)
    }

    /// A header goes on to the end of the line.
    fn header(&self, start: usize) -> Option<Range<usize>> {
        let lower = self.name.to_ascii_lowercase();
        ["authorization", "cookie"].iter().any(|word| lower.contains(word)).then_some(())?;
        let head = self.scan.run(start, MAX_LIST, |byte| !b"\r\n\\".contains(&byte));
        let line = self.scan.text.get(start..floor(self.scan.text, head)).filter(|line| !line.is_empty())?;
        let first = line.split([' ', ';']).next().unwrap_or_default();
        let is_cookie = lower.contains("cookie") && first.contains('=');
        let is_header = is_cookie || looks::is_like_one(line, false) || self.scan.is_cut_at(head);
        is_header.then(|| start..end_of_line(self.scan, start))
    }

    /// The name of a variable, of a field or of a type, or a call: code, and no value.
    fn is_reference(&self, value: &str, end: usize) -> bool {
        let is_call = value.contains(['(', '[']) || self.scan.byte(end) == Some(b'(');
        let is_variable = value.starts_with(['$', '%']) && value.len() > 1;
        let is_path = value.contains('.')
            && value.split('.').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            });
        let is_same = value.eq_ignore_ascii_case(self.name);
        let capitals = value.bytes().filter(u8::is_ascii_uppercase).count();
        let is_type = value.starts_with(|first: char| first.is_ascii_uppercase())
            && capitals >= 2
            && value.bytes().all(|byte| byte.is_ascii_alphabetic())
            && capitals * 3 <= value.len();
        is_call || is_variable || is_path || is_same || is_type
    }
}

/// Whether the text in brackets describes a value instead of giving it: `"type": "string"`.
fn is_schema(inside: &str) -> bool {
    let head = inside.get(..floor(inside, inside.len().min(MAX_SIBLING))).unwrap_or_default();
    ["type", "$ref", "anyOf", "oneOf", "description", "enum"].iter().any(|name| {
        head.split_once(name).is_some_and(|(before, after)| {
            before.ends_with(['"', '\'']) && after.trim_start_matches('\\').starts_with(['"', '\''])
        })
    })
}
