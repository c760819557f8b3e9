//! `/agent`: the programs seen so far.

use std::sync::Arc;

use axum::extract::State;

use super::{path_id::PathId, query::Query};
use crate::{
    app::App,
    envelope,
    error_response::ErrorResponse,
    reply::Reply,
    store::{Filter, Rows},
};

pub(super) async fn list(State(app): State<Arc<App>>, query: Query) -> Result<Reply, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::AGENTS)?);
    app.read(move |reader| envelope::list(&reader.agents(Filter::default(), sorted, page)?, &sorted)).await
}

pub(super) async fn show(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    app.read(move |reader| envelope::details(&reader.agent(&id)?)).await
}
