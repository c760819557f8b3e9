//! Secrets told by their shape, wherever in a text they stand.
//!
//! One pass finds the beginnings, which are fixed texts; what follows each of them decides. What is looked at is
//! then hidden, or is bounded, so that the time is linear in the text whoever wrote it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

use super::prefilter::Quick;
use super::scan::{Scan, is_blank, is_word};
use super::{REDACTED, pairs};

/// What a beginning may be the beginning of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A key as a service issues it: so many characters at least.
    Key(usize),
    /// An access key of AWS: capital letters and digits.
    Aws,
    /// A JSON web token: base64 with dots in it.
    Jwt,
    /// What follows the word in a header.
    Bearer,
    /// A private key, up to its end.
    Pem,
    /// An address, with a user and a password.
    Address,
    /// Part of a name which a value may follow.
    Name,
}

const PEM: &str = "-----BEGIN ";

pub(super) const BEGINNINGS: &[(&str, Shape); 62] = &[
    ("sk-", Shape::Key(16)), // OpenAI, Anthropic, Stripe and others
    ("sk_", Shape::Key(16)),
    ("rk_", Shape::Key(16)),
    ("pk_live_", Shape::Key(16)),
    ("pf_", Shape::Key(16)), // Prefactor
    ("pf-", Shape::Key(16)),
    ("gsk_", Shape::Key(16)),  // Groq
    ("xai-", Shape::Key(16)),  // xAI
    ("pplx-", Shape::Key(16)), // Perplexity
    ("r8_", Shape::Key(16)),   // Replicate
    ("tvly-", Shape::Key(16)), // Tavily
    ("nvapi-", Shape::Key(16)),
    ("lsv2_", Shape::Key(16)), // LangSmith
    ("hf_", Shape::Key(16)),   // Hugging Face
    ("npm_", Shape::Key(16)),
    ("pypi-", Shape::Key(16)),
    ("glpat-", Shape::Key(16)),
    ("dop_v1_", Shape::Key(16)),
    ("whsec_", Shape::Key(16)),
    ("shpat_", Shape::Key(16)),
    ("hvs.", Shape::Key(16)), // Vault
    ("SG.", Shape::Key(16)),  // SendGrid
    ("ghp_", Shape::Key(20)), // GitHub
    ("gho_", Shape::Key(20)),
    ("ghu_", Shape::Key(20)),
    ("ghs_", Shape::Key(20)),
    ("ghr_", Shape::Key(20)),
    ("github_pat_", Shape::Key(20)),
    ("xoxa-", Shape::Key(10)), // Slack
    ("xoxb-", Shape::Key(10)),
    ("xoxe-", Shape::Key(10)),
    ("xoxo-", Shape::Key(10)),
    ("xoxp-", Shape::Key(10)),
    ("xoxr-", Shape::Key(10)),
    ("xoxs-", Shape::Key(10)),
    ("xapp-", Shape::Key(10)),
    ("AKIA", Shape::Aws),
    ("ASIA", Shape::Aws),
    ("AIza", Shape::Key(30)), // Google
    ("ya29.", Shape::Key(20)),
    ("eyJ", Shape::Jwt),
    ("bearer", Shape::Bearer),
    (PEM, Shape::Pem),
    ("://", Shape::Address),
    ("passw", Shape::Name),
    ("passphrase", Shape::Name),
    ("pwd", Shape::Name),
    ("secret", Shape::Name),
    ("token", Shape::Name),
    ("key", Shape::Name),
    ("auth", Shape::Name),
    ("cookie", Shape::Name),
    ("credential", Shape::Name),
    ("session", Shape::Name),
    ("otp", Shape::Name),
    ("pin", Shape::Name),
    ("cvv", Shape::Name),
    ("cvc", Shape::Name),
    ("card", Shape::Name),
    ("ssn", Shape::Name),
    ("jwt", Shape::Name),
    ("sig", Shape::Name),
];

/// Where one of the beginnings may be.
static QUICK: Quick = Quick::new(texts());

pub(super) const fn texts() -> [&'static str; BEGINNINGS.len()] {
    let mut texts = [""; BEGINNINGS.len()];
    let mut number = 0;
    while number < texts.len() {
        texts[number] = BEGINNINGS[number].0;
        number += 1;
    }
    texts
}

fn automaton() -> Option<&'static AhoCorasick> {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    if AUTOMATON.get().is_none() {
        // Built outside of the cell: a process that is forked meanwhile would wait for the cell for ever.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .start_kind(StartKind::Anchored)
            .build(BEGINNINGS.iter().map(|(beginning, _)| beginning));
        let _ = AUTOMATON.set(automaton.ok());
    }
    AUTOMATON.get().and_then(Option::as_ref)
}

