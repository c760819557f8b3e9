//! `/alerts`: alerts that agents raise about their runs.

use super::{
    call::{Call, Lookup},
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    store::{AlertEnd, Effect, Filter, NewAlert, Rows},
};

const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

pub(super) fn raise(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (body, mut errors) = (call.body, Errors::default());
    let severity = body.word("severity", severity, &mut errors);
    if severity.is_none() {
        body.required_text("severity", &mut errors);
    }
    let new = NewAlert {
        agent_instance_id: body.required_text("agent_instance_id", &mut errors),
        name: body.required_text("name", &mut errors),
        severity: severity.unwrap_or("info"),
        payload: body.object("payload", &mut errors).unwrap_or("{}").to_owned(),
        payload_sensitive_encoding: body.flag("payload_sensitive_encoding", &mut errors).unwrap_or(false),
        raised_at: body.time("raised_at", &mut errors),
    };
    let key = body.idempotency_key(&mut errors);
    let request = call.request("alerts/raise", key, errors)?;
    Ok(Effect::new(request, move |work| envelope::details(&work.raise_alert(&new)?)))
}

pub(super) fn clear(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (body, mut errors) = (call.body, Errors::default());
    let instance = body.required_text("agent_instance_id", &mut errors);
    let name = body.required_text("name", &mut errors);
    let end = AlertEnd {
        severity: body.word("severity", severity, &mut errors),
        payload: body.object("payload", &mut errors).map(str::to_owned),
        payload_sensitive_encoding: body.flag("payload_sensitive_encoding", &mut errors).unwrap_or(false),
        cleared_at: body.time("cleared_at", &mut errors),
    };
    let key = body.idempotency_key(&mut errors);
    let request = call.request("alerts/clear", key, errors)?;
    Ok(Effect::new(request, move |work| envelope::details(&work.clear_alert(&instance, &name, &end)?)))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.alert(&id)?))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::ALERTS)?);
    let filter = filter(query)?;
    Ok(Lookup::new(move |reader| envelope::list(&reader.alerts(filter, sorted, page)?, &sorted)))
}

/// Counts the raised alerts. The answer has no `details`, as the open dashboard reads it.
pub(super) fn count(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let filter = filter(query)?;
    Ok(Lookup::new(move |reader| {
        let count = reader.count_raised_alerts(filter)?.to_string();
        Ok([r#"{"count":"#, &count, r#","status":"success"}"#].concat())
    }))
}

fn filter(query: &Query) -> Result<Filter, ErrorResponse> {
    Ok(Filter::default()
        .and("l.agent_instance_id = ?", query.filter("agent_instance_id"))
        .and("i.agent_id = ?", query.filter("agent_id"))
        .and("d.environment_id = ?", query.filter("environment_id"))
        .and("l.status = ?", query.filter("status"))
        .and("l.severity = ?", query.filter("severity"))
        .and("l.name = ?", query.filter("name"))
        .and("coalesce(l.cleared_at, 9223372036854775807) >= ?", query.time("active_during[start_at]")?)
        .and("l.raised_at <= ?", query.time("active_during[finish_at]")?))
}

fn severity(word: &str) -> Option<&'static str> {
    SEVERITIES.into_iter().find(|severity| *severity == word)
}
