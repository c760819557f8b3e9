//! The tape as JSON text, on the worker.
//!
//! Values without a form in JSON have another: NaN and the infinities as texts, integers beyond 64 bits as
//! texts, keys of other types as the text of their JSON, byte strings as `{"$bytes": …}`, what was cut off as
//! `"$truncated"`. NUL becomes U+FFFD: databases refuse it.

use std::borrow::Cow;

use crate::payload::byte_string;
use crate::payload::limits::RESERVED;
use crate::payload::markers;
use crate::payload::render::json_writer::JsonWriter;
use crate::payload::render::raw_json;
use crate::payload::render::redact::Keep;
use crate::payload::render::siblings;
use crate::payload::tape::{Reader, Token, tag};
use crate::payload::text;

impl JsonWriter<'_> {
    /// One value, under a key.
    pub(crate) fn value(&mut self, key: &str, reader: &mut Reader<'_>) {
        if reader.take_text_if(|text| self.known_text(text)) {
            return;
        }
        match reader.next() {
            // Only a corrupt tape has the last three tokens in the place of a value.
            Some(Token::Null | Token::End | Token::Cut(_) | Token::Name(_)) | None => self.push("null"),
            Some(Token::Bool(value)) => self.digits(if value { "true" } else { "false" }),
            Some(Token::Sensitive) => {
                self.sensitive(|inside| inside.value(key, reader));
                reader.next();
            }
            Some(Token::Byte(value)) => self.number(&value),
            Some(Token::Unsigned(value)) => self.number(&value),
            Some(Token::Signed(value)) => self.number(&value),
            Some(Token::BigUnsigned(value)) => self.big(u64::try_from(value).is_ok(), &value),
            Some(Token::BigSigned(value)) => {
                self.big(i64::try_from(value).is_ok() || u64::try_from(value).is_ok(), &value);
            }
            Some(Token::Double(value)) => self.double(value, &value),
            Some(Token::Float(value)) => self.double(value.into(), &value),
            Some(Token::Text(text)) => self.text(key, text, usize::MAX),
            Some(Token::CutText { head, tail, omitted }) => {
                self.text(key, &text::with_mark(head, tail, omitted), usize::MAX);
            }
            Some(Token::Raw { json, max_length, max_numbers }) => {
                let [max_length, max_numbers] =
                    [max_length, max_numbers].map(|max| usize::try_from(max).unwrap_or(usize::MAX));
                raw_json::render(self, key, json, max_length, max_numbers);
            }
            Some(Token::Bytes { len, hash, head }) => self.byte_string(len, hash, head),
            Some(Token::List) => self.list(key, reader),
            Some(Token::Object) => self.object(reader),
            Some(Token::Placeholder(text)) => self.json(text),
        }
    }

    /// An integer of any size: as text where JSON's readers would round it.
    fn big(&mut self, is_small: bool, value: &impl std::fmt::Display) {
        match (is_small, self.is_sensitive()) {
            (true, _) => self.digits(&value.to_string()),
            (false, true) => self.marked_text(&value.to_string()),
            (false, false) => self.json(&value.to_string()),
        }
    }

    /// A number with a fraction, as its own type writes it. `double` says whether JSON has it.
    fn double(&mut self, double: f64, value: &impl serde::Serialize) {
        match (double.is_finite(), self.is_sensitive()) {
            (true, false) => self.json(value),
            (true, true) => self.digits(&serde_json::to_string(value).unwrap_or_default()),
            (false, false) => self.json(not_finite(double)),
            (false, true) => self.marked_text(not_finite(double)),
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
        let is_pair = siblings::is_pair(*reader);
        self.inside("[", "]", |inside| {
            let mut before = "";
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
                        let secrecy = inside.secrecy_after(before, is_pair);
                        before = siblings::text(*reader).unwrap_or_default();
                        inside.element(secrecy, |inside| inside.value(key, reader));
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
        let siblings = *reader;
        self.inside_object(&siblings, |inside| {
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
                        inside.member(&key, std::mem::take(&mut is_first), &siblings, |inside| {
                            inside.value(&key, reader);
                        });
                    }
                }
            }
            if missing.is_any() {
                inside.push(if is_first { "" } else { "," });
                inside.truncated(missing);
            }
        });
    }

    /// Looks at the next token inside of a list or an object, and counts missing elements.
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
                inside.member(key, index == 0, &members, |inside| inside.value(key, &mut value.clone()));
            }
        });
    }

    pub(super) fn truncated(&mut self, missing: Missing) {
        self.json(markers::TRUNCATED);
        self.push(":");
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
                Some(Token::List | Token::Object | Token::Sensitive) => open += 1,
                Some(Token::End) => open -= 1,
                Some(_) => {}
                None => break,
            }
        }
        self.json(markers::TOO_DEEP);
    }
}

/// Goes past a key and gives it as text: as the text of its JSON where it is none. `None` at the end.
pub(crate) fn key_text<'a>(reader: &mut Reader<'a>) -> Option<Cow<'a, str>> {
    let mut key = reader.value()?;
    let value = key;
    Some(match key.next()? {
        Token::Text(text) | Token::Placeholder(text) => Cow::Borrowed(text),
        Token::CutText { head, tail, omitted } => Cow::Owned(text::with_mark(head, tail, omitted)),
        Token::Sensitive => Cow::Borrowed(markers::REDACTED),
        Token::Double(number) if !number.is_finite() => Cow::Borrowed(not_finite(number)),
        Token::Float(number) if !number.is_finite() => Cow::Borrowed(not_finite(number.into())),
        Token::BigUnsigned(number) => Cow::Owned(number.to_string()),
        Token::BigSigned(number) => Cow::Owned(number.to_string()),
        _ => {
            let mut json = Vec::new();
            JsonWriter::within(&mut json, &Keep, MAX_KEY_JSON + RESERVED).value("", &mut value.clone());
            Cow::Owned(String::from_utf8(json).unwrap_or_default())
        }
    })
}

/// Bytes of a key that is no text.
const MAX_KEY_JSON: usize = 1 << 10;

/// The elements that were cut off a list or an object, when it was captured or now.
#[derive(Clone, Copy)]
pub(super) enum Missing {
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

/// The next token inside of a list or an object.
enum Step {
    End,
    /// It was a count of elements that were cut off.
    Count,
    /// A value that has no room.
    Pass,
    Show,
}

fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        markers::NOT_A_NUMBER
    } else if value.is_sign_positive() {
        markers::INFINITY
    } else {
        markers::NEGATIVE_INFINITY
    }
}
