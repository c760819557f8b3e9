//! `/agent_deployment`: agents in environments, each with the version that it should run.

use super::{
    call::{Call, Lookup},
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    store::{Effect, Filter, Rows},
};

pub(super) fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let id = details.text("id", &mut errors);
    let agent = details.required_text("agent_id", &mut errors);
    let environment = details.required_text("environment_id", &mut errors);
    let version = details.text("current_version_id", &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request("agent_deployment", key, errors)?;
    Ok(Effect::new(request, move |work| {
        envelope::details(&work.create_deployment(id.as_deref(), &agent, &environment, version.as_deref())?)
    }))
}

/// Pins another version, or removes the pin.
pub(super) fn update(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let version = details.text("current_version_id", &mut errors);
    if version.is_none() && !details.is_null("current_version_id") {
        errors.add("current_version_id", "must be the identifier of a version, or null");
    }
    let request = call.request_on("agent_deployment", "update", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.pin_version(&id, version.as_deref())?)))
}

pub(super) fn delete(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("agent_deployment", "delete", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.delete_deployment(&id)?)))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.deployment(&id)?))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::DEPLOYMENTS)?);
    let filter = Filter::default()
        .and("d.agent_id = ?", query.filter("agent_id"))
        .and("d.environment_id = ?", query.filter("environment_id"));
    Ok(Lookup::new(move |reader| envelope::list(&reader.deployments(filter, sorted, page)?, &sorted)))
}
