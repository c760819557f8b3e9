//! Secrets told by their shape, wherever in a text they stand.
//!
//! One pass finds the beginnings, which are fixed texts; the text after each of them decides. What is looked at is
//! then hidden, or is bounded, so that the time is linear in the text whoever wrote it.

pub(super) mod beginnings;

use std::borrow::Cow;
use std::ops::Range;

use super::allowed::AllowedNames;
use super::prefilter::{Numbers, three};
use super::scan::{Scan, is_blank, is_word};
use super::shape::{Alphabet, Shape};
use super::{commands, looks, numbers, pairs};
use crate::payload::markers::{CUT_MARK, REDACTED};
use beginnings::{BEGINNINGS, PEM, PREFILTER, first_of};

/// Places of one text where it was cut: it may hold texts that were cut before.
const MAX_CUTS: u8 = 4;

/// Bytes after such a place in which any text that may be a secret is taken for one.
const MAX_REST: usize = 64;

const PEM_END: &str = "-----END ";

/// The text with `[REDACTED]` in the place of each secret, and of each text that may be one that was cut.
pub(super) fn without_secrets<'a>(text: &'a str, is_cut: bool, allowed: &AllowedNames) -> Cow<'a, str> {
    let scan = Scan { text, is_cut };
    let mut finder = Finder {
        scan,
        allowed,
        base64_end: 0,
        name_end: 0,
        named: 0,
        at_sign: Some(0),
        hidden_end: 0,
        cuts: 0,
    };
    let mut clean = String::new();
    let (mut shown, mut at) = (0, 0);
    while let Some((start, numbers)) = PREFILTER.find(text.as_bytes(), at) {
        match finder.secret_at(start, numbers) {
            Some(secret) => {
                let end = finder.whole(&secret);
                clean.push_str(text.get(shown..secret.start).unwrap_or_default());
                clean.push_str(REDACTED);
                (shown, at) = (end, end);
                finder.hidden_end = end;
            }
            None => at = start + 1,
        }
    }
    if shown == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(text.get(shown..).unwrap_or_default());
    Cow::Owned(clean)
}

/// Whether the text begins so.
#[inline]
fn is_at_start(text: &[u8], beginning: &[u8], is_any_case: bool) -> bool {
    let is_same = |(one, other): (&u8, &u8)| one == other || is_any_case && one.eq_ignore_ascii_case(other);
    text.len() >= beginning.len() && text.iter().zip(beginning).all(is_same)
}

struct Finder<'a> {
    scan: Scan<'a>,
    allowed: &'a AllowedNames,
    /// Where the base64 ends that was looked at last: what begins inside of it has the same end.
    base64_end: usize,
    /// Where the name ends that was looked at last, in the same way.
    name_end: usize,
    /// Where the part of it was found.
    named: usize,
    /// The `@` that was found last; `None` when there are no more.
    at_sign: Option<usize>,
    /// Where the secret ends that was hidden last.
    hidden_end: usize,
    /// How often the text was cut so far: the end of each part is looked at, and a hostile text has many.
    cuts: u8,
}

