//! `/agent`: the programs seen so far.

use std::sync::Arc;

use axum::extract::State;

use super::{
    call::blocking,
    path_id::PathId,
    query::Query,
    reply::{self, Reply},
};
use crate::{
    app::App,
    error_response::ErrorResponse,
    store::{Filter, Rows},
};

pub(super) async fn list(State(app): State<Arc<App>>, query: Query) -> Result<Reply, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::AGENTS)?);
    blocking(app, move |store| {
        reply::list(&store.transaction(|work| work.agents(Filter::default(), sorted, page))?, sorted)
    })
    .await
}

pub(super) async fn show(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    blocking(app, move |store| reply::details(&store.transaction(|work| work.agent(&id))?)).await
}
