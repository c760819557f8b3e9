//! The trace page: its files, and the data routes that only it uses.

mod actions;
mod data;
mod events;
mod files;
mod session;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::app::App;

/// Routes the page. Its files are open to every client that reaches this server; the recorded data needs a prescribed
/// token.
pub(super) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let sessions = session::Sessions::default();
    let data = Router::new()
        .route("/page/runs", get(data::runs))
        .route("/page/runs/{id}", get(data::run))
        .route("/page/runs/{id}/spans", get(data::spans))
        .route("/page/runs/{id}/search", get(data::search))
        .route("/page/runs/{id}/terminate", post(actions::terminate))
        .route("/page/spans/{id}", get(data::span))
        .route("/page/prices", get(data::prices).put(actions::set_prices))
        .route("/page/events", get(events::stream))
        .layer(from_fn_with_state((Arc::clone(app), sessions.clone()), session::require));
    files::router().merge(data).merge(session::router(sessions))
}
