//! The sensitive values of spans, in a table of their own.

use rusqlite::OptionalExtension;
use serde_json::value::RawValue;

use super::work::{Reader, Work};
use crate::{
    error_response::ErrorResponse,
    model::AgentSpan,
    sensitive::{join, split},
};

/// The values that were taken out of the payload and of the result of a span, as JSON arrays.
pub(super) struct Sensitive {
    payload: Option<String>,
    result: Option<String>,
}

impl Sensitive {
    /// Takes the sensitive values out of a new span that declares some.
    pub(super) fn take(
        payload: &mut Box<RawValue>,
        result: &mut Option<Box<RawValue>>,
        is_marked: bool,
    ) -> Result<Self, ErrorResponse> {
        if !is_marked {
            return Ok(Self { payload: None, result: None });
        }
        let taken = split(payload.get());
        *payload = RawValue::from_string(taken.redacted)?;
        let mut text = result.as_ref().map(|result| result.get().to_owned());
        let values = take_from(&mut text);
        *result = text.map(RawValue::from_string).transpose()?;
        Ok(Self { payload: taken.values, result: values })
    }

    /// Takes them out of the result of a finish; `is_marked` is whether the span or its finish declares some.
    pub(super) fn take_result(result: &mut Option<String>, is_marked: bool) -> Self {
        Self { payload: None, result: if is_marked { take_from(result) } else { None } }
    }
}

fn take_from(result: &mut Option<String>) -> Option<String> {
    let taken = split(result.as_ref()?);
    *result = Some(taken.redacted);
    taken.values
}

impl Reader<'_> {
    /// Whether values of a span are stored.
    pub(super) fn has_sensitive(&self, seq: i64) -> Result<bool, ErrorResponse> {
        Ok(self.sql.prepare_cached("SELECT 1 FROM agent_span_sensitive WHERE seq = ?1")?.exists([seq])?)
    }

    /// Returns the span with its sensitive values in their places, except for discarded ones.
    pub(crate) fn unredacted(&self, mut span: AgentSpan) -> Result<AgentSpan, ErrorResponse> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT payload, result_payload FROM agent_span_sensitive WHERE seq = ?1")?;
        let values = statement.query_row([span.seq], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (payload, result): (Option<String>, Option<String>) = values.unwrap_or_default();
        if let Some(values) = payload {
            span.payload = RawValue::from_string(join(span.payload.get(), &values))?;
        }
        if let (Some(values), Some(redacted)) = (result, &span.result_payload) {
            span.result_payload = Some(RawValue::from_string(join(redacted.get(), &values))?);
        }
        Ok(span)
    }
}

impl Work<'_> {
    pub(super) fn keep_sensitive(&self, seq: i64, values: Sensitive) -> Result<(), ErrorResponse> {
        if values.payload.is_none() && values.result.is_none() {
            return Ok(());
        }
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO agent_span_sensitive (seq, payload, result_payload) VALUES (?1, ?2, ?3)
             ON CONFLICT (seq) DO UPDATE SET payload = coalesce(excluded.payload, payload),
                 result_payload = coalesce(excluded.result_payload, result_payload)",
        )?;
        insert.execute((seq, values.payload, values.result))?;
        Ok(())
    }

    /// Deletes the sensitive values of a span for good.
    pub(crate) fn discard_sensitive(&mut self, id: &str) -> Result<AgentSpan, ErrorResponse> {
        let span = self.span(id)?;
        self.sql.prepare_cached("DELETE FROM agent_span_sensitive WHERE seq = ?1")?.execute([span.seq])?;
        self.changed(&span.agent_instance_id, Some(span.seq));
        Ok(span)
    }
}
