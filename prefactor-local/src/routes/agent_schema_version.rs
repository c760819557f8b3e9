//! `/agent_schema_version`: the declarations of an agent's spans, quality and alerts.

use super::{
    call::{Call, Lookup},
    declaration,
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    store::{Effect, Filter, Rows},
};

pub(super) fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let agent = details.required_text("agent_id", &mut errors);
    details.required_text("external_identifier", &mut errors);
    let schema = declaration::schema_version(call.body.object("details", &mut errors), &mut errors)?;
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request("agent_schema_version", key, errors)?;
    let Some(schema) = schema else { return Err(ErrorResponse::invalid("details", "can't be blank")) };
    Ok(Effect::new(request, move |work| envelope::details(&work.create_schema_version(&agent, &schema)?)))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.schema_version(&id)?))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::SCHEMA_VERSIONS)?);
    let filter = Filter::default().and("v.agent_id = ?", query.filter("agent_id"));
    Ok(Lookup::new(move |reader| envelope::list(&reader.schema_versions(filter, sorted, page)?, &sorted)))
}
