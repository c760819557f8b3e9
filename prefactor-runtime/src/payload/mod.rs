//! The payload of a span: captured values on their way to the worker.
//!
//! [`Payload`] is opaque. Callers put values in and the worker takes JSON text out. In between it is a [`tape`], a form
//! that is cheap to write: [`capture`] writes it into a buffer of the thread, and [`render`] turns it into JSON. Nothing
//! outside of this folder knows the tape.

mod argument_names;
pub(crate) mod byte_arena;
mod byte_string;
mod capture;
mod item_list;
mod limits;
pub(crate) mod markers;
mod render;
mod tape;
mod text;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

use bytes::{Buf as _, Bytes};
use serde::Serialize;
use serde_json::value::RawValue;

pub use capture::argument::{
    argument, put_computed, put_debug, put_display, put_redacted, put_sensitive, value,
};
pub use capture::value::{debug, display, require_capture};

pub(crate) use capture::argument::{close_call, open_call};
pub(crate) use capture::lock;
pub(crate) use capture::value::{Captured, serialize, with_output_scope};
pub(crate) use item_list::ItemList;
pub(crate) use limits::{CaptureLimits, SideLimits};

use crate::payload::byte_arena::ByteArena;
use crate::platform::suppression::suppress;
use capture::recorder;
use capture::writer::Writer;
use limits::MAX_KEY_LENGTH;
use render::arguments::Arguments;
pub(crate) use render::escape::write as write_text;
use render::json_writer::JsonWriter;
pub(crate) use render::known_texts::KnownTexts;
#[cfg(test)]
use render::redact::Keep;
pub(crate) use render::redact::{Redact, Secrecy, WithoutSensitive};
use render::tape_renderer::key_text;
use tape::{
    RENDERED_HEAD, Reader, Token, UNKNOWN, one_value, rendered, rendered_has_marks, rendered_head, tag,
};
use text::{Form, Formatted};

/// Bytes of payloads that share a buffer on their way to the worker, unless a single one is longer.
pub(crate) const MAX_SHARED: usize = 128 << 10;

/// A JSON object that is not rendered yet. Later members replace earlier ones of the same name.
#[derive(Clone, Default)]
pub(crate) struct Payload {
    /// Arguments and values. The members of an object are the payload's own; any other value is a member under the name after it,
    /// or `result`.
    tape: Bytes,
}

impl Payload {
    /// Captures a value: an object as it is, `null` as nothing, anything else as `{"result": value}`.
    pub(crate) fn of<T: Serialize + ?Sized>(side: SideLimits, value: &T) -> Self {
        Self::lend(side, value, Self::copy_of)
    }

    /// As [`Payload::of`], and lends out the tape instead of keeping it.
    pub(crate) fn lend<T: Serialize + ?Sized, R>(
        side: SideLimits,
        value: &T,
        lend: impl FnOnce(&[u8]) -> R,
    ) -> R {
        record(side, |writer| writer.value(value), |tape| lend(one_value(tape)))
    }

    /// Captures members one by one.
    pub(crate) fn of_members(side: SideLimits, members: impl FnOnce(&mut Members<'_>)) -> Self {
        record(side, |writer| members(&mut Members { writer }), Self::copy_of)
    }

    /// Adds one member.
    pub(crate) fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        self.merge(Self::of_members(SideLimits::default(), |members| members.insert(key, value)));
    }

