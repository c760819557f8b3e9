//! `/api_token`: tokens, account-wide or for one agent in one environment.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::MethodFilter,
};
use serde::Serialize;

use super::{
    call::{Call, Lookup, act, show as show_one, view},
    query::Query,
};
use crate::{
    app::App,
    envelope,
    error_response::{ErrorResponse, Errors},
    store::{ApiToken, Effect, Filter, Holder, NewToken, Rows},
};

pub(super) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let (post, delete_one) = (MethodFilter::POST, MethodFilter::DELETE);
    Router::new()
        .route("/api_token", view(list).merge(act(post, create)))
        .route("/api_token/{id}", show_one(show).merge(act(delete_one, delete)))
        .route("/api_token/{id}/suspend", act(post, suspend))
        .route("/api_token/{id}/activate", act(post, activate))
        .route("/api_token/{id}/revoke", act(post, revoke))
        .route_layer(from_fn_with_state(Arc::clone(app), heed_changes))
}

/// Lets the next request be checked against the changed tokens.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general over the lifetime of `Reader`"
)]
async fn heed_changes(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let changes = request.method() != Method::GET;
    let response = next.run(request).await;
    if changes && response.status().is_success() {
        match app.store.read(|reader| reader.tokens_to_check()).await {
            Ok(tokens) => app.tokens.update(tokens),
            Err(error) => return error.into_response(),
        }
    }
    response
}

#[derive(Serialize)]
struct Created<'a> {
    status: &'static str,
    details: &'a ApiToken,
    /// The secret, in this answer only.
    token: &'a str,
}

/// Makes a token. An idempotency key is ignored: answers to keys are stored, and this one holds a secret.
fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let mut errors = Errors::default();
    let details = call.details()?;
    let scope = details.word("token_scope", scope, &mut errors);
    let (id, name) = (details.text("agent_id", &mut errors), details.text("agent_name", &mut errors));
    let holder = match (scope.unwrap_or(Scope::AgentDeployment), id, name) {
        (Scope::Account, None, None) => Holder::Account,
        (Scope::AgentDeployment, Some(id), None) => Holder::AgentId(id),
        (Scope::AgentDeployment, None, Some(name)) => Holder::AgentName(name),
        (Scope::Account, ..) => {
            errors.add("agent_id", "must be absent for an account-wide token");
            Holder::Account
        }
        (Scope::AgentDeployment, ..) => {
            errors.add("agent_id", "must be given for a token of an agent, or its `agent_name`");
            Holder::Account
        }
    };
    let new = NewToken {
        holder,
        environment_id: details.text("environment_id", &mut errors),
        expires_at: details.time("expires_at", &mut errors),
    };
    let request = Call { header_key: None, ..*call }.request("api_token", None, errors)?;
    Ok(Effect::new(request, move |work| {
        let (details, token) = work.create_token(&new)?;
        Ok(serde_json::to_string(&Created { status: "success", details: &details, token: &token })?)
    }))
}

enum Scope {
    Account,
    AgentDeployment,
}

fn scope(word: &str) -> Option<Scope> {
    match word {
        "account" => Some(Scope::Account),
        "agent_deployment" => Some(Scope::AgentDeployment),
        _ => None,
    }
}

fn suspend(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    set_status(call, "suspend", "suspended")
}

fn activate(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    set_status(call, "activate", "active")
}

fn revoke(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    set_status(call, "revoke", "revoked")
}

fn set_status(call: &Call<'_>, action: &str, status: &'static str) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("api_token", action, Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.set_token_status(&id, status)?)))
}

fn delete(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    let request = call.request_on("api_token", "delete", Errors::default())?;
    let id = call.id.to_owned();
    Ok(Effect::new(request, move |work| envelope::details(&work.delete_token(&id)?)))
}

fn show(id: &str) -> Lookup {
    let id = id.to_owned();
    Lookup::new(move |reader| envelope::details(&reader.token(&id)?))
}

fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::TOKENS)?);
    let filter = Filter::default()
        .and("(SELECT id FROM account) = ?", query.filter("account_id"))
        .and("t.agent_id = ?", query.filter("agent_id"));
    Ok(Lookup::new(move |reader| envelope::list(&reader.tokens(filter, sorted, page)?, &sorted)))
}
