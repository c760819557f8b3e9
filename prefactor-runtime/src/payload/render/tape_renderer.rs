//! The tape as JSON text, on the worker.
//!
//! What JSON cannot say is said in another way: NaN and the infinities as texts, integers beyond 64 bits as
//! texts, keys of other types as the text of their JSON, byte strings as `{"$bytes": …}`, what was cut off as
//! `"$truncated"`. NUL becomes U+FFFD: databases refuse it.

use std::borrow::Cow;

use serde::Serialize;

use crate::payload::byte_string;
use crate::payload::limits::{CUT_SUFFIX, MAX_PAYLOAD, MIN_ROOM, SLACK, share};
use crate::payload::render::escape;
use crate::payload::render::raw_json;
use crate::payload::render::redact::{Keep, Redact};
use crate::payload::tape::{Reader, Token, tag};
use crate::payload::text;

/// Deeper than any tape that was written, for those that were not.
const MAX_NESTING: usize = 64;

pub(crate) struct Renderer<'a> {
    out: &'a mut Vec<u8>,
    /// Where the value that is being written must end.
    limit: usize,
    nesting: usize,
    redact: &'a dyn Redact,
    /// Keys that were secrets: their number keeps them apart.
    hidden_keys: usize,
}

impl<'a> Renderer<'a> {
    /// Writes behind what is there already.
    pub(crate) fn new(out: &'a mut Vec<u8>, redact: &'a dyn Redact) -> Self {
        Self::within(out, redact, MAX_PAYLOAD)
    }

    pub(crate) fn within(out: &'a mut Vec<u8>, redact: &'a dyn Redact, budget: usize) -> Self {
        let limit = out.len() + budget.saturating_sub(SLACK);
        Self { out, limit, nesting: 0, redact, hidden_keys: 0 }
    }

    /// One value, under a key.
    pub(crate) fn value(&mut self, key: &str, reader: &mut Reader<'_>) {
        match reader.next() {
            // The last three are not where a value is, unless the tape is corrupt.
            Some(Token::Null | Token::End | Token::Cut(_) | Token::Name(_)) | None => self.push("null"),
            Some(Token::Bool(value)) => self.push(if value { "true" } else { "false" }),
            Some(Token::Byte(value)) => self.json(&value),
            Some(Token::Unsigned(value)) => self.json(&value),
            Some(Token::Signed(value)) => self.json(&value),
            Some(Token::BigUnsigned(value)) => match u64::try_from(value) {
                Ok(value) => self.json(&value),
                Err(_) => self.json(&value.to_string()),
            },
            Some(Token::BigSigned(value)) => match i64::try_from(value) {
                Ok(value) => self.json(&value),
                Err(_) => match u64::try_from(value) {
                    Ok(value) => self.json(&value),
                    Err(_) => self.json(&value.to_string()),
                },
            },
            Some(Token::Double(value)) if value.is_finite() => self.json(&value),
            Some(Token::Float(value)) if value.is_finite() => self.json(&value),
            Some(Token::Double(value)) => self.json(not_finite(value)),
            Some(Token::Float(value)) => self.json(not_finite(value.into())),
            Some(Token::Text { text, is_cut }) => self.text(key, text, usize::MAX, is_cut),
            Some(Token::Raw { json, max_length }) => {
                raw_json::render(self, key, json, usize::try_from(max_length).unwrap_or(usize::MAX));
            }
            Some(Token::Bytes { len, hash, head }) => self.byte_string(len, hash, head),
            Some(Token::List) => self.list(key, reader),
            Some(Token::Object) => self.object(reader),
            Some(Token::Placeholder(text)) => self.json(text),
        }
    }

    /// A text of the user's: redacted, and no longer than it may be and than there is room.
    pub(crate) fn text(&mut self, key: &str, text: &str, max_length: usize, is_cut: bool) {
        let text = self.redact.text(key, text, is_cut);
        let shown = text::head(&text, max_length, usize::MAX);
        self.bounded(shown, is_cut || shown.len() < text.len());
    }

