//! Secrets told by a name that stands before them in a text: in query strings and headers, in the `Debug` text of a
//! struct or of pairs, in JSON inside of a text, in settings, XML, YAML and options of the command line.

mod apart;
mod assigned;
mod block;
mod extent;

use std::ops::Range;

use super::allowed::AllowedNames;
use super::scan::{Scan, is_blank, is_word};
use super::{looks, names};
use crate::payload::Secrecy;
use extent::{MAX_ESCAPES, is_quote};

pub(super) use extent::{floor, quoted};

/// Bytes of a name before and after the part of it that was found.
pub(super) const MAX_NAME: usize = 64;

/// Bytes of a name's end that may stay in sight: less than any key has.
const MAX_SHOWN: usize = 12;

/// Bytes in which a sign is looked for that the word `token` is a piece of text.
const MAX_SIBLING: usize = 160;

/// Whether a byte may be part of a name.
pub(super) fn is_in_name(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

/// A name in a text, and its secrecy.
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
        self.secrecy == Secrecy::Doubtful && self.name.eq_ignore_ascii_case("token") && {
            let text = self.scan.text;
            let near =
                floor(text, self.start.saturating_sub(MAX_SIBLING))..floor(text, self.end + MAX_SIBLING);
            text.get(near).is_some_and(|near| near.contains("logprob"))
        }
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
