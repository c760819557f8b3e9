//! Encodes the calls of a span directly as bytes, because most calls are of spans.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::encoded_call::{EncodedCall, Payloads, Target};
use crate::operation::{SpanFinish, SpanStart};
use crate::payload::byte_arena::ByteArena;
use crate::payload::{self, Payload, Redact};
use crate::platform::clock::Timestamp;
use crate::types::pfid::Pfid;

/// Bytes of a call around its payloads, about.
const AROUND: usize = 512;

/// An id of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SpanId<'a> {
    ClientAssigned(Pfid),
    /// One of the server's that is safe in a path, and so in a JSON text.
    ServerAssigned(&'a str),
}

/// The idempotency key of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdempotencyKey {
    pub(crate) of: Pfid,
    pub(crate) what: &'static str,
    /// How often the same was said in other words before.
    pub(crate) version: u32,
}

/// A start, and the ids in it.
pub(crate) struct Create<'a> {
    pub(crate) instance_id: &'a str,
    /// Without one, the API makes it.
    pub(crate) id: Option<Pfid>,
    pub(crate) parent_id: Option<SpanId<'a>>,
    pub(crate) start: &'a SpanStart,
    /// Makes the state of the span a terminal one.
    pub(crate) finish: Option<&'a SpanFinish>,
    pub(crate) key: IdempotencyKey,
}

/// A JSON object on its way.
struct JsonObject<'a> {
    out: &'a mut Vec<u8>,
    redact: &'a dyn Redact,
}

/// `POST /agent_spans`.
pub(crate) fn create_span(create: &Create<'_>, redact: &dyn Redact, pages: &mut ByteArena) -> EncodedCall {
    let Create { instance_id, id, parent_id, start, finish, key } = create;
    let (mut rest, mut key_at, mut payloads) = (0, 0..0, Payloads::default());
    let result = finish.map_or(0, |finish| finish.result.weight());
    let item = pages.write(AROUND + start.payload.weight() + result, |out| {
        let mut words = JsonObject { out, redact };
        words.push(r#"{"_type":"agent_spans/create","#);
        rest = words.out.len();
        words.push(r#""details":{"#);
        if let Some(id) = *id {
            words.push(r#""id":""#);
            words.id(SpanId::ClientAssigned(id));
            words.push(r#"","#);
        }
        words.push(r#""agent_instance_id":""#);
        words.push(instance_id);
        match *parent_id {
            Some(id) => {
                words.push(r#"","parent_span_id":""#);
                words.id(id);
                words.push(r#"","schema_name":"#);
            }
            None => words.push(r#"","schema_name":"#),
        }
        match &start.schema_name {
            Cow::Borrowed(name) => words.text(name),
            Cow::Owned(name) => words.text(&redact.shape(name, false)),
        }
        words.push(r#","status":""#);
        words.push(finish.map_or(start.status, |finish| finish.status).as_str());
        words.push(r#"","started_at":""#);
        words.time(start.at);
        words.push(r#"","payload":"#);
        let begin = words.out.len();
        payloads.have_marks = words.payload(&start.payload);
        payloads.start = begin..words.out.len();
        if let Some(finish) = finish {
            words.push(r#","finished_at":""#);
            words.time(finish.at);
            words.push("\"");
            words.result(finish, &mut payloads);
        }
        words.sensitive_encoding(payloads.have_marks);
        words.push("}");
        key_at = words.end(*key);
    });
    EncodedCall::of_span(Target::CreateSpan, item, rest, key_at, payloads)
}

/// `POST /agent_spans/{id}/finish`.
pub(crate) fn finish_span(
    id: SpanId<'_>,
    finish: &SpanFinish,
    key: IdempotencyKey,
    redact: &dyn Redact,
    pages: &mut ByteArena,
) -> EncodedCall {
    let (mut id_at, mut rest, mut key_at, mut payloads) = (0..0, 0, 0..0, Payloads::default());
    let item = pages.write(AROUND + finish.result.weight(), |out| {
        let mut words = JsonObject { out, redact };
        words.push(r#"{"_type":"agent_spans/finish","agent_span_id":""#);
        id_at = words.id(id);
        words.push(r#"","#);
        rest = words.out.len();
        words.push(r#""status":""#);
        words.push(finish.status.as_str());
        words.push(r#"","timestamp":""#);
        words.time(finish.at);
        words.push("\"");
        words.result(finish, &mut payloads);
        words.sensitive_encoding(payloads.have_marks);
        key_at = words.end(key);
    });
    EncodedCall::of_span(Target::FinishSpan(id_at), item, rest, key_at, payloads)
}

impl JsonObject<'_> {
    /// JSON of ours, or a text in which nothing needs escaping.
    fn push(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Says where it stands.
    fn id(&mut self, id: SpanId<'_>) -> Range<usize> {
        let begin = self.out.len();
        match id {
            SpanId::ClientAssigned(id) => self.out.extend_from_slice(&id.text()),
            SpanId::ServerAssigned(id) => self.push(id),
        }
        begin..self.out.len()
    }

    fn time(&mut self, time: Timestamp) {
        self.out.extend_from_slice(&time.rfc3339());
    }

    fn text(&mut self, text: &str) {
        payload::write_text(self.out, text);
    }

    /// Whether there are sensitive values in it.
    fn payload(&mut self, payload: &Payload) -> bool {
        payload.render_into(self.out, self.redact)
    }

    /// Says that marks of sensitive values are meant as such.
    fn sensitive_encoding(&mut self, has_marks: bool) {
        if has_marks {
            self.push(r#","sensitive_encoding":true"#);
        }
    }

    /// Nothing is sent for a span without a result: the platform shows `null` then.
    fn result(&mut self, finish: &SpanFinish, payloads: &mut Payloads) {
        if finish.result.is_empty() {
            return;
        }
        self.push(r#","result_payload":"#);
        let begin = self.out.len();
        payloads.have_marks |= self.payload(&finish.result);
        payloads.result = begin..self.out.len();
    }

    /// Ends the object with the key, and says where that stands.
    fn end(mut self, key: IdempotencyKey) -> Range<usize> {
        self.push(r#","idempotency_key":""#);
        let begin = self.out.len();
        self.id(SpanId::ClientAssigned(key.of));
        self.push("-");
        self.push(key.what);
        if key.version > 0 {
            self.push(&format!("-{}", key.version + 1));
        }
        let end = self.out.len();
        self.push("\"}");
        begin..end
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.of, self.what)?;
        if self.version > 0 { write!(formatter, "-{}", self.version + 1) } else { Ok(()) }
    }
}
