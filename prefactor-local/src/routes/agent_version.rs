//! `/agent_version`: releases of agents.

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
    let schema = details.text("agent_schema_version_id", &mut errors);
    let mut version = declaration::agent_version(call.body.object("details", &mut errors), &mut errors)?;
    version.id = details.text("id", &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request("agent_version", key, errors)?;
    Ok(Effect::new(request, move |work| {
        envelope::details(&work.create_agent_version(&agent, &version, schema.as_deref())?)
    }))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.agent_version(&id)?))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::AGENT_VERSIONS)?);
    let filter = Filter::default().and("v.agent_id = ?", query.filter("agent_id"));
    Ok(Lookup::new(move |reader| envelope::list(&reader.agent_versions(filter, sorted, page)?, &sorted)))
}
