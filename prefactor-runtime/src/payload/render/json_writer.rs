//! Writes JSON text within a budget, and redacts it, for both walkers.

use std::borrow::Cow;
use std::fmt::Display;

use serde::Serialize;

use crate::payload::byte_string;
use crate::payload::json_text::MemberPlaces;
use crate::payload::limits::{MAX_PAYLOAD, MIN_ROOM, RESERVED, nested_limit};
use crate::payload::markers::{CUT_SUFFIX, REDACTED};
use crate::payload::render::escape;
use crate::payload::render::known_texts::KnownTexts;
use crate::payload::render::redact::Redact;
use crate::payload::render::secrecy::Secrecy;
use crate::payload::render::siblings::{self, Siblings};
use crate::payload::text;

/// Deeper than any tape that was written, for those that were not.
const MAX_NESTING: usize = 64;

/// Writes one payload as JSON text, within its budget and redacted.
pub(crate) struct JsonWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where the value that is being written must end.
    limit: usize,
    nesting: usize,
    redact: &'a dyn Redact,
    /// How secret the values are that come next, by the nearest name above them.
    secrecy: Secrecy,
    /// Whether the value that comes next is an element of a list.
    is_element: bool,
    /// Keys that were secrets: their number keeps them apart.
    hidden_keys: usize,
    /// Whether the values that come next are sensitive.
    is_sensitive: bool,
    has_marks: bool,
    /// Where the members of the outermost object are, if somebody asks.
    places: Option<&'a mut MemberPlaces>,
}

impl<'a> JsonWriter<'a> {
    /// Appends to existing text.
    pub(crate) fn new(out: &'a mut Vec<u8>, redact: &'a dyn Redact) -> Self {
        Self::within(out, redact, MAX_PAYLOAD)
    }

    pub(crate) fn within(out: &'a mut Vec<u8>, redact: &'a dyn Redact, budget: usize) -> Self {
        let limit = out.len() + budget.saturating_sub(RESERVED);
        Self {
            out,
            limit,
            nesting: 0,
            redact,
            secrecy: Secrecy::Open,
            is_element: false,
            hidden_keys: 0,
            is_sensitive: false,
            has_marks: false,
            places: None,
        }
    }

    /// Notes where the members of the outermost object are.
    pub(crate) fn noting(mut self, mut places: Option<&'a mut MemberPlaces>) -> Self {
        if let Some(places) = &mut places {
            places.restart(self.out.len());
        }
        self.places = places;
        self
    }

    /// Whether a sensitive value was written.
    pub(crate) fn has_marks(&self) -> bool {
        self.has_marks
    }