impl Finder<'_> {
    /// The text to hide where a beginning or a number may be.
    fn secret_at(&mut self, start: usize, numbers: Numbers) -> Option<Range<usize>> {
        let number = match numbers {
            Numbers::Digits => numbers::card_or_person(self.scan, start),
            Numbers::Capitals => numbers::account(self.scan, start),
            Numbers::None => None,
        };
        if number.is_some() {
            return number;
        }
        let rest = self.scan.text.as_bytes().get(start..)?;
        let key = three(rest);
        let first = first_of(key)?;
        let same =
            BEGINNINGS.iter().skip(first).take_while(|(beginning, _)| three(beginning.as_bytes()) == key);
        for (beginning, shape) in same {
            if is_at_start(rest, beginning.as_bytes(), shape.is_any_case()) {
                let found = self.secret(start..start + beginning.len(), *shape);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// The text to hide, given a beginning.
    fn secret(&mut self, found: Range<usize>, shape: Shape) -> Option<Range<usize>> {
        let scan = self.scan;
        let is_inside =
            found.start > 0 && scan.byte(found.start - 1).is_some_and(|byte| byte.is_ascii_alphanumeric());
        match shape {
            Shape::Key(alphabet, min) if !is_inside => self.key(found, alphabet, min.into()),
            Shape::Parts(first, second) if !is_inside => self.parts(found, first.into(), second.into()),
            Shape::Around(before, min, after, min_after) => {
                let start = scan.run_back(found.start, min.into(), |byte| before.has(byte));
                (found.start - start >= min.into()).then_some(())?;
                let end = self.key(found, after, min_after.into())?.end;
                Some(scan.run_back(start, usize::from(u8::MAX), |byte| before.has(byte))..end)
            }
            Shape::After(min) => {
                let is_in = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-:@.+=%".contains(&byte);
                let end = scan.run(found.end, min.into(), is_in);
                let is_long = end - found.end >= min.into() || scan.is_cut_at(end);
                is_long.then(|| found.end..scan.run(end, usize::MAX, is_in))
            }
            Shape::Jwt if !is_inside => self.jwt(found),
            Shape::Bearer if !is_inside => self.bearer(found.end).or_else(|| self.value(found)),
            Shape::Pem => self.pem(found),
            Shape::Address => self.address(found.end),
            Shape::Name => self.value(found),
            Shape::Command => commands::value(scan, found),
            Shape::Cut => self.rest_of_cut(found),
            Shape::Key(..) | Shape::Parts(..) | Shape::Jwt | Shape::Bearer => None,
        }
    }

    fn key(&self, found: Range<usize>, alphabet: Alphabet, min: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let end = scan.run(found.end, min, |byte| alphabet.has(byte));
        let is_long = end - found.end >= min || scan.is_cut_at(end);
        if alphabet == Alphabet::Mixed {
            let seen = scan.text.as_bytes().get(found.end..end)?;
            (seen.iter().any(u8::is_ascii_digit) && seen.iter().any(u8::is_ascii_alphabetic)).then_some(())?;
        }
        let is_in = |byte: u8| is_key(byte) || alphabet.has(byte);
        is_long.then(|| found.start..scan.run(end, usize::MAX, is_in))
    }

    fn parts(&self, found: Range<usize>, first: usize, second: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let is_in = |byte: u8| byte.is_ascii_alphanumeric();
        let end = scan.run(found.end, usize::from(u8::MAX), is_in);
        if !scan.is_cut_at(end) {
            let is_parted = end - found.end >= first && matches!(scan.byte(end), Some(b'.' | b'_'));
            is_parted.then_some(())?;
            let part = scan.run(end + 1, second, is_in);
            (part - end > second || scan.is_cut_at(part)).then_some(())?;
        }
        Some(found.start..scan.run(end, usize::MAX, is_key))
    }

    /// The end of the text to hide, and of another secret that begins inside of it. A cut text ends there.
    fn whole(&self, hidden: &Range<usize>) -> usize {
        let scan = self.scan;
        let inside = scan.text.get(hidden.clone()).unwrap_or_default();
        let pem = inside.rfind(PEM.trim_end()).map(|start| hidden.start + start);
        let pem = pem.filter(|start| scan.text.get(*start..).is_some_and(|rest| rest.starts_with(PEM)));
        let pem = pem.and_then(|start| self.pem(start..start + PEM.len()));
        let word = inside.len().checked_sub("bearer".len()).and_then(|start| inside.get(start..));
        let bearer =
            word.filter(|word| word.eq_ignore_ascii_case("bearer")).and_then(|_| self.bearer(hidden.end));
        let mut end = [pem, bearer].into_iter().flatten().map(|other| other.end).fold(hidden.end, usize::max);
        if inside.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            end = scan.run(end, usize::MAX, is_word);
        }
        let taken = scan.text.get(hidden.start..end.saturating_add(CUT_MARK.len()).min(scan.text.len()));
        let mark = taken.and_then(|taken| taken.find(CUT_MARK)).map(|mark| hidden.start + mark);
        mark.filter(|mark| *mark > hidden.start).map_or(end, |mark| end.min(mark))
    }

    fn value(&mut self, found: Range<usize>) -> Option<Range<usize>> {
        if found.end > self.name_end {
            self.name_end = self.scan.run(found.end, usize::MAX, pairs::is_in_name);
        } else if self.name_end - found.end < pairs::MAX_NAME / 2
            && found.start - self.named < pairs::MAX_NAME / 2
        {
            return None;
        }
        self.named = found.start;
        pairs::value(self.scan, found, self.name_end, self.allowed)
    }

    /// The rest of a secret after the place where the text was cut.
    fn rest_of_cut(&mut self, mark: Range<usize>) -> Option<Range<usize>> {
        let scan = self.scan;
        let start = scan.tail_after(mark.start)?;
        self.cuts += 1;
        (self.cuts <= MAX_CUTS).then_some(())?;
        let tail = scan.text.get(start..)?;
        let end = tail.find(PEM_END).filter(|end| !tail.get(..*end).is_some_and(|head| head.contains(PEM)));
        let end = end.and_then(|end| Some((end, tail.get(end + PEM_END.len()..)?.find("-----")?)));
        if let Some((end, label)) = end {
            return Some(start..start + end + PEM_END.len() + label + 5);
        }
        let is_value = |byte: u8| !byte.is_ascii_whitespace() && !b"\"'<>,;)}]`\\".contains(&byte);
        let end = scan.run(start, usize::MAX, is_value);
        let was_secret = self.hidden_end == mark.start && self.hidden_end > 0;
        // The text before the cut may have ended with the name of a secret.
        let head = scan.run(start, MAX_REST, |byte| byte != b'\n');
        let head = scan.text.get(start..pairs::floor(scan.text, head))?;
        let words = head.split(|sign: char| sign.is_whitespace() || "\"'<>,;:@=)}]`\\".contains(sign));
        let has_digit = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
        let mut secrets = words.filter(|word| has_digit(word) && looks::is_word_like_one(word));
        let secret = secrets.next_back();
        let last = secret.map(|word| word.as_ptr().addr() - scan.text.as_ptr().addr());
        let last = last.map(|last| scan.run(last, usize::MAX, is_value));
        let hidden_end = last.into_iter().chain(was_secret.then_some(end)).max()?;
        (hidden_end > start).then_some(start..hidden_end)
    }

    fn jwt(&mut self, found: Range<usize>) -> Option<Range<usize>> {
        let scan = self.scan;
        if found.end > self.base64_end {
            self.base64_end = scan.run(found.end, usize::MAX, is_word);
        }
        let header = self.base64_end;
        if scan.is_cut_at(header) {
            return Some(found.start..header);
        }
        if header - found.end < 6 || scan.byte(header) != Some(b'.') {
            return None;
        }
        let claims = scan.run(header + 1, 6, is_word);
        let is_one = claims - header > 6 || scan.is_cut_at(claims);
        is_one.then(|| found.start..scan.run(claims, usize::MAX, is_key))
    }

    /// A word of prose has neither digits nor so many letters.
    fn bearer(&self, word: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let start = scan.run(word, usize::MAX, is_blank);
        let is_in = |byte: u8| byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte);
        let end = scan.run(start, 24, is_in);
        let seen = scan.text.get(start..end).filter(|seen| start > word && !seen.is_empty())?;
        let has_digit = seen.bytes().any(|byte| byte.is_ascii_digit());
        let is_one = seen.len() >= 24 || seen.len() >= 12 && has_digit || scan.is_cut_at(end);
        is_one.then(|| start..scan.run(end, usize::MAX, is_in))
    }

    fn pem(&self, found: Range<usize>) -> Option<Range<usize>> {
        let scan = self.scan;
        let is_label = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
        let label = scan.run(found.end, 48, is_label);
        if !scan.text.get(found.end..label)?.contains("PRIVATE KEY") {
            return None;
        }
        let end = scan.find(label, PEM_END).map(|end| end + PEM_END.len());
        let end = end.and_then(|end| scan.find(end, "-----")).map_or(scan.text.len(), |end| end + 5);
        Some(found.start..end)
    }

    /// Up to the last `@` before the path. A password may have slashes in it that should not be there.
    fn address(&mut self, start: usize) -> Option<Range<usize>> {
        /// How far a password goes on after such a slash.
        const MAX: usize = 64;
        let scan = self.scan;
        let is_in = |byte: u8| !byte.is_ascii_whitespace() && !b"\"'<>\\`".contains(&byte);
        let mut end = scan.run(start, usize::MAX, |byte| is_in(byte) && !b"/?#".contains(&byte));
        if scan.is_cut_at(end) {
            return (end > start).then_some(start..end);
        }
        if self.at_sign.is_some_and(|at| at < start) {
            self.at_sign = scan.find(start, "@");
        }
        if self.at_sign.is_none_or(|at| at >= end + MAX) {
            return None;
        }
        let (_, after_user) = scan.text.get(start..end)?.split_once(':').unwrap_or_default();
        if !after_user.contains(['@', ']'])
            && after_user.bytes().any(|byte| !byte.is_ascii_digit() && byte != b':')
        {
            end = scan.run(end, MAX, is_in);
        }
        let end = scan.text.as_bytes().get(start..end)?.iter().rposition(|byte| *byte == b'@')?;
        Some(start..start + end)
    }
}

fn is_key(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

#[cfg(test)]
mod tests;
