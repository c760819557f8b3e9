//! The routes, and the checks in front of them.

mod account;
mod administration;
mod agent;
mod agent_context;
mod agent_deployment;
mod agent_instance;
mod agent_schema_version;
mod agent_spans;
mod agent_version;
mod alerts;
mod api_token;
mod auth;
pub(crate) mod body;
mod bulk;
mod call;
mod declaration;
mod json_lines;
mod not_local;
mod openapi;
mod page;
mod path_id;
mod query;
mod record;
mod risk_profile;
mod same_origin;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};

use self::call::{POST, PUT, act, object, show, view};
use crate::{app::App, error_response::ErrorResponse, reply::Reply};

/// Builds the whole router: the API, the page, and the checks in front of both.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest("/api/v1", api(&app))
        .merge(page::router(&app))
        .merge(json_lines::router(&app))
        .fallback(async || ErrorResponse::not_found("path"))
        .method_not_allowed_fallback(async || ErrorResponse::method_not_allowed())
        .layer(from_fn_with_state(Arc::clone(&app), same_origin::same_machine))
        .layer(from_fn(same_origin::response_headers))
        .layer(from_fn(body::read_first))
        .with_state(app)
}

fn api(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/ping", get(ping))
        .route("/openapi", get(openapi::show))
        .route("/bulk", act(POST, bulk::run))
        .merge(runs())
        .merge(agents())
        .merge(account())
        .merge(administration::router())
        .merge(api_token::router(app))
        .merge(not_local::router())
        .fallback(async || ErrorResponse::not_found("path"))
        .method_not_allowed_fallback(async || ErrorResponse::method_not_allowed())
        .layer(from_fn_with_state(Arc::clone(app), auth::require_token))
}

/// Instances, their spans and their alerts.
fn runs() -> Router<Arc<App>> {
    Router::new()
        .route("/agent_instance", view(agent_instance::list))
        .route("/agent_instance/show", view(agent_instance::show_named))
        .route("/agent_instance/register", act(POST, agent_instance::register))
        .route("/agent_instance/{id}", show(agent_instance::show).merge(act(PUT, agent_instance::update)))
        .route("/agent_instance/{id}/start", act(POST, agent_instance::start))
        .route("/agent_instance/{id}/finish", act(POST, agent_instance::finish))
        .route("/agent_instance/{id}/terminate", act(POST, agent_instance::terminate))
        .route("/agent_instance/{id}/record_quality", act(POST, agent_instance::record_quality))
        .route("/agent_instance/{id}/agent_context", show(agent_context::show))
        .route("/agent_spans", view(agent_spans::list).merge(act(POST, agent_spans::create)))
        .route("/agent_spans/{id}", view(agent_spans::show))
        .route("/agent_spans/{id}/finish", act(POST, agent_spans::finish))
        .route("/agent_spans/{id}/discard_sensitive", act(POST, agent_spans::discard_sensitive))
        .route("/alerts", view(alerts::list))
        .route("/alerts/count", view(alerts::count))
        .route("/alerts/raise", act(POST, alerts::raise))
        .route("/alerts/clear", act(POST, alerts::clear))
        .route("/alerts/{id}", show(alerts::show))
}

/// Agents, their versions and their deployments.
fn agents() -> Router<Arc<App>> {
    Router::new()
        .route("/agent", view(agent::list).merge(act(POST, agent::create)))
        .route("/agent/show", view(agent::show_named))
        .route("/agent/{id}", object(agent::show, agent::update, agent::delete))
        .route("/agent/{id}/retire", act(POST, agent::retire))
        .route("/agent/{id}/reinstate", act(POST, agent::reinstate))
        .route("/agent_version", view(agent_version::list).merge(act(POST, agent_version::create)))
        .route("/agent_version/{id}", show(agent_version::show))
        .route(
            "/agent_schema_version",
            view(agent_schema_version::list).merge(act(POST, agent_schema_version::create)),
        )
        .route("/agent_schema_version/{id}", show(agent_schema_version::show))
        .route("/agent_deployment", view(agent_deployment::list).merge(act(POST, agent_deployment::create)))
        .route(
            "/agent_deployment/{id}",
            object(agent_deployment::show, agent_deployment::update, agent_deployment::delete),
        )
}

/// The account itself.
fn account() -> Router<Arc<App>> {
    Router::new()
        .route("/account", view(account::list))
        .route("/account/{id}", show(account::show).merge(act(PUT, account::update)))
        .route("/pfid/generate", act(POST, account::generate_ids))
}

async fn ping() -> Reply {
    Reply(r#"{"status":"success","details":{"token_type":"api"}}"#.to_owned())
}