    /// An object's member of that name.
    pub(crate) fn member(&mut self, key: &str, is_first: bool, value: impl FnOnce(&mut Self)) {
        if !is_first {
            self.push(",");
        }
        let mut shown = self.redact.shape(key, false);
        if let Cow::Owned(hidden) = &mut shown {
            self.hidden_keys += 1;
            if self.hidden_keys > 1 {
                hidden.push(' ');
                hidden.push_str(&self.hidden_keys.to_string());
            }
        }
        self.bounded(&shown, false);
        self.push(":");
        match self.redact.member(key) {
            Some(replacement) => self.json(replacement),
            None => value(self),
        }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.limit.saturating_sub(self.out.len()) >= MIN_ROOM
    }

    /// Writes what lies inside of an object or a list, with less room than outside.
    pub(crate) fn inside(&mut self, open: &str, close: &str, inside: impl FnOnce(&mut Self)) {
        let limit = self.limit;
        self.limit = share(self.out.len(), limit);
        self.nesting += 1;
        self.push(open);
        inside(self);
        self.push(close);
        self.nesting -= 1;
        self.limit = limit;
    }

    pub(crate) fn is_too_deep(&self) -> bool {
        self.nesting >= MAX_NESTING
    }

    pub(crate) fn push(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Writes something of ours, which cannot fail.
    pub(crate) fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        if serde_json::to_writer(&mut *self.out, value).is_err() {
            self.push("null");
        }
    }

    fn bounded(&mut self, text: &str, is_cut: bool) {
        let room = share(self.out.len(), self.limit).saturating_sub(self.out.len());
        let kept = if text.len().saturating_mul(6) <= room { text } else { head_of_json(text, room) };
        escape::write(self.out, kept);
        if is_cut || kept.len() < text.len() {
            // Inside of the quotes.
            self.out.pop();
            self.push(CUT_SUFFIX);
            self.push("\"");
        }
    }

    fn byte_string(&mut self, len: u64, hash: u64, bytes: &[u8]) {
        let head = bytes.get(..byte_string::HEAD).unwrap_or(bytes);
        match self.hidden(len, head) {
            Some(text) => self.bounded(&text, false),
            None => self.push(&byte_string::json(len, hash, head)),
        }
    }

    /// What is to be shown of bytes that are the text of a secret.
    fn hidden(&self, len: u64, bytes: &[u8]) -> Option<String> {
        let text = bytes.utf8_chunks().next()?.valid();
        match self.redact.shape(text, (text.len() as u64) < len) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }

    fn list(&mut self, key: &str, reader: &mut Reader<'_>) {
        let bytes = (reader.tag() == Some(tag::BYTE)).then(|| byte_string::of_list(*reader)).flatten();
        let is_shown_as_bytes =
            |bytes: &byte_string::ByteList| bytes.is_long() || self.hidden(bytes.len, &bytes.seen).is_some();
        if let Some(bytes) = bytes.filter(is_shown_as_bytes) {
            while !matches!(reader.next(), Some(Token::End) | None) {}
            return self.byte_string(bytes.len, byte_string::hash(&bytes.seen), &bytes.seen);
        }
        if self.is_too_deep() {
            return self.skipped(reader);
        }
        self.inside("[", "]", |inside| {
            let mut is_first = true;
            let mut missing = Missing::Nothing;
            loop {
                match inside.step(reader, &mut missing) {
                    Step::End => break,
                    Step::Count => {}
                    Step::Pass => {
                        if reader.value().is_none() {
                            break;
                        }
                    }
                    Step::Show => {
                        if !std::mem::take(&mut is_first) {
                            inside.push(",");
                        }
                        inside.value(key, reader);
                    }
                }
            }
            if missing.is_any() {
                inside.push(if is_first { "{" } else { ",{" });
                inside.truncated(missing);
                inside.push("}");
            }
        });
    }

    fn object(&mut self, reader: &mut Reader<'_>) {
        if self.is_too_deep() {
            return self.skipped(reader);
        }
        self.inside("{", "}", |inside| {
            let mut is_first = true;
            let mut missing = Missing::Nothing;
            loop {
                match inside.step(reader, &mut missing) {
                    Step::End => break,
                    Step::Count => {}
                    Step::Pass => {
                        if reader.value().and_then(|_| reader.value()).is_none() {
                            break;
                        }
                    }
                    Step::Show => {
                        let Some(key) = key_text(reader) else { break };
                        let mut is_passed = false;
                        inside.member(&key, std::mem::take(&mut is_first), |inside| {
                            inside.value(&key, reader);
                            is_passed = true;
                        });
                        if !is_passed && reader.value().is_none() {
                            break;
                        }
                    }
                }
            }
            if missing.is_any() {
                inside.push(if is_first { "" } else { "," });
                inside.truncated(missing);
            }
        });
    }

