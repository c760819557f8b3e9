//! Secrets told by a name that stands before them in a text: in query strings and headers, in the `Debug` text of a
//! struct or of pairs, in JSON inside of a text, in settings, XML, YAML and options of the command line.

use std::ops::Range;

use super::allowed::AllowedNames;
use super::scan::{Scan, is_blank, is_word};
use super::{looks, names};
use crate::payload::Secrecy;

/// Bytes of a name before and after the part of it that was found.
pub(super) const MAX_NAME: usize = 64;

/// Bytes of a name's end that may stay in sight: less than any key has.
const MAX_SHOWN: usize = 12;

/// Backslashes before a quote: text in text in text.
const MAX_ESCAPES: usize = 16;

/// Bytes inside of brackets that are looked at.
const MAX_NESTED: usize = 4 << 10;

/// Bytes of a list or of a header that decide about it.
const MAX_LIST: usize = 64;

/// Bytes in which a sign is looked for that the word `token` is a piece of text.
const MAX_SIBLING: usize = 160;

/// Names of the other half of a pair: `{"name": "DB_PASSWORD", "value": …}`.
const VALUE_NAMES: [&str; 4] = ["value", "val", "content", "v"];

/// Words before a setting in scripts and in descriptions of images.
const SETTERS: [&str; 6] = ["env", "arg", "export", "set", "setx", "setenv"];

/// What a name is made of.
pub(super) fn is_in_name(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

fn is_quote(byte: u8) -> bool {
    b"\"'`".contains(&byte)
}

/// A name in a text, and what is known of it.
struct Named<'a> {
    scan: Scan<'a>,
    name: &'a str,
    start: usize,
    end: usize,
    secrecy: Secrecy,
    /// A parameter of an address that may be a signature.
    is_parameter: bool,
}

/// The value to be hidden, given part of the name before it, and where that name ends.
pub(super) fn value(
    scan: Scan<'_>,
    found: Range<usize>,
    name_end: usize,
    allowed: &AllowedNames,
) -> Option<Range<usize>> {
    let end = name_end.min(found.end + MAX_NAME);
    let after = scan.byte(end)?;
    (is_quote(after) || is_blank(after) || b"=:>\\]".contains(&after) || scan.line_end(end) > 0)
        .then_some(())?;
    let named = Named::at(scan, &found, end, allowed)?;
    let mut hidden = named.value()?;
    if end - found.end > MAX_SHOWN {
        hidden.start = found.end;
    }
    Some(hidden)
}

impl<'a> Named<'a> {
    fn at(scan: Scan<'a>, found: &Range<usize>, end: usize, allowed: &AllowedNames) -> Option<Self> {
        let mut start = scan.run_back(found.start, MAX_NAME, is_in_name);
        let mut name = scan.text.get(start..end)?;
        let mut secrecy = names::secrecy(name);
        if secrecy == Secrecy::Open && start > 1 && scan.byte(start - 1) == Some(b' ') {
            // `API key`, `card number`.
            let before = scan.run_back(start - 1, MAX_NAME, is_in_name);
            let two = scan.text.get(before..end)?;
            secrecy = names::secrecy(two);
            if secrecy != Secrecy::Open {
                (start, name) = (before, two);
            }
        }
        let rest = scan.text.get(found.end..end)?;
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        if secrecy == Secrecy::Open && rest.len() > MAX_SHOWN && digits >= 4 {
            secrecy = names::secrecy(scan.text.get(start..found.end)?);
        }
        let last = name.rsplit(['-', '_', '.']).next().unwrap_or_default();
        let is_key = ["key", "sig", "signature"].iter().any(|word| last.eq_ignore_ascii_case(word));
        let is_parameter = is_key
            && secrecy == Secrecy::Open
            && scan.byte(end) == Some(b'=')
            && start > 0
            && matches!(scan.byte(start - 1), Some(b'?' | b'&'));
        let is_named = secrecy != Secrecy::Open || is_parameter;
        (is_named && !allowed.has(name)).then_some(Self { scan, name, start, end, secrecy, is_parameter })
    }