    /// Adds the members of another payload, which replace those of the same name.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.is_empty() {
            self.tape = other.tape;
        } else if !other.is_empty() {
            self.tape = [&*self.tape, &*other.tape].concat().into();
        }
    }

    /// Adds the facts of a run as the member `metadata`, or as `run` to a payload that has a `metadata` of its own.
    pub(crate) fn add_facts(&mut self, facts: &Self) {
        if !facts.is_empty() {
            let name = if self.has_member("metadata") { "run" } else { "metadata" };
            let members =
                Self::of_members(SideLimits::default(), |members| members.insert_payload(name, facts));
            self.merge(members);
        }
    }

    /// Adds members, and keeps those that have their names already under the name with `_returned` added.
    pub(crate) fn set(&mut self, own: Self) {
        let displaced = Self::of_members(SideLimits::default(), |members| {
            let own = own.members();
            for (name, value) in self.members() {
                if own.iter().any(|(set, new)| *set == name && new.rest() != value.rest()) {
                    members.insert_tape(&format!("{name}_returned"), value.rest());
                }
            }
        });
        self.merge(displaced);
        self.merge(own);
    }

    /// Adds a member of another payload, unless there is one of that name.
    pub(crate) fn copy_member(&mut self, other: &Self, name: &str) {
        if let Some((json, _)) = rendered(&other.tape) {
            let members = serde_json::from_slice::<BTreeMap<String, &RawValue>>(json).unwrap_or_default();
            if let Some(value) = members.get(name).filter(|_| !self.has_member(name)) {
                self.insert(name, value);
            }
        } else if !self.has_member(name) {
            let members = other.members();
            if let Some((_, value)) = members.iter().find(|(member, _)| member == name) {
                let copy = Self::of_members(SideLimits::default(), |members| {
                    members.insert_tape(name, value.rest());
                });
                self.merge(copy);
            }
        }
    }

    pub(crate) fn has_member(&self, name: &str) -> bool {
        if let Some((json, _)) = rendered(&self.tape) {
            let members = serde_json::from_slice::<BTreeMap<String, &RawValue>>(json);
            return members.is_ok_and(|members| members.contains_key(name));
        }
        self.members().iter().any(|(member, _)| member == name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tape.is_empty()
    }

    /// The weight of the payload in the queue, in bytes.
    pub(crate) fn weight(&self) -> usize {
        Self::weight_of(self.tape.len())
    }

    /// The weight of a payload with a tape of this length.
    pub(crate) const fn weight_of(bytes: usize) -> usize {
        size_of::<Self>() + bytes
    }

    pub(crate) const fn from_tape(tape: Bytes) -> Self {
        Self { tape }
    }

    pub(crate) fn copy_of(tape: &[u8]) -> Self {
        Self { tape: Bytes::copy_from_slice(tape) }
    }

    pub(crate) fn tape(&self) -> &[u8] {
        &self.tape
    }

    /// Renders the payload, redacted. Where it `is_sent` too, whoever renders it later copies this text: records and requests
    /// share one rendering, unless there is something in it that only one of them may show.
    pub(crate) fn render_once(&mut self, redact: &dyn Redact, is_sent: bool, arena: &mut ByteArena) -> Bytes {
        if self.is_empty() {
            return Bytes::from_static(b"{}");
        }
        if let Some((json, [])) = rendered(&self.tape) {
            return self.tape.slice_ref(json);
        }
        let mut has_marks = false;
        let mut json = arena.write(self.tape.len(), |tape| has_marks = self.render_tape_into(tape, redact));
        if is_sent && !has_marks && redact.is_as_sent() {
            self.tape = json.clone();
        }
        json.advance(RENDERED_HEAD);
        json
    }

    /// Renders the payload for good, redacted as it is sent, with the marks of sensitive values in it, and writes the text. To be
    /// called after records were made of it. Whether there are marks in it.
    #[cfg(feature = "spool")]
    pub(crate) fn render_as_sent(
        &mut self,
        out: &mut Vec<u8>,
        redact: &dyn Redact,
        arena: &mut ByteArena,
    ) -> bool {
        if self.is_empty() || matches!(rendered(&self.tape), Some((_, []))) {
            out.extend_from_slice(self.rendered_json());
            return self.rendered_has_marks();
        }
        let begin = out.len();
        let has_marks = self.render_into(out, redact);
        let json = out.get(begin..).unwrap_or_default();
        self.tape = arena.join(&rendered_head(json.len(), has_marks), json);
        has_marks
    }

    /// Writes the tape of a payload that is rendered, and says whether it has marks.
    fn render_tape_into(&self, tape: &mut Vec<u8>, redact: &dyn Redact) -> bool {
        tape.extend([0; RENDERED_HEAD]);
        let has_marks = self.render_into(tape, redact);
        let head = rendered_head(tape.len() - RENDERED_HEAD, has_marks);
        tape[..RENDERED_HEAD].copy_from_slice(&head);
        has_marks
    }

    /// A payload that is JSON text already, and an object, with marks of sensitive values or without. It is sent as it is.
    pub(crate) fn of_rendered(json: &[u8], has_marks: bool) -> Self {
        if matches!(json, [] | b"{}") {
            return Self::default();
        }
        Self { tape: [&rendered_head(json.len(), has_marks), json].concat().into() }
    }

    /// Whether there are marks of sensitive values in a payload that was rendered for good.
    pub(crate) fn rendered_has_marks(&self) -> bool {
        rendered_has_marks(&self.tape)
    }

    /// The JSON text of a payload that was rendered for good, and nothing of another.
    #[cfg(feature = "spool")]
    pub(crate) fn rendered_json(&self) -> &[u8] {
        rendered(&self.tape).map(|(json, _)| json).unwrap_or_default()
    }

    fn is_rendered(&self) -> bool {
        self.tape.first() == Some(&tag::RENDERED)
    }

    /// Copies a payload out of the buffer that it shares with others: one that stays would keep all of that.
    pub(crate) fn detach(&mut self) {
        if !self.is_rendered() && self.tape.len() <= MAX_SHARED {
            self.tape = Bytes::copy_from_slice(&self.tape);
        }
    }

    /// The JSON object as it was captured.
    #[cfg(test)]
    pub(crate) fn render(&self) -> Box<RawValue> {
        self.render_with(&Keep)
    }

    /// The JSON object, redacted.
    #[cfg(test)]
    pub(crate) fn render_with(&self, redact: &dyn Redact) -> Box<RawValue> {
        let mut json = Vec::new();
        self.render_into(&mut json, redact);
        RawValue::from_string(String::from_utf8(json).unwrap()).unwrap()
    }

    /// Writes the JSON object, redacted. It is JSON also where the tape is corrupt. Whether there are marks of sensitive values
    /// in it.
    pub(crate) fn render_into(&self, out: &mut Vec<u8>, redact: &dyn Redact) -> bool {
        if let Some((json, added)) = rendered(&self.tape) {
            out.extend_from_slice(json);
            let mut has_marks = self.rendered_has_marks();
            if !added.is_empty() {
                out.pop();
                let begin = out.len();
                has_marks |= Self::copy_of(added).render_into(out, redact);
                // Joins two objects into one: readers of JSON take the later of two equal names.
                out[begin] = if json == b"{}" { b' ' } else { b',' };
            }
            return has_marks;
        }
        let begin = out.len();
        let mut reader = Reader::new(&self.tape);
        if let Some(arguments) = Arguments::at(reader) {
            let mut renderer = JsonWriter::new(out, redact);
            if renderer.arguments(arguments) {
                return renderer.has_marks();
            }
            out.truncate(begin);
        }
        let mut renderer = JsonWriter::new(out, redact);
        match (reader.value(), reader.tag()) {
            (Some(object), None) if object.tag() == Some(tag::OBJECT) => {
                renderer.value("", &mut object.clone());
            }
            _ => renderer.members(&self.members()),
        }
        renderer.has_marks()
    }

    /// Names and values, each name once.
    fn members(&self) -> Vec<(Cow<'_, str>, Reader<'_>)> {
        let mut members = Vec::new();
        let mut reader = Reader::new(&self.tape);
        while let Some(next) = reader.tag() {
            if next == tag::ARGUMENTS {
                let named = reader.arguments(|name, value| {
                    set(&mut members, Cow::Borrowed(text::head(name, MAX_KEY_LENGTH, usize::MAX)), value);
                });
                if named.is_none() {
                    break;
                }
                continue;
            }
            let Some(mut value) = reader.value() else { break };
            if reader.tag() == Some(tag::NAME) {
                if let Some(Token::Name(name)) = reader.next() {
                    set(&mut members, Cow::Borrowed(name), value);
                }
            } else if value.tag() == Some(tag::OBJECT) {
                value.next();
                while let Some((key, value)) = key_text(&mut value).zip(value.value()) {
                    set(&mut members, key, value);
                }
            } else {
                set(&mut members, Cow::Borrowed("result"), value);
            }
        }
        members
    }
}

