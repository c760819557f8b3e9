//! `/agent_spans`: the steps of runs.

use super::{
    call::{Call, Lookup},
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    model::Status,
    store::{Effect, Filter, Include, NewSpan, Rows, SpanEnd},
};

pub(super) fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    create_from(call, &call.details()?)
}

/// Reads an item of a bulk request, whose fields may also stand beside its type.
pub(super) fn create_item(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    match call.body.inner("details")? {
        Some(details) => create_from(call, &details),
        None => create_from(call, call.body),
    }
}

fn create_from(call: &Call<'_>, details: &Fields<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let status = details.word("status", Status::for_span, &mut errors);
    if status.is_none() {
        details.required_text("status", &mut errors);
    }
    let new = NewSpan {
        id: details.text("id", &mut errors),
        agent_instance_id: details.required_text("agent_instance_id", &mut errors),
        parent_span_id: details.text("parent_span_id", &mut errors),
        schema_name: details.required_text("schema_name", &mut errors),
        status: status.unwrap_or(Status::Active),
        payload: details.raw_object("payload", &mut errors).map(ToOwned::to_owned),
        result_payload: details.raw_object("result_payload", &mut errors).map(ToOwned::to_owned),
        sensitive_encoding: details.flag("sensitive_encoding", &mut errors).unwrap_or(false),
        started_at: details.time("started_at", &mut errors),
        finished_at: details.time("finished_at", &mut errors),
    };
    // Official clients send the key in different places, so each place counts.
    let outer = call.body.idempotency_key(&mut errors);
    let key = outer.or_else(|| details.idempotency_key(&mut errors));
    let request = call.request("agent_spans", key, errors)?;
    Ok(Effect::span(request, move |work| work.create_span(new)))
}

pub(super) fn finish(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let end = SpanEnd {
        status: call.body.word("status", Status::for_finish, &mut errors).unwrap_or(Status::Complete),
        at: call.body.time("timestamp", &mut errors),
        result_payload: call.body.object("result_payload", &mut errors).map(str::to_owned),
        sensitive_encoding: call.body.flag("sensitive_encoding", &mut errors),
    };
    let request = call.request_on("agent_spans", "finish", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::span(request, move |work| work.finish_span(&id, end)))
}

/// Deletes the sensitive values of a span.
pub(super) fn discard_sensitive(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("agent_spans", "discard_sensitive", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.discard_sensitive(&id)?)))
}

/// Shows a span. Sensitive values are in the answer only with `redacted=false`.
pub(super) fn show(query: &Query, id: &str) -> Result<Lookup, ErrorResponse> {
    let redacted = match query.text("redacted").as_deref() {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(ErrorResponse::invalid("redacted", "must be true or false")),
    };
    let id = id.to_owned();
    Ok(Lookup::new(move |reader| envelope::details(&reader.span_in_detail(&id, redacted)?)))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::SPANS)?);
    let filter = Filter::default()
        .and("s.agent_instance_id = ?", query.filter("agent_instance_id"))
        .and("i.agent_id = ?", query.filter("agent_id"))
        .and("coalesce(s.started_at, s.inserted_at) >= ?", query.time("start_time")?)
        .and("coalesce(s.started_at, s.inserted_at) <= ?", query.time("end_time")?);
    let include =
        Include { summaries: query.flag("include_summaries"), risk_level: query.flag("include_risk_level") };
    Ok(Lookup::new(move |reader| envelope::list(&reader.spans_with(filter, sorted, page, include)?, &sorted)))
}