    /// Writes a sensitive value: its texts and numbers with the platform's mark.
    pub(crate) fn sensitive(&mut self, value: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.is_sensitive, true);
        value(self);
        self.is_sensitive = outer;
    }

    pub(crate) fn is_sensitive(&self) -> bool {
        self.is_sensitive
    }

    /// A sensitive value of a type that has no mark of its own: as text.
    pub(crate) fn marked_text(&mut self, text: &str) {
        self.marked("string", |writer| writer.bounded(text));
    }

    /// `{"$sensitive": …, "value": …}`, or the placeholder of a secret where sensitive values are not shown.
    fn marked(&mut self, kind: &str, value: impl FnOnce(&mut Self)) {
        self.has_marks = true;
        if !self.redact.shows_sensitive() {
            return self.json(REDACTED);
        }
        self.push(r#"{"$sensitive":""#);
        self.push(kind);
        self.push(r#"","value":"#);
        value(self);
        self.push("}");
    }

    /// A number, which may be a secret by its name.
    pub(crate) fn number<T: Serialize + Display>(&mut self, value: &T) {
        if self.secrecy == Secrecy::Digits || self.is_sensitive {
            return self.digits(&value.to_string());
        }
        self.json(value);
    }

    /// A number as JSON text.
    pub(crate) fn digits(&mut self, digits: &str) {
        if self.is_sensitive && matches!(digits, "true" | "false") {
            return self.marked_text(digits);
        }
        let is_number = digits != "null";
        if is_number && (self.is_sensitive || self.redact.is_number_marked(self.secrecy, digits)) {
            return self.marked("number", |writer| writer.push(digits));
        }
        match self.redact.number(self.secrecy, digits) {
            Some(replacement) => self.json(replacement),
            None => self.push(digits),
        }
    }

    /// A text of the user's: redacted, and no longer than it may be and than there is room.
    pub(crate) fn text(&mut self, key: &str, text: &str, max_length: usize) {
        if self.is_sensitive || self.redact.is_marked(self.secrecy, text) {
            return self.marked_text(&text::kept(text, max_length, usize::MAX).shown());
        }
        if max_length >= text.len() {
            if let Some(known) = self.known_texts(text.len()) {
                let redact = self.redact;
                return known.write(self.out, text, |out| {
                    let shown = redact.text(key, Secrecy::Open, text);
                    escape::write(out, &shown);
                    matches!(shown, Cow::Borrowed(_))
                });
            }
        }
        let text = self.redact.text(key, self.secrecy, text);
        self.bounded(&text::kept(&text, max_length, usize::MAX).shown());
    }

    /// Writes a text, given as its bytes, if it was written before and is the same here.
    pub(crate) fn known_text(&mut self, text: &[u8]) -> bool {
        !self.is_sensitive
            && self.known_texts(text.len()).is_some_and(|known| known.write_known(self.out, text))
    }

    /// The texts that were written before, if one of that length may be written as it was then.
    fn known_texts(&self, length: usize) -> Option<&'a KnownTexts> {
        let may_be_known = self.secrecy == Secrecy::Open && length.saturating_mul(6) <= self.room();
        may_be_known.then(|| self.redact.known_texts()).flatten()
    }

    /// Bytes for the JSON of a text.
    fn room(&self) -> usize {
        nested_limit(self.out.len(), self.limit).saturating_sub(self.out.len())
    }

    /// An object's member of that name, beside others.
    pub(crate) fn member(
        &mut self,
        key: &str,
        is_first: bool,
        siblings: &dyn Siblings,
        value: impl FnOnce(&mut Self),
    ) {
        if !is_first {
            self.push(",");
        }
        let name_begin = self.out.len();
        let secrecy = self.name(key);
        let value_begin = self.out.len();
        let secrecy = self.secrecy_of(key, secrecy, siblings);
        let outer = (std::mem::replace(&mut self.secrecy, secrecy), std::mem::take(&mut self.is_element));
        value(self);
        (self.secrecy, self.is_element) = outer;
        if self.nesting == 1 {
            if let Some(places) = &mut self.places {
                let is_as_it_is = value_begin - name_begin == key.len() + 3;
                if is_as_it_is {
                    places.note(name_begin + 1, value_begin, self.out.len());
                } else {
                    places.give_up();
                }
            }
        }
    }

    /// Writes the name of a member and a colon, and gives the secrecy of that name.
    fn name(&mut self, key: &str) -> Secrecy {
        let known = self.redact.known_names().filter(|_| key.len().saturating_mul(6) <= self.room());
        if let Some(secrecy) = known.and_then(|known| known.write(self.out, key)) {
            return secrecy;
        }
        let begin = self.out.len();
        let mut shown = self.redact.shape(key, false);
        if let Cow::Owned(hidden) = &mut shown {
            self.hidden_keys += 1;
            if self.hidden_keys > 1 {
                hidden.push(' ');
                hidden.push_str(&self.hidden_keys.to_string());
            }
        }
        self.bounded(&shown);
        self.push(":");
        let secrecy = self.redact.secrecy(key);
        if let Some(known) = known {
            known.keep(key, self.out.get(begin..).unwrap_or_default(), secrecy);
        }
        secrecy
    }

    /// How secret the value of a member is: by its own name, or by the one that another member gives to it.
    fn secrecy_of(&self, key: &str, named: Secrecy, siblings: &dyn Siblings) -> Secrecy {
        let secrecy = named.within(self.secrecy);
        if matches!(secrecy, Secrecy::Open | Secrecy::DoubtfulAll) && siblings::is_value(key) {
            return siblings.name().map_or(secrecy, |name| match self.redact.secrecy(&name) {
                // The value may be an object, whose names say only its type.
                Secrecy::Doubtful | Secrecy::DoubtfulId => Secrecy::DoubtfulAll,
                named => named.within(secrecy),
            });
        }
        if secrecy == Secrecy::Doubtful && siblings.is_piece_of_text() {
            return Secrecy::Open;
        }
        secrecy
    }

    /// How secret an element of a list is after another: the value of an option, or of a name.
    pub(crate) fn secrecy_after(&self, before: &str, is_pair: bool) -> Option<Secrecy> {
        let is_option = before.starts_with('-');
        if !is_option && !is_pair {
            return None;
        }
        match self.redact.secrecy(before) {
            Secrecy::Open | Secrecy::Allowed => None,
            // A list of two names looks the same as a name and its value, unless it is in a list of pairs.
            Secrecy::Secret if !is_option && !self.is_element => Some(Secrecy::Doubtful),
            secrecy => Some(secrecy),
        }
    }

    /// Writes an element of a list, of that secrecy where the element before says so.
    pub(crate) fn element(&mut self, secrecy: Option<Secrecy>, write: impl FnOnce(&mut Self)) {
        let outer = (self.secrecy, self.is_element);
        (self.secrecy, self.is_element) = (secrecy.unwrap_or(self.secrecy), true);
        write(self);
        (self.secrecy, self.is_element) = outer;
    }

    /// Writes the members of an object under a name, unless the object describes a value instead of giving it.
    pub(crate) fn inside_object(&mut self, siblings: &dyn Siblings, inside: impl FnOnce(&mut Self)) {
        let outer = self.secrecy;
        self.secrecy = outer.of_object();
        if self.secrecy == Secrecy::Secret && siblings.is_schema() {
            self.secrecy = Secrecy::Open;
        }
        self.inside("{", "}", inside);
        self.secrecy = outer;
    }

    pub(crate) fn has_room(&self) -> bool {
        self.limit.saturating_sub(self.out.len()) >= MIN_ROOM
    }

    /// Writes the inside of an object or a list, with less room than outside.
    pub(crate) fn inside(&mut self, open: &str, close: &str, inside: impl FnOnce(&mut Self)) {
        let limit = self.limit;
        self.limit = nested_limit(self.out.len(), limit);
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

    /// A text, as far as there is room for it.
    fn bounded(&mut self, text: &str) {
        let room = self.room();
        let kept = if text.len().saturating_mul(6) <= room { text } else { head_of_json(text, room) };
        escape::write(self.out, kept);
        if kept.len() < text.len() {
            self.out.pop();
            self.push(CUT_SUFFIX);
            self.push("\"");
        }
    }

    pub(crate) fn byte_string(&mut self, len: u64, hash: u64, bytes: &[u8]) {
        if self.is_sensitive {
            // A byte string has no marks, and its head is a part of the value.
            return self.json(REDACTED);
        }
        let head = bytes.get(..byte_string::HEAD).unwrap_or(bytes);
        match self.hidden(len, head) {
            Some(text) => self.bounded(&text),
            None => self.push(&byte_string::json(len, hash, head)),
        }
    }

    /// The shown form of bytes that are the text of a secret.
    pub(crate) fn hidden(&self, len: u64, bytes: &[u8]) -> Option<String> {
        let text = bytes.utf8_chunks().next()?.valid();
        match self.redact.shape(text, (text.len() as u64) < len) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
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
