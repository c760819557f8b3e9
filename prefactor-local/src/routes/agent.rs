//! `/agent`: programs that run as instances.

use serde::Serialize;

use super::{
    call::{Call, Lookup},
    query::Query,
};
use crate::{
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    model::Agent,
    schema::RiskScore,
    store::{AgentFields, Effect, FieldChange, Filter, Rows},
};

/// An agent's details, with the risk beside them.
#[derive(Serialize)]
struct WithRisk {
    status: &'static str,
    details: Agent,
    risk_rollup: Option<RiskScore>,
}

pub(super) fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    details.required_text("name", &mut errors);
    let (id, external) = (details.text("id", &mut errors), details.text("external_identifier", &mut errors));
    let fields = fields(&details, &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request("agent", key, errors)?;
    Ok(Effect::new(request, move |work| {
        envelope::details(&work.create_agent(id.as_deref(), external.as_deref(), &fields)?)
    }))
}

pub(super) fn update(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (details, mut errors) = (call.details()?, Errors::default());
    let fields = fields(&details, &mut errors);
    let request = call.request_on("agent", "update", errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.update_agent(&id, &fields)?)))
}

pub(super) fn retire(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("agent", "retire", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.retire_agent(&id, true)?)))
}

pub(super) fn reinstate(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("agent", "reinstate", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.retire_agent(&id, false)?)))
}

/// Answers with the agent as it was: the Python SDK fails on an empty body.
pub(super) fn delete(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("agent", "delete", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.delete_agent(&id)?)))
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::AGENTS)?);
    let filter = Filter::default()
        .and_is("a.risk_profile_id", query.filter("risk_profile_id"))
        .and_is("a.team_id", query.filter("team_id"))
        .and_is("a.owner_person_id", query.filter("owner_person_id"))
        .and(
            "EXISTS (SELECT 1 FROM agent_deployment d WHERE d.agent_id = a.id AND d.environment_id = ?)",
            query.filter("environment_id"),
        );
    Ok(Lookup::new(move |reader| envelope::list(&reader.agents(filter, sorted, page)?, &sorted)))
}

pub(super) fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.agent(&id)?))
}

/// Shows an agent by either of its names.
pub(super) fn show_named(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (id, external) = (query.text("agent_id"), query.text("external_identifier"));
    query.exactly_one(["agent_id", "external_identifier"])?;
    let with_risk = query.flag("include_risk_rollup");
    Ok(Lookup::new(move |reader| {
        let agent = match (id, external) {
            (Some(id), _) => reader.agent(&id)?,
            (None, external) => reader.agent_named(&external.unwrap_or_default())?,
        };
        if !with_risk {
            return envelope::details(&agent);
        }
        let risk_rollup = reader.risk_roll_up(&agent.id)?;
        Ok(serde_json::to_string(&WithRisk { status: "success", details: agent, risk_rollup })?)
    }))
}

fn fields(details: &Fields<'_>, errors: &mut Errors) -> AgentFields {
    let name = details.text("name", errors);
    let mut optional = |name| match details.text(name, errors) {
        Some(text) => FieldChange::Set(text),
        None if details.is_null(name) => FieldChange::Clear,
        None => FieldChange::Keep,
    };
    AgentFields {
        name,
        description: optional("description"),
        owner_person_id: optional("owner_person_id"),
        risk_profile_id: optional("risk_profile_id"),
        team_id: optional("team_id"),
    }
}