fn set<'a>(members: &mut Vec<(Cow<'a, str>, Reader<'a>)>, key: Cow<'a, str>, value: Reader<'a>) {
    match members.iter_mut().find(|(present, _)| *present == key) {
        Some(member) => member.1 = value,
        None => members.push((key, value)),
    }
}

impl Captured {
    /// The value as a payload: an object as it is, any other value as `result`. Called before anything else is captured.
    pub(crate) fn into_payload(self) -> Payload {
        self.with_tape(Payload::copy_of)
    }
}

impl Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are the user's data, which must not get into logs.
        formatter.debug_struct("Payload").field("bytes", &self.tape.len()).finish_non_exhaustive()
    }
}

/// The members of a payload that is being captured.
pub(crate) struct Members<'a> {
    writer: &'a mut Writer,
}

impl Members<'_> {
    /// Adds one member.
    pub(crate) fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        self.writer.value(value);
        self.writer.name(key);
    }

    /// Adds one member, a value that was captured before.
    fn insert_tape(&mut self, key: &str, value: &[u8]) {
        self.writer.buffer.extend_from_slice(value);
        self.writer.name(key);
    }

    /// Adds one member, an object that was captured before.
    pub(crate) fn insert_payload(&mut self, key: &str, payload: &Payload) {
        self.writer.object(payload.members().into_iter().map(|(key, value)| (key, value.rest())));
        self.writer.name(key);
    }
}

