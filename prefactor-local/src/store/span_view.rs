//! The parts of a span that are shown and not stored: summary, risk, checks against its schemas.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    list::{Filter, Page, Pagination, Sorted},
    work::Reader,
};
use crate::{
    error_response::ErrorResponse,
    model::{AgentSpan, SpanChecks},
    schema::{Ruleset, SpanType, check, render},
};

/// The parts that a list of spans should have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Include {
    pub(crate) summaries: bool,
    pub(crate) risk_level: bool,
}

impl Reader<'_> {
    /// Returns a page of spans, with the requested parts.
    pub(crate) fn spans_with(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
        include: Include,
    ) -> Result<(Vec<AgentSpan>, Pagination), ErrorResponse> {
        let (mut spans, pagination) = self.spans(filter, sorted, page)?;
        let mut rules: HashMap<String, Option<Ruleset>> = HashMap::new();
        for span in &mut spans {
            if include.risk_level && !rules.contains_key(&span.agent_id) {
                rules.insert(span.agent_id.clone(), self.ruleset(&span.agent_id)?);
            }
            let rules = rules.get(&span.agent_id).and_then(Option::as_ref).filter(|_| include.risk_level);
            self.decorate(span, rules, include.summaries)?;
        }
        Ok((spans, pagination))
    }

    /// Returns the spans of a run, oldest first, with their summaries.
    pub(crate) fn all_spans(&self, instance: &str) -> Result<Vec<AgentSpan>, ErrorResponse> {
        let mut spans = self.spans_of(instance)?;
        for span in &mut spans {
            self.decorate(span, None, true)?;
        }
        Ok(spans)
    }

    /// Returns one span with all its parts.
    pub(crate) fn span_in_detail(&self, id: &str, redacted: bool) -> Result<AgentSpan, ErrorResponse> {
        let mut span = self.span(id)?;
        let rules = self.ruleset(&span.agent_id)?;
        let declared = self.decorate(&mut span, rules.as_ref(), true)?;
        span = if redacted { span } else { self.unredacted(span)? };
        let unmarked = self.unmarked(&span)?;
        span.checks = Some(match (declared, unmarked) {
            (Some(declared), Some(payloads)) => checks(&declared, &payloads),
            _ => SpanChecks { payload_validation: None, result_payload_validation: None },
        });
        Ok(span)
    }

    /// Adds the parts that the span's type declares; returns the type, if it was declared.
    fn decorate(
        &self,
        span: &mut AgentSpan,
        rules: Option<&Ruleset>,
        with_summary: bool,
    ) -> Result<Option<SpanType>, ErrorResponse> {
        let Some(schema) = &span.agent_schema_version_id else { return Ok(None) };
        let declared = self.declared(schema)?;
        let Some(declared) = declared.span_type_schemas.get(&span.schema_name) else { return Ok(None) };
        span.data_risk = Some(declared.data_risk.clone());
        if let Some(rules) = rules {
            let (level, score) = rules.span(&declared.data_risk);
            (span.risk_level, span.risk_score) = (Some(level), Some(score));
        }
        if with_summary && let Some(template) = &declared.template {
            let payload: Value = serde_json::from_str(span.payload.get()).unwrap_or_default();
            let result =
                span.result_payload.as_ref().and_then(|result| serde_json::from_str(result.get()).ok());
            span.summary = render(template, &payload, result.as_ref());
        }
        Ok(Some(declared.clone()))
    }

    /// Returns the payloads without marks, since a mark is an object where the schema may ask for text. `None` once the
    /// values are discarded.
    fn unmarked(&self, span: &AgentSpan) -> Result<Option<(Value, Option<Value>)>, ErrorResponse> {
        let mut whole = span.clone();
        if span.sensitive_encoding {
            if !self.has_sensitive(span.seq)? && span.payload.get().contains("\"$sensitive\"") {
                return Ok(None);
            }
            whole = self.unredacted(whole)?;
        }
        let read = |json: &str| serde_json::from_str(json).map(without_marks).unwrap_or_default();
        Ok(Some((read(whole.payload.get()), whole.result_payload.as_ref().map(|result| read(result.get())))))
    }
}

fn checks(declared: &SpanType, (payload, result): &(Value, Option<Value>)) -> SpanChecks {
    SpanChecks {
        payload_validation: Some(check(&declared.params_schema, payload)),
        result_payload_validation: result.as_ref().map(|result| check(&declared.result_schema, result)),
    }
}

fn without_marks(value: Value) -> Value {
    match value {
        Value::Object(mut members) if members.contains_key("$sensitive") => {
            members.remove("value").unwrap_or_default()
        }
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, without_marks(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_marks).collect(),
        other => other,
    }
}
