//! Values that stand apart from their names: in an element, in a list, in another member, after a blank.

use std::ops::Range;

use super::extent::{MAX_ESCAPES, MAX_NESTED, floor, is_quote, quoted};
use super::{MAX_NAME, MAX_SIBLING, Named, is_number};
use crate::payload::Secrecy;
use crate::redaction::looks;
use crate::redaction::scan::{is_blank, is_word};

/// Names of the other half of a pair: `{"name": "DB_PASSWORD", "value": …}`.
const VALUE_NAMES: [&str; 4] = ["value", "val", "content", "v"];

/// Words before a setting in scripts and in descriptions of images.
const SETTERS: [&str; 6] = ["env", "arg", "export", "set", "setx", "setenv"];

impl Named<'_> {
    /// Whether the name is that of an element: `<password>`, `<ns:password>`.
    pub(super) fn is_element(&self) -> bool {
        let scan = self.scan;
        let before = |at: usize| at.checked_sub(1).and_then(|at| scan.byte(at));
        let start = if before(self.start) == Some(b':') {
            scan.run_back(self.start - 1, MAX_NAME, is_word)
        } else {
            self.start
        };
        before(start) == Some(b'<')
    }

    pub(super) fn element(&self, start: usize) -> Option<Range<usize>> {
        let end = self.scan.run(start, MAX_NESTED, |byte| byte != b'<');
        let text = self.scan.text.get(start..floor(self.scan.text, end))?;
        (self.is_secret(text, end) || self.scan.is_cut_at(end) && end > start).then_some(start..end)
    }

    /// `("x-api-key", "…")`, `["--password", "…"]`, `{"name": "DB_PASSWORD", "value": "…"}`
    pub(super) fn pair(&self, comma: usize, quote: usize) -> Option<Range<usize>> {
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
    pub(super) fn other_half(&self, after: usize) -> Option<Range<usize>> {
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
    pub(super) fn after_blank(&self, start: usize) -> Option<Range<usize>> {
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

    /// Whether the text after an option is its value.
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
