//! `/agent_instance`: runs, from registration to their end.

use std::sync::Arc;

use axum::extract::State;
use serde_json::value::RawValue;

use super::{call::Call, path_id::PathId, query::Query};
use crate::{
    app::App,
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    model::Status,
    reply::Reply,
    store::{AgentVersion, Effect, Filter, NewInstance, Rows, SchemaVersion, SpanType},
};

pub(super) fn register(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let (body, mut errors) = (call.body, Errors::default());
    let new = NewInstance {
        id: body.text("id", &mut errors),
        agent_id: body.text("agent_id", &mut errors),
        environment_id: body.text("environment_id", &mut errors),
        purpose: body.word("purpose", purpose, &mut errors).unwrap_or("live"),
        external_identifier: body.text("external_identifier", &mut errors),
        version: agent_version(body, &mut errors)?,
        schema: schema_version(body, &mut errors)?,
    };
    let key = body.idempotency_key(&mut errors);
    let request = call.request("agent_instance/register", key, errors)?;
    Ok(Effect::new(request, move |work| envelope::details(&work.register(&new)?)))
}

pub(super) fn start(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let at = call.body.time("timestamp", &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request(&["agent_instance/", call.id, "/start"].concat(), key, errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.start_instance(&id, at)?)))
}

pub(super) fn finish(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let status = call.body.word("status", Status::for_finish, &mut errors).unwrap_or(Status::Complete);
    let at = call.body.time("timestamp", &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request(&["agent_instance/", call.id, "/finish"].concat(), key, errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.finish_instance(&id, status, at)?)))
}

pub(super) fn terminate(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let reason = call.body.required_text("reason", &mut errors);
    let key = call.body.idempotency_key(&mut errors);
    let request = call.request(&["agent_instance/", call.id, "/terminate"].concat(), key, errors)?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.terminate_instance(&id, &reason)?)))
}

pub(super) async fn show(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    app.read(move |reader| envelope::details(&reader.instance_in_detail(&id)?)).await
}

pub(super) async fn list(State(app): State<Arc<App>>, query: Query) -> Result<Reply, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::INSTANCES)?);
    let filter = Filter::default()
        .and("i.agent_id = ?", query.text("agent_id"))
        .and("i.agent_version_id = ?", query.text("agent_version_id"));
    app.read(move |reader| envelope::list(&reader.instances(filter, sorted, page)?, &sorted)).await
}

fn purpose(word: &str) -> Option<&'static str> {
    ["live", "smoke_test", "eval"].into_iter().find(|purpose| *purpose == word)
}

fn agent_version(body: &Fields<'_>, errors: &mut Errors) -> Result<AgentVersion, ErrorResponse> {
    let content = body.object("agent_version", errors).unwrap_or("{}");
    let version = Fields::parse(content)?;
    Ok(AgentVersion {
        external_identifier: version.text("external_identifier", errors).filter(|text| !text.is_empty()),
        name: version.text("name", errors).filter(|text| !text.is_empty()),
        description: version.text("description", errors),
        content: content.to_owned(),
    })
}

fn schema_version(body: &Fields<'_>, errors: &mut Errors) -> Result<Option<SchemaVersion>, ErrorResponse> {
    let Some(content) = body.object("agent_schema_version", errors) else { return Ok(None) };
    let version = Fields::parse(content)?;
    let mut span_types = Vec::new();
    for entry in version.array("span_type_schemas", errors) {
        span_types.push(span_type(entry, errors)?);
    }
    Ok(Some(SchemaVersion {
        external_identifier: version.text("external_identifier", errors).filter(|text| !text.is_empty()),
        span_types,
        content: content.to_owned(),
    }))
}

fn span_type(entry: &RawValue, errors: &mut Errors) -> Result<SpanType, ErrorResponse> {
    let entry = Fields::parse(entry.get())?;
    let name = entry.required_text("name", errors);
    entry.object("params_schema", errors);
    let title = entry.text("title", errors).unwrap_or_else(|| name.clone());
    Ok(SpanType { name, title })
}
