//! Parts of the API that a server on one's own machine does not need. Their lists are empty; every other request gets a
//! 404 that says so.

use std::sync::Arc;

use axum::{
    Router,
    routing::{self, MethodRouter, any},
};
use serde_json::Value;

use super::{
    call::{Lookup, view},
    query::Query,
};
use crate::{
    app::App,
    envelope,
    error_response::ErrorResponse,
    store::{Pagination, Rows},
};

const USERS: &str = "users and invites: whoever holds a token may do everything";
const INTEGRATIONS: &str = "integrations: it tells nobody else what happens";

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/admin_user", view(nothing))
        .route("/admin_user/{id}", missing(USERS))
        .route("/admin_user_invite", view(nothing).merge(post(USERS)))
        .route("/admin_user_invite/{id}", missing(USERS))
        .route("/admin_user_invite/{id}/revoke", missing(USERS))
        .route("/account_integration", view(nothing).merge(post(INTEGRATIONS)))
        .route("/account_integration/{id}", missing(INTEGRATIONS))
        .route("/account_integration/{id}/test", missing(INTEGRATIONS))
        .route("/playground/{*action}", missing("a playground: record real runs instead"))
        .route("/account/{id}/implode", missing("this request: stop the server and delete its file instead"))
}

fn missing(what: &'static str) -> MethodRouter<Arc<App>> {
    any(async move || ErrorResponse::not_local(what))
}

fn post(what: &'static str) -> MethodRouter<Arc<App>> {
    routing::post(async move || ErrorResponse::not_local(what))
}

fn nothing(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::RECORDS)?);
    Ok(Lookup::new(move |_| envelope::list(&(Vec::<Value>::new(), Pagination::of_nothing(page)), &sorted)))
}
