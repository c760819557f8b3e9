//! What is said of a span.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::id::Pfid;
use crate::operation::{SpanFinish, SpanStart};
use crate::payload::Redact;

pub(super) struct Create<'a> {
    pub(super) details: Details<'a>,
    pub(super) key: &'a str,
}

impl Serialize for Create<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("details", &self.details)?;
        map.serialize_entry("idempotency_key", self.key)?;
        map.end()
    }
}

pub(super) struct Details<'a> {
    pub(super) instance_id: &'a str,
    pub(super) id: Option<Pfid>,
    pub(super) parent_id: Option<&'a str>,
    pub(super) start: &'a SpanStart,
    pub(super) finish: Option<&'a SpanFinish>,
    pub(super) redact: &'a dyn Redact,
}

impl Serialize for Details<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let status = self.finish.map_or(self.start.status, |finish| finish.status);
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = self.id {
            map.serialize_entry("id", &id.to_string())?;
        }
        map.serialize_entry("agent_instance_id", self.instance_id)?;
        map.serialize_entry("parent_span_id", &self.parent_id)?;
        map.serialize_entry("schema_name", &self.start.schema_name)?;
        map.serialize_entry("status", status.as_str())?;
        map.serialize_entry("started_at", &self.start.at.to_rfc3339())?;
        map.serialize_entry("payload", &self.start.payload.render_with(self.redact))?;
        if let Some(finish) = self.finish {
            map.serialize_entry("finished_at", &finish.at.to_rfc3339())?;
            serialize_result::<S>(&mut map, finish, self.redact)?;
        }
        map.end()
    }
}

pub(super) struct End<'a> {
    pub(super) finish: &'a SpanFinish,
    pub(super) key: &'a str,
    pub(super) redact: &'a dyn Redact,
}

impl Serialize for End<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.finish.status.as_str())?;
        map.serialize_entry("timestamp", &self.finish.at.to_rfc3339())?;
        serialize_result::<S>(&mut map, self.finish, self.redact)?;
        map.serialize_entry("idempotency_key", self.key)?;
        map.end()
    }
}

/// Nothing is sent for a span without a result: the platform shows `null` then.
fn serialize_result<S: Serializer>(
    map: &mut S::SerializeMap,
    finish: &SpanFinish,
    redact: &dyn Redact,
) -> Result<(), S::Error> {
    if finish.result.is_empty() {
        return Ok(());
    }
    map.serialize_entry("result_payload", &finish.result.render_with(redact))
}