    /// Looks at what is next inside of a list or an object, and counts what is missing there.
    fn step(&self, reader: &mut Reader<'_>, missing: &mut Missing) -> Step {
        match reader.tag() {
            Some(tag::END) | None => {
                reader.next();
                Step::End
            }
            Some(tag::CUT) => {
                if let Some(Token::Cut(count)) = reader.next() {
                    missing.add(count);
                }
                Step::Count
            }
            Some(_) if missing.is_any() || !self.has_room() => {
                missing.add(Some(1));
                Step::Pass
            }
            Some(_) => Step::Show,
        }
    }

    /// An object of values that lie apart.
    pub(crate) fn members(&mut self, members: &[(Cow<'_, str>, Reader<'_>)]) {
        self.inside("{", "}", |inside| {
            for (index, (key, value)) in members.iter().enumerate() {
                if !inside.has_room() {
                    inside.push(if index == 0 { "" } else { "," });
                    return inside.truncated(Missing::Known((members.len() - index) as u64));
                }
                inside.member(key, index == 0, |inside| inside.value(key, &mut value.clone()));
            }
        });
    }

    fn truncated(&mut self, missing: Missing) {
        self.push("\"$truncated\":");
        match missing {
            Missing::Known(count) => self.json(&count),
            Missing::Nothing | Missing::Unknown => self.push("null"),
        }
    }

    /// Goes past the rest of a list or an object that was opened.
    fn skipped(&mut self, reader: &mut Reader<'_>) {
        let mut open = 1_usize;
        while open > 0 {
            match reader.next() {
                Some(Token::List | Token::Object) => open += 1,
                Some(Token::End) => open -= 1,
                Some(_) => {}
                None => break,
            }
        }
        self.json("<too deep>");
    }
}

/// Goes past a key and gives it as text: as the text of its JSON where it is none. `None` at the end.
pub(crate) fn key_text<'a>(reader: &mut Reader<'a>) -> Option<Cow<'a, str>> {
    let mut key = reader.value()?;
    let value = key;
    Some(match key.next()? {
        Token::Text { text, is_cut: false } | Token::Placeholder(text) => Cow::Borrowed(text),
        Token::Text { text, is_cut: true } => Cow::Owned(format!("{text}{CUT_SUFFIX}")),
        Token::Double(number) if !number.is_finite() => Cow::Borrowed(not_finite(number)),
        Token::Float(number) if !number.is_finite() => Cow::Borrowed(not_finite(number.into())),
        Token::BigUnsigned(number) => Cow::Owned(number.to_string()),
        Token::BigSigned(number) => Cow::Owned(number.to_string()),
        _ => {
            let mut json = Vec::new();
            Renderer::within(&mut json, &Keep, MAX_KEY_JSON + SLACK).value("", &mut value.clone());
            Cow::Owned(String::from_utf8(json).unwrap_or_default())
        }
    })
}

/// Bytes of a key that is no text.
const MAX_KEY_JSON: usize = 1 << 10;

/// What was cut off a list or an object, when it was captured or now.
#[derive(Clone, Copy)]
enum Missing {
    Nothing,
    Known(u64),
    Unknown,
}

impl Missing {
    fn is_any(self) -> bool {
        !matches!(self, Self::Nothing)
    }

    fn add(&mut self, more: Option<u64>) {
        *self = match (*self, more) {
            (Self::Nothing, Some(more)) => Self::Known(more),
            (Self::Known(count), Some(more)) => Self::Known(count.saturating_add(more)),
            (Self::Unknown, _) | (_, None) => Self::Unknown,
        };
    }
}

/// What is next inside of a list or an object.
enum Step {
    End,
    /// It was a count of what was cut off.
    Count,
    /// A value that has no room.
    Pass,
    Show,
}

fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value.is_sign_positive() {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// As much of a text as has room when it is escaped.
fn head_of_json(text: &str, room: usize) -> &str {
    let mut len = 2 + CUT_SUFFIX.len();
    for (position, character) in text.char_indices() {
        len += match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' => 6,
            character => character.len_utf8(),
        };
        if len > room {
            return &text[..position];
        }
    }
    text
}