impl ItemList {
    /// The list as a member of that name. Empty without items.
    pub(crate) fn to_member(&self, name: &str) -> Payload {
        if self.count == 0 {
            return Payload::default();
        }
        let left_out = Some(self.left_out).filter(|left_out| *left_out > 0);
        Payload::of_members(SideLimits::default(), |members| members.insert_list(name, &self.tape, left_out))
    }

    /// The member `output`: one text if all items are texts, else a list. Empty without items.
    pub(crate) fn to_payload(&self, side: SideLimits) -> Payload {
        if self.count == 0 {
            return Payload::default();
        }
        match self.joined() {
            Some(text) => Payload::of_members(side, |members| members.insert("output", &text)),
            None => Payload::of_members(side, |members| {
                let left_out = Some(self.left_out).filter(|left_out| *left_out > 0);
                members.insert_list("output", &self.tape, left_out);
            }),
        }
    }
}

impl Members<'_> {
    /// Adds one member, a list of values that were captured before.
    fn insert_list(&mut self, key: &str, values: &[u8], left_out: Option<u64>) {
        self.writer.tag(tag::LIST);
        self.writer.buffer.extend_from_slice(values);
        if let Some(left_out) = left_out {
            self.writer.number(tag::CUT, left_out.min(UNKNOWN - 1).to_le_bytes());
        }
        self.writer.tag(tag::END);
        self.writer.name(key);
    }
}

/// Captures while spans are suppressed, and lends the tape to `lend`.
fn record<R>(side: SideLimits, write: impl FnOnce(&mut Writer), lend: impl FnOnce(&[u8]) -> R) -> R {
    let mut write = Some(write);
    let write = |writer: &mut Writer| {
        let _ = suppress(&mut || {
            if let Some(write) = write.take() {
                write(writer);
            }
        });
    };
    recorder::record(side, write, lend)
}

/// The `Debug` text of a value, or a placeholder. Empty where no values are captured.
pub(crate) fn debug_text<T: Debug + ?Sized>(value: &T) -> String {
    text_of(Form::Debug, format_args!("{value:?}"))
}

/// The `Display` text of a value, or a placeholder. Empty where no values are captured.
pub(crate) fn display_text<T: Display + ?Sized>(value: &T) -> String {
    text_of(Form::Display, format_args!("{value}"))
}

fn text_of(form: Form, arguments: fmt::Arguments<'_>) -> String {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let side = recorder::side();
    let mut text = Vec::new();
    if !side.is_captured {
        return String::new();
    }
    let formatted = catch_unwind(AssertUnwindSafe(|| {
        text::format(&mut text, form, arguments, side.max_length, limits::MAX_PAYLOAD)
    }));
    let text = String::from_utf8(text).unwrap_or_default();
    match formatted {
        Ok(Formatted::Whole) => text,
        Ok(Formatted::Cut { head, omitted }) => {
            let (head, tail) = text.split_at_checked(head).unwrap_or((&text, ""));
            text::with_mark(head, tail, omitted)
        }
        Ok(Formatted::Failed) => markers::FAILED.into(),
        Err(_) => markers::PANICKED.into(),
    }
}
