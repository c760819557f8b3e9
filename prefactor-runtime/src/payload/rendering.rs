//! Payloads as JSON text, redacted.

#[cfg(test)]
use serde_json::value::RawValue;

use crate::payload::byte_arena::ByteArena;
use crate::payload::json_text::{JsonText, MemberPlaces};
use crate::payload::object::Payload;
use crate::payload::render::arguments::Arguments;
use crate::payload::render::json_writer::JsonWriter;
#[cfg(test)]
use crate::payload::render::redact::Keep;
use crate::payload::render::redact::Redact;
use crate::payload::tape::{RENDERED_HEAD, Reader, rendered, rendered_has_marks, rendered_head, tag};

impl Payload {
    /// Renders the payload, redacted. Where it `is_sent` too, whoever renders it later copies this text: records and requests
    /// share one rendering, unless there is something in it that only one of them may show.
    pub(crate) fn render_once(
        &mut self,
        redact: &dyn Redact,
        is_sent: bool,
        arena: &mut ByteArena,
        places: &mut MemberPlaces,
    ) -> JsonText {
        if self.is_empty() {
            return JsonText::default();
        }
        if let Some((json, [])) = rendered(&self.tape) {
            return JsonText::new(self.tape.slice_ref(json));
        }
        let (mut has_marks, mut places_len) = (false, 0);
        let tape = arena.write(self.tape.len(), |tape| {
            places.restart(0);
            has_marks = self.render_tape_into(tape, redact, places);
            tape.extend_from_slice(places.noted());
            places_len = places.noted().len();
        });
        if is_sent && !has_marks && redact.is_as_sent() {
            self.tape = tape.slice(..tape.len() - places_len);
        }
        JsonText::with_places(tape, RENDERED_HEAD, places_len)
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
    fn render_tape_into(&self, tape: &mut Vec<u8>, redact: &dyn Redact, places: &mut MemberPlaces) -> bool {
        tape.extend([0; RENDERED_HEAD]);
        let has_marks = self.render_noting(tape, redact, Some(places));
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
        self.render_noting(out, redact, None)
    }

    /// As [`Payload::render_into`], and notes where the members are.
    fn render_noting(
        &self,
        out: &mut Vec<u8>,
        redact: &dyn Redact,
        mut places: Option<&mut MemberPlaces>,
    ) -> bool {
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
            let mut renderer = JsonWriter::new(out, redact).noting(places.as_deref_mut());
            if renderer.arguments(arguments) {
                return renderer.has_marks();
            }
            out.truncate(begin);
        }
        let mut renderer = JsonWriter::new(out, redact).noting(places);
        match (reader.value(), reader.tag()) {
            (Some(object), None) if object.tag() == Some(tag::OBJECT) => {
                renderer.value("", &mut object.clone());
            }
            _ => renderer.members(&self.members()),
        }
        renderer.has_marks()
    }
}