    fn value(&self) -> Option<Range<usize>> {
        let scan = self.scan;
        let quote = scan.run(self.end, MAX_ESCAPES, |byte| {
            is_quote(byte) || byte == b'\\' && scan.line_end(self.end) == 0 || byte == b']'
        });
        let separator = scan.run(quote, 3, is_blank);
        let next = scan.byte(separator + 1);
        let is_quoted = quote > self.end;
        match scan.byte(separator)? {
            b'=' if matches!(next, Some(b'=' | b'~')) => None,
            b'=' if next == Some(b'>') => self.quoted(scan.run(separator + 2, 3, is_blank)),
            b'=' => {
                let start = scan.run(separator + 1, 3, is_blank);
                self.assigned(start, separator == self.end && start == separator + 1, true)
            }
            b':' if next == Some(b'=') => self.assigned(scan.run(separator + 2, 3, is_blank), false, true),
            b':' if matches!(next, Some(b':' | b'/')) => None,
            // `arn:aws:secretsmanager:…:secret:name`, `scope:password:reset`
            b':' if !is_quoted && self.start > 0 && scan.byte(self.start - 1) == Some(b':') => None,
            b':' if !is_quoted && !next.is_some_and(is_blank) && scan.line_end(separator + 1) == 0 => {
                self.tight(separator + 1)
            }
            b':' => self.assigned(scan.run(separator + 1, 3, is_blank), is_quoted, false),
            b'>' if self.is_element() => self.element(separator + 1),
            b',' if is_quoted => self.pair(separator, quote),
            _ if is_quoted || separator > quote => {
                self.other_half(quote).or_else(|| (!is_quoted).then(|| self.after_blank(separator)).flatten())
            }
            _ => self.other_half(quote),
        }
    }

    /// Whether a text that stands for itself is a secret under that name.
    fn is_secret(&self, text: &str, end: usize) -> bool {
        !self.is_piece_of_text() && looks::is_secret(self.secrecy, text, self.scan.is_cut_at(end))
    }

    /// `{"token": "Hello", "logprob": -0.3}`
    fn is_piece_of_text(&self) -> bool {
        let around = |byte: usize| {
            let byte = byte.min(self.scan.text.len());
            (0..=byte).rev().find(|byte| self.scan.text.is_char_boundary(*byte)).unwrap_or(0)
        };
        self.secrecy == Secrecy::Doubtful && self.name.eq_ignore_ascii_case("token") && {
            let near = around(self.start.saturating_sub(MAX_SIBLING))..around(self.end + MAX_SIBLING);
            self.scan.text.get(near).is_some_and(|near| near.contains("logprob"))
        }
    }

    /// `password:hunter2`, and what looks the same: a scope, an address.
    fn tight(&self, start: usize) -> Option<Range<usize>> {
        let content = self.assigned(start, false, false)?;
        let is_enclosed = content.start > start || matches!(self.scan.byte(start), Some(b'{' | b'[' | b'('));
        let text = self.scan.text.get(content.clone())?;
        (is_enclosed || looks::is_like_one(text, self.scan.is_cut_at(content.end))).then_some(content)
    }

    /// What is in quotes there.
    fn quoted(&self, start: usize) -> Option<Range<usize>> {
        let content = quoted(self.scan, start)?;
        let text = self.scan.text.get(content.clone())?;
        self.is_secret(text, content.end).then_some(content)
    }

