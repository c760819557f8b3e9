//! The lines of `docs/json-lines.md`: one for a run, one for a span.

use crate::platform::rfc3339::rfc3339;
use crate::types::pfid::Pfid;

/// A run. Members that hold JSON are texts of it.
#[derive(Debug)]
pub(crate) struct RunLine<'a> {
    pub(crate) id: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) agent_id: Option<&'a str>,
    /// JSON.
    pub(crate) agent_version: &'a [u8],
    /// JSON.
    pub(crate) agent_schema_version: Option<&'a [u8]>,
    pub(crate) purpose: Option<&'a str>,
    pub(crate) external_identifier: Option<&'a str>,
    pub(crate) status: &'a str,
    /// Microseconds since 1970, as all times here.
    pub(crate) started_at: Option<u64>,
    pub(crate) finished_at: Option<u64>,
}

/// A span.
#[derive(Debug)]
pub(crate) struct SpanLine<'a> {
    pub(crate) id: Pfid,
    pub(crate) run: &'a str,
    pub(crate) parent: Option<Pfid>,
    pub(crate) schema_name: &'a str,
    pub(crate) status: &'a str,
    /// A JSON object.
    pub(crate) payload: &'a [u8],
    /// A JSON object.
    pub(crate) result: Option<&'a [u8]>,
    /// Whether a value was marked as sensitive in one of them, where its place is now.
    pub(crate) has_marks: bool,
    pub(crate) started_at: Option<u64>,
    pub(crate) finished_at: Option<u64>,
}

impl RunLine<'_> {
    /// Appends the line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"type":"agent_instance","id":"#);
        text(self.id, out);
        out.extend_from_slice(br#","agent":{"name":"#);
        text(self.agent, out);
        if let Some(id) = self.agent_id {
            out.extend_from_slice(br#","id":"#);
            text(id, out);
        }
        out.extend_from_slice(br#"},"agent_version":"#);
        out.extend_from_slice(self.agent_version);
        if let Some(schema) = self.agent_schema_version {
            out.extend_from_slice(br#","agent_schema_version":"#);
            out.extend_from_slice(schema);
        }
        let texts = [("purpose", self.purpose), ("external_identifier", self.external_identifier)];
        for (name, value) in texts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            member(name, out);
            text(value, out);
        }
        member("status", out);
        text(self.status, out);
        times(self.started_at, self.finished_at, out);
    }
}

impl SpanLine<'_> {
    /// Appends the line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"type":"agent_span","id":""#);
        out.extend_from_slice(&self.id.text());
        out.extend_from_slice(br#"","agent_instance_id":"#);
        text(self.run, out);
        member("parent_span_id", out);
        match self.parent {
            Some(parent) => {
                out.push(b'"');
                out.extend_from_slice(&parent.text());
                out.push(b'"');
            }
            None => out.extend_from_slice(b"null"),
        }
        member("schema_name", out);
        text(self.schema_name, out);
        member("status", out);
        text(self.status, out);
        member("payload", out);
        out.extend_from_slice(self.payload);
        member("result_payload", out);
        out.extend_from_slice(self.result.unwrap_or(b"null"));
        if self.has_marks {
            out.extend_from_slice(br#","sensitive_encoding":true"#);
        }
        times(self.started_at, self.finished_at, out);
    }
}

fn times(started_at: Option<u64>, finished_at: Option<u64>, out: &mut Vec<u8>) {
    for (name, micros) in [("started_at", started_at), ("finished_at", finished_at)] {
        member(name, out);
        match micros {
            Some(micros) => {
                out.push(b'"');
                out.extend_from_slice(&rfc3339(micros));
                out.push(b'"');
            }
            None => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(b"}\n");
}

fn member(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Appends a text as JSON.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, text);
}
