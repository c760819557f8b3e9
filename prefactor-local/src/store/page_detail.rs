//! One span for the page's panel.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    page_json::{Json, beginning},
    page_spans::number,
    work::Reader,
};
use crate::{error_response::ErrorResponse, model::AgentSpan, schema::Check};

/// A span with payload and result as JSON text inside of JSON strings: a browser that parsed them would round large
/// numbers and reorder keys.
#[derive(Debug, Serialize)]
pub(crate) struct SpanDetail {
    id: String,
    run: String,
    parent: Option<String>,
    kind: String,
    title: String,
    name: Option<String>,
    summary: Option<String>,
    status: u8,
    start: i64,
    end: Option<i64>,
    payload: String,
    result: Option<String>,
    /// Whether the agent marked values of the payload as sensitive.
    sensitive: bool,
    /// The declaration of this type in the registration, as JSON text.
    schema: Option<String>,
    /// The mismatches of payload and result with their schemas.
    problems: Vec<String>,
}

impl Reader<'_> {
    /// Returns a span with its sensitive values, which the page hides until the user asks for them.
    pub(crate) fn span_detail(&self, id: &str) -> Result<SpanDetail, ErrorResponse> {
        let span = self.span_in_detail(id, false)?;
        let schema = match &span.agent_schema_version_id {
            Some(version) => self.declared(version)?.span_type_schemas.get(&span.schema_name).cloned(),
            None => None,
        };
        let schema = schema.map(|schema| serde_json::to_string(&schema)).transpose()?;
        let checks = span.checks.as_ref();
        let problem = |part, check: Option<&Check>| Some([part, ": ", check?.message.as_deref()?].concat());
        let problems = [
            problem("Payload", checks.and_then(|checks| checks.payload_validation.as_ref())),
            problem("Result", checks.and_then(|checks| checks.result_payload_validation.as_ref())),
        ];
        let AgentSpan { id, agent_instance_id, parent_span_id, schema_name, schema_title, summary, .. } =
            span;
        let payload = text(span.payload);
        let name = Json::read(&payload)
            .get("name")
            .and_then(Json::text)
            .map(|name| beginning(name, 1000).to_owned());
        Ok(SpanDetail {
            id,
            run: agent_instance_id,
            parent: parent_span_id,
            title: schema_title,
            name: name.filter(|name| *name != schema_name),
            summary,
            status: number(span.status),
            start: span.started_at.unwrap_or(span.inserted_at).micros(),
            end: span.finished_at.map(crate::time::Time::micros),
            result: span.result_payload.map(text),
            payload,
            sensitive: span.sensitive_encoding,
            schema,
            problems: problems.into_iter().flatten().collect(),
            kind: schema_name,
        })
    }
}

fn text(json: Box<RawValue>) -> String {
    Box::<str>::from(json).into_string()
}
