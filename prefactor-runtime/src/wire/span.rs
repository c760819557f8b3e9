//! What is said of a span, written straight into its bytes: this is most of what is ever sent.

use std::borrow::Cow;

use crate::id::Pfid;
use crate::operation::{SpanFinish, SpanStart};
use crate::payload::{Payload, Redact};

/// A JSON object on its way.
pub(super) struct Object {
    out: Vec<u8>,
}

/// The body of `POST /agent_spans`.
pub(super) fn create(
    instance_id: &str,
    id: Option<Pfid>,
    parent_id: Option<&str>,
    start: &SpanStart,
    finish: Option<&SpanFinish>,
    key: &str,
    redact: &dyn Redact,
) -> Vec<u8> {
    // A payload grows a little where it is escaped.
    let payloads = start.payload.weight() + finish.map_or(0, |finish| finish.result.weight());
    let mut body = Object::with_capacity(512 + payloads + payloads / 8);
    body.object("details", |details| {
        if let Some(id) = id {
            details.plain("id", &id.to_string());
        }
        details.plain("agent_instance_id", instance_id);
        match parent_id {
            Some(id) => details.plain("parent_span_id", id),
            None => details.null("parent_span_id"),
        }
        match &start.schema_name {
            // Written out in the program.
            Cow::Borrowed(name) => details.text("schema_name", name),
            Cow::Owned(name) => details.text("schema_name", &redact.shape(name, false)),
        }
        details.plain("status", finish.map_or(start.status, |finish| finish.status).as_str());
        details.plain("started_at", &start.at.to_rfc3339());
        details.payload("payload", &start.payload, redact);
        if let Some(finish) = finish {
            details.plain("finished_at", &finish.at.to_rfc3339());
            details.result(finish, redact);
        }
    });
    body.plain("idempotency_key", key);
    body.end()
}

/// The body of `POST /agent_spans/{id}/finish`.
pub(super) fn finish(finish: &SpanFinish, key: &str, redact: &dyn Redact) -> Vec<u8> {
    let payload = finish.result.weight();
    let mut body = Object::with_capacity(256 + payload + payload / 8);
    body.plain("status", finish.status.as_str());
    body.plain("timestamp", &finish.at.to_rfc3339());
    body.result(finish, redact);
    body.plain("idempotency_key", key);
    body.end()
}

impl Object {
    fn with_capacity(bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes);
        out.push(b'{');
        Self { out }
    }

    fn end(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn name(&mut self, name: &'static str) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn object(&mut self, name: &'static str, inside: impl FnOnce(&mut Self)) {
        self.name(name);
        self.out.push(b'{');
        inside(self);
        self.out.push(b'}');
    }

    fn null(&mut self, name: &'static str) {
        self.name(name);
        self.out.extend_from_slice(b"null");
    }

    /// A text of ours in which nothing needs escaping: an id, a key, a time, a word of the API.
    fn plain(&mut self, name: &'static str, text: &str) {
        self.name(name);
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        // Into memory a text can always be written.
        let _ = serde_json::to_writer(&mut self.out, text);
    }

    fn payload(&mut self, name: &'static str, payload: &Payload, redact: &dyn Redact) {
        self.name(name);
        payload.render_into(&mut self.out, redact);
    }

    /// Nothing is sent for a span without a result: the platform shows `null` then.
    fn result(&mut self, finish: &SpanFinish, redact: &dyn Redact) {
        if !finish.result.is_empty() {
            self.payload("result_payload", &finish.result, redact);
        }
    }
}
