//! `/agent_instance`: runs, from registration to their end.

use super::{
    call::{Call, Lookup},
    declaration,
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    model::Status,
    store::{Effect, Filter, NewInstance, Rows},
};

pub(super) fn register(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (body, mut errors) = (call.body, Errors::default());
    let new = NewInstance {
        caller: call.caller.0,
        id: body.text("id", &mut errors),
        agent_id: body.text("agent_id", &mut errors),
        environment_id: body.text("environment_id", &mut errors),
        purpose: body.word("purpose", purpose, &mut errors).unwrap_or("live"),
        external_identifier: body.text("external_identifier", &mut errors),
        update_current_version: body.flag("update_current_version", &mut errors).unwrap_or(true),
        version: declaration::agent_version(body.object("agent_version", &mut errors), &mut errors)?,
        schema: declaration::schema_version(body.object("agent_schema_version", &mut errors), &mut errors)?,
    };
    let key = body.idempotency_key(&mut errors);
    let request = call.request("agent_instance/register", key, errors)?;
    Ok(Effect::new(request, move |work| envelope::details(&work.register(&new)?)))
}

pub(super) fn start(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let at = call.body.time("timestamp", &mut errors);
    let request = call.request_on("agent_instance", "start", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.start_instance(&id, at)?)))
}

pub(super) fn finish(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let status = call.body.word("status", Status::for_finish, &mut errors).unwrap_or(Status::Complete);
    let at = call.body.time("timestamp", &mut errors);
    let request = call.request_on("agent_instance", "finish", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.finish_instance(&id, status, at)?)))
}

pub(super) fn terminate(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let reason = call.body.required_text("reason", &mut errors);
    let request = call.request_on("agent_instance", "terminate", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.terminate_instance(&id, &reason)?)))
}

/// Sets the quality payload of one name, also after the end; `null` removes it.
pub(super) fn record_quality(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let name = call.body.text("name", &mut errors);
    let payload = call.body.object("payload", &mut errors).map(str::to_owned);
    if payload.is_none() && !call.body.is_null("payload") {
        errors.add("payload", "must be an object, or null to remove the name");
    }
    let request = call.request_on("agent_instance", "record_quality", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| {
        envelope::details(&work.record_quality(&id, name.as_deref(), payload.as_deref())?)
    }))
}

/// Replaces the one quality payload that older clients know.
pub(super) fn update(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let details = call.details()?;
    let mut errors = Errors::default();
    let payload = details.object("quality_payload", &mut errors).map(str::to_owned);
    let request = call.request_on("agent_instance", "update", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.replace_quality(&id, payload.as_deref())?)))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.instance_in_detail(&id)?))
}

/// Shows an instance by either of its names.
pub(super) fn show_named(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (id, external) = (query.text("agent_instance_id"), query.text("external_identifier"));
    query.exactly_one(["agent_instance_id", "external_identifier"])?;
    Ok(Lookup::new(move |reader| {
        let id = match (id, external) {
            (Some(id), _) => id,
            (None, external) => reader.instance_named(&external.unwrap_or_default())?,
        };
        envelope::details(&reader.instance_in_detail(&id)?)
    }))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::INSTANCES)?);
    let filter = Filter::default()
        .and("i.agent_id = ?", query.filter("agent_id"))
        .and("i.agent_version_id = ?", query.filter("agent_version_id"));
    Ok(Lookup::new(move |reader| envelope::list(&reader.instances(filter, sorted, page)?, &sorted)))
}

pub(super) fn purpose(word: &str) -> Option<&'static str> {
    ["live", "smoke_test", "eval"].into_iter().find(|purpose| *purpose == word)
}
