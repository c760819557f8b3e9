//! The HTTP face: which path does what, and what every request goes through first.

mod agent;
mod agent_instance;
mod agent_spans;
mod auth;
pub(crate) mod body;
mod bulk;
mod call;
mod page;
mod path_id;
mod query;
mod same_origin;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};

use self::call::{act, act_on};
use crate::{app::App, error_response::ErrorResponse, reply::Reply};

/// The whole server: the API, the page, and the checks in front of both.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest("/api/v1", api(&app))
        .merge(page::router(&app))
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
        .route("/agent_instance", get(agent_instance::list))
        .route("/agent_instance/register", act(agent_instance::register))
        .route("/agent_instance/{id}", get(agent_instance::show))
        .route("/agent_instance/{id}/start", act_on(agent_instance::start))
        .route("/agent_instance/{id}/finish", act_on(agent_instance::finish))
        .route("/agent_instance/{id}/terminate", act_on(agent_instance::terminate))
        .route("/agent_spans", act(agent_spans::create).get(agent_spans::list))
        .route("/agent_spans/{id}/finish", act_on(agent_spans::finish))
        .route("/agent", get(agent::list))
        .route("/agent/{id}", get(agent::show))
        .route("/bulk", act(bulk::run))
        .fallback(async || ErrorResponse::not_found("path"))
        .method_not_allowed_fallback(async || ErrorResponse::method_not_allowed())
        .layer(from_fn_with_state(Arc::clone(app), auth::require_token))
}

async fn ping() -> Reply {
    Reply(r#"{"status":"success","details":{"token_type":"api"}}"#.to_owned())
}