    /// After `=` or `:`.
    fn assigned(&self, start: usize, is_sure: bool, is_equals: bool) -> Option<Range<usize>> {
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

    /// What has no quotes around it.
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

    /// `password: |` and what is indented below it.
    fn block(&self, start: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let sign = scan.run(start + 1, 2, |byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'));
        let sign = scan.run(sign, 3, is_blank);
        let mut at = sign + Some(scan.line_end(sign)).filter(|len| *len > 0)?;
        let indent = scan.run_back(self.start, MAX_NAME, is_blank);
        let indent = self.start - indent;
        let first = scan.run(at, MAX_NAME, is_blank);
        loop {
            let text = scan.run(at, MAX_NAME, is_blank);
            if text - at <= indent && scan.line_end(text) == 0 {
                break;
            }
            at = end_of_line(scan, text);
            match scan.line_end(at) {
                0 => break,
                len => at += len,
            }
        }
        let end =
            if at > first && scan.byte(at).is_some() { at - scan.text.get(..at)?.len().min(1) } else { at };
        let end = floor(scan.text, end);
        (end > first).then_some(first..end)
    }

    /// Whether the name is that of an element: `<password>`, `<ns:password>`.
    fn is_element(&self) -> bool {
        let scan = self.scan;
        let before = |at: usize| at.checked_sub(1).and_then(|at| scan.byte(at));
        let start = if before(self.start) == Some(b':') {
            scan.run_back(self.start - 1, MAX_NAME, is_word)
        } else {
            self.start
        };
        before(start) == Some(b'<')
    }

    fn element(&self, start: usize) -> Option<Range<usize>> {
        let end = self.scan.run(start, MAX_NESTED, |byte| byte != b'<');
        let text = self.scan.text.get(start..floor(self.scan.text, end))?;
        (self.is_secret(text, end) || self.scan.is_cut_at(end) && end > start).then_some(start..end)
    }

    /// `("x-api-key", "…")`, `["--password", "…"]`, `{"name": "DB_PASSWORD", "value": "…"}`
    fn pair(&self, comma: usize, quote: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let start = scan.run(comma + 1, 3, is_blank);
        if let Some(half) = self.other_half(quote) {
            return Some(half);
        }
        let content = quoted(scan, start)?;
        let text = scan.text.get(content.clone())?;
        // A list of two names looks the same as a name and its value; in parentheses, the second is the value.
        let open = scan.run_back(self.start, MAX_ESCAPES, |byte| is_quote(byte) || byte == b'\\');
        let is_tuple = open > 0 && scan.byte(open - 1) == Some(b'(');
        let is_secret = match self.secrecy {
            Secrecy::Secret if is_tuple || self.name.starts_with('-') => {
                !looks::is_placeholder(text) && !text.starts_with('-')
            }
            Secrecy::Doubtful if self.name.starts_with('-') => self.is_option_value(text),
            Secrecy::Secret => looks::is_like_one(text, scan.is_cut_at(content.end)),
            _ => self.is_secret(text, content.end),
        };
        is_secret.then_some(content)
    }

    /// The value of which that is the name, in another member: `"value": "…"`, `value="…"`.
    fn other_half(&self, after: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let is_between = |byte: u8| {
            byte.is_ascii_whitespace() || byte == b',' || is_quote(byte) || byte == b'\\' || byte == b'n'
        };
        let start = scan.run(after, MAX_NAME, is_between);
        let end = scan.run(start, 8, |byte| byte.is_ascii_alphabetic());
        let word = scan.text.get(start..end)?;
        VALUE_NAMES.iter().any(|name| word.eq_ignore_ascii_case(name)).then_some(())?;
        let quote = scan.run(end, MAX_ESCAPES, |byte| is_quote(byte) || byte == b'\\');
        let separator = scan.run(quote, 3, is_blank);
        matches!(scan.byte(separator), Some(b':' | b'=')).then_some(())?;
        let start = scan.run(separator + 1, 3, is_blank);
        let is_apart =
            scan.text.get(after..start).is_some_and(|between| between.contains([',', '\n', '"', '\'']));
        self.assigned(start, is_apart, false)
    }

    /// `--password x`, `ENV DB_PASSWORD x`, `login ada password x`, `WITH PASSWORD 'x'`, `password is x`.
    fn after_blank(&self, start: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let is_in = |byte: u8| !byte.is_ascii_whitespace() && !b"\"'`\\,;".contains(&byte);
        let content =
            quoted(scan, start).unwrap_or_else(|| start..scan.run(start, usize::from(u8::MAX), is_in));
        let text = scan.text.get(content.clone()).filter(|text| !text.is_empty())?;
        let is_quoted = content.start > start;
        if self.name.starts_with('-') {
            return self.is_option_value(text).then_some(content);
        }
        if text.eq_ignore_ascii_case("for") {
            // `SET PASSWORD FOR ada = 'x'`
            let equals = scan.run(content.end, MAX_NAME, |byte| byte != b'=' && byte != b'\n');
            let is_given = scan.byte(equals) == Some(b'=');
            return is_given.then(|| self.quoted(scan.run(equals + 1, 3, is_blank))).flatten();
        }
        let before = scan.run_back(self.start, 2, is_blank);
        let word = scan.run_back(before, 8, |byte| byte.is_ascii_alphabetic());
        let word = scan.text.get(word..before)?.to_ascii_lowercase();
        let is_capital = !self.name.bytes().any(|byte| byte.is_ascii_lowercase());
        let is_given = match () {
            () if is_capital && SETTERS.contains(&&*word) => true,
            () if is_quoted && is_capital => true,
            () => self.follows_login(),
        };
        if is_given {
            return (self.secrecy == Secrecy::Secret && !looks::is_placeholder(text)
                || self.is_secret(text, content.end))
            .then_some(content);
        }
        let is_linked =
            ["is", "was", "to", "of", "number"].iter().any(|link| link.eq_ignore_ascii_case(text));
        if is_linked && !is_quoted {
            let next = scan.run(content.end, 3, |byte| is_blank(byte) || byte == b':');
            let content =
                quoted(scan, next).unwrap_or_else(|| next..scan.run(next, usize::from(u8::MAX), is_in));
            let text = scan.text.get(content.clone())?;
            return looks::is_word_like_one(text).then_some(content);
        }
        ((self.secrecy == Secrecy::Secret || is_quoted) && text.len() >= 8 && looks::is_word_like_one(text))
            .then_some(content)
    }

    /// Whether what follows an option is its value.
    fn is_option_value(&self, text: &str) -> bool {
        let is_token = self.secrecy == Secrecy::Secret || self.name.to_ascii_lowercase().ends_with("token");
        let is_other = text.starts_with('-')
            || text.starts_with('$')
            || looks::is_placeholder(text)
            || text.starts_with('/');
        !is_other && (is_token && !is_number(text) || looks::is_secret(self.secrecy, text, false))
    }

    /// The form of `.netrc`.
    fn follows_login(&self) -> bool {
        let from = floor(self.scan.text, self.start.saturating_sub(MAX_SIBLING));
        self.scan.text.get(from..self.start).is_some_and(|before| {
            before
                .rsplit('\n')
                .take(2)
                .any(|line| line.trim_start().starts_with("login ") || line.contains(" login "))
        })
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether what is in brackets describes a value instead of giving it: `"type": "string"`.
fn is_schema(inside: &str) -> bool {
    let head = inside.get(..floor(inside, inside.len().min(MAX_SIBLING))).unwrap_or_default();
    ["type", "$ref", "anyOf", "oneOf", "description", "enum"].iter().any(|name| {
        head.split_once(name).is_some_and(|(before, after)| {
            before.ends_with(['"', '\'']) && after.trim_start_matches('\\').starts_with(['"', '\''])
        })
    })
}

/// The next place at or before that one where a character begins.
pub(super) fn floor(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// What is inside of quotes, however often they are escaped. To the end of the text where they are not closed.
pub(super) fn quoted(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
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

/// Where the brackets end that open there, or what is looked at of them.
fn nested(scan: Scan<'_>, open: usize, max: usize) -> usize {
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