/// The text with `[REDACTED]` in the place of each secret, and of what may be one that was cut.
pub(super) fn without_secrets(text: &str, is_cut: bool) -> Cow<'_, str> {
    let Some(automaton) = automaton() else {
        // The beginnings are fixed and tested. Without them nothing may pass.
        return Cow::Borrowed(REDACTED);
    };
    let mut finder = Finder { scan: Scan { text, is_cut }, base64_end: 0, name_end: 0, at_sign: Some(0) };
    let mut clean = String::new();
    let (mut shown, mut at) = (0, 0);
    while let Some(start) = QUICK.find(text.as_bytes(), at) {
        let Some(found) = automaton.find(Input::new(text).range(start..).anchored(Anchored::Yes)) else {
            at = start + 1;
            continue;
        };
        let (_, shape) = BEGINNINGS[found.pattern().as_usize()];
        match finder.secret(found.range(), shape, found.pattern().as_usize()) {
            Some(secret) => {
                let end = finder.whole(&secret);
                clean.push_str(text.get(shown..secret.start).unwrap_or_default());
                clean.push_str(REDACTED);
                (shown, at) = (end, end);
            }
            // All beginnings are ASCII: the next byte begins a character.
            None => at = found.start() + 1,
        }
    }
    if shown == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(text.get(shown..).unwrap_or_default());
    Cow::Owned(clean)
}

struct Finder<'a> {
    scan: Scan<'a>,
    /// Where the base64 ends that was looked at last: what begins inside of it has the same end.
    base64_end: usize,
    /// Where the name ends that was looked at last, in the same way.
    name_end: usize,
    /// The `@` that was found last; `None` when there are no more.
    at_sign: Option<usize>,
}

impl Finder<'_> {
    /// What is to be hidden, given a beginning.
    fn secret(&mut self, found: Range<usize>, shape: Shape, pattern: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let is_inside =
            found.start > 0 && scan.byte(found.start - 1).is_some_and(|byte| byte.is_ascii_alphanumeric());
        let is_exact = || scan.text.get(found.clone()) == Some(BEGINNINGS[pattern].0);
        match shape {
            Shape::Key(min) if !is_inside && is_exact() => {
                let end = scan.run(found.end, min, is_word);
                let is_long = end - found.end >= min || scan.is_cut_at(end);
                is_long.then(|| found.start..scan.run(end, usize::MAX, is_key))
            }
            Shape::Aws if !is_inside && is_exact() => {
                let end = scan.run(found.end, 16, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
                let is_long = end - found.end >= 16 || scan.is_cut_at(end);
                is_long.then(|| found.start..scan.run(end, usize::MAX, is_key))
            }
            Shape::Jwt if !is_inside && is_exact() => self.jwt(found),
            Shape::Bearer if !is_inside => self.bearer(found.end).or_else(|| self.value(found)),
            Shape::Pem if is_exact() => self.pem(found),
            Shape::Address => self.address(found.end),
            Shape::Name => self.value(found),
            _ => None,
        }
    }

    /// The end of what is to be hidden, and of another secret that begins inside of it.
    fn whole(&self, hidden: &Range<usize>) -> usize {
        let scan = self.scan;
        let inside = scan.text.get(hidden.clone()).unwrap_or_default();
        let pem = inside.rfind(PEM.trim_end()).map(|start| hidden.start + start);
        let pem = pem.filter(|start| scan.text.get(*start..).is_some_and(|rest| rest.starts_with(PEM)));
        let pem = pem.and_then(|start| self.pem(start..start + PEM.len()));
        let word = inside.len().checked_sub("bearer".len()).and_then(|start| inside.get(start..));
        let bearer =
            word.filter(|word| word.eq_ignore_ascii_case("bearer")).and_then(|_| self.bearer(hidden.end));
        let end = [pem, bearer].into_iter().flatten().map(|other| other.end).fold(hidden.end, usize::max);
        if inside.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            scan.run(end, usize::MAX, is_word)
        } else {
            end
        }
    }

    fn value(&mut self, found: Range<usize>) -> Option<Range<usize>> {
        if found.end > self.name_end {
            self.name_end = self.scan.run(found.end, usize::MAX, pairs::is_in_name);
        }
        pairs::value(self.scan, found, self.name_end)
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
        const END: &str = "-----END ";
        let scan = self.scan;
        let is_label = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
        let label = scan.run(found.end, 48, is_label);
        if !scan.text.get(found.end..label)?.contains("PRIVATE KEY") {
            return None;
        }
        let end = scan.find(label, END).map(|end| end + END.len());
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
