//! A span whose payloads are taken apart.

use std::borrow::Cow;

use crate::export::json_members::JsonMembers;
use crate::export::kind;
use crate::export::record::SpanRecord;
use crate::export::typed::Typed;

/// A record with the members of its payloads.
pub(super) struct Parts<'a> {
    pub(super) record: &'a SpanRecord,
    pub(super) payload_json: &'a [u8],
    pub(super) result_json: &'a [u8],
    pub(super) payload: JsonMembers<'a>,
    pub(super) result: JsonMembers<'a>,
    pub(super) typed: Option<Typed>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(record: &'a SpanRecord) -> Self {
        let (payload_json, result_json) = (record.payload.as_bytes(), record.result.as_bytes());
        let (payload, result) = (JsonMembers::of(&record.payload), JsonMembers::of(&record.result));
        let says = |kind: &str| {
            [&result, &payload].iter().any(|of| of.text(&["type"]).is_some_and(|said| said == kind))
        };
        let may_be_typed = result.has("type") || payload.has("type");
        let typed = may_be_typed.then(|| Typed::of(&record.schema_name, says)).flatten();
        Self { record, payload_json, result_json, payload, result, typed }
    }

    /// The input. Only the result holds typed data as it was at the end of the span.
    pub(super) fn asked(&self) -> &JsonMembers<'a> {
        if self.typed.is_some() && self.result.has("type") { &self.result } else { &self.payload }
    }

    /// The model that was asked for, else the one that answered.
    pub(super) fn model(&self) -> Option<Cow<'a, str>> {
        [&self.payload, &self.result].iter().find_map(|of| of.text(&["model", "model_name"]))
    }

    pub(super) fn tool_name(&self, asked: &JsonMembers<'a>) -> Cow<'a, str> {
        let named = asked.text(&["tool_name", "tool"]).or_else(|| function_name(asked));
        named.unwrap_or_else(|| Cow::Borrowed(kind::tool_name(&self.record.schema_name)))
    }
}

/// The name of a tool in typed span data.
pub(super) fn function_name<'a>(data: &JsonMembers<'a>) -> Option<Cow<'a, str>> {
    data.text(&["type"]).filter(|kind| kind == "function").and_then(|_| data.text(&["name"]))
}
