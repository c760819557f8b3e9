//! The data routes of the page.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::super::{path_id::PathId, query::Query};
use crate::{
    app::App,
    error_response::ErrorResponse,
    model::Status,
    reply::Reply,
    store::{Price, RunFilter, RunPage},
    time::Time,
};

/// The number of runs on one page of the list; `runs.js` has the same number.
const RUNS: u32 = 100;

/// The number of waiting spans that are indexed before a search.
const NEWLY_INDEXED: u32 = 2000;

/// A page of the list of runs, with the choices of its filters.
#[derive(Serialize)]
struct Runs {
    now: i64,
    /// The token for a newcomer's program; `None` if it is prescribed, which the page must not disclose.
    any_token: bool,
    /// The file; `None` for a database in memory.
    file_bytes: Option<i64>,
    agents: Vec<String>,
    tags: Vec<String>,
    #[serde(flatten)]
    page: RunPage,
}

#[derive(Serialize)]
struct Prices {
    prices: Vec<Price>,
}

/// Identifiers of spans.
#[derive(Serialize)]
struct Found {
    ids: Vec<String>,
}

pub(super) async fn runs(State(app): State<Arc<App>>, query: Query) -> Result<Reply, ErrorResponse> {
    let any_token = app.tokens.is_open();
    let offset = query.number("offset")?.unwrap_or(0);
    let filter = RunFilter {
        agent: query.text("agent"),
        status: query.text("status").map(|word| status(&word)).transpose()?,
        since: query.text("time").map(|span| since(&span)).transpose()?,
        tag: query.text("tag"),
        has_errors: query.text("errors").is_some(),
    };
    let text = query.text("q");
    if text.is_some() {
        app.store.write(0, |work| work.index_text(NEWLY_INDEXED)).await?;
    }
    let has_file = app.store.has_file();
    app.read(move |reader| {
        let page = match &text {
            Some(text) => reader.search_runs(text, &filter, offset, RUNS)?,
            None => reader.run_page(&filter, offset, RUNS)?,
        };
        let (agents, tags) = reader.run_choices()?;
        let file_bytes = has_file.then(|| reader.database_bytes()).transpose()?;
        let now = Time::now().micros();
        Ok(serde_json::to_string(&Runs { now, any_token, file_bytes, agents, tags, page })?)
    })
    .await
}

pub(super) async fn run(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    app.read(move |reader| reader.run_now(&id)).await
}

pub(super) async fn spans(
    State(app): State<Arc<App>>,
    PathId(id): PathId,
    query: Query,
) -> Result<Reply, ErrorResponse> {
    let after = query.number("after")?.unwrap_or(0);
    app.read(move |reader| Ok(serde_json::to_string(&reader.span_rows(&id, after)?)?)).await
}

pub(super) async fn search(
    State(app): State<Arc<App>>,
    PathId(id): PathId,
    query: Query,
) -> Result<Reply, ErrorResponse> {
    let text = query.text("q").unwrap_or_default();
    app.store.write(0, |work| work.index_text(NEWLY_INDEXED)).await?;
    app.read(move |reader| Ok(serde_json::to_string(&Found { ids: reader.search_spans(&id, &text)? })?)).await
}

pub(super) async fn span(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    app.read(move |reader| Ok(serde_json::to_string(&reader.span_detail(&id)?)?)).await
}

pub(super) async fn prices(State(app): State<Arc<App>>) -> Result<Reply, ErrorResponse> {
    app.read(|reader| Ok(serde_json::to_string(&Prices { prices: reader.prices()? })?)).await
}

fn status(word: &str) -> Result<Status, ErrorResponse> {
    Status::parse(word)
        .ok_or_else(|| ErrorResponse::invalid("status", "must be the status of a run, such as failed"))
}

/// Parses `90m`, `24h` or `7d` as that long before now.
fn since(span: &str) -> Result<Time, ErrorResponse> {
    let invalid =
        || ErrorResponse::invalid("time", "must be a number of minutes, hours or days, such as 24h");
    let (number, unit) = span.split_at_checked(span.len().saturating_sub(1)).ok_or_else(invalid)?;
    let minutes: i64 = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 60 * 24,
        _ => return Err(invalid()),
    };
    let number: u32 = number.parse().map_err(|_| invalid())?;
    Ok(Time::now().minutes_ago(minutes.saturating_mul(number.into())))
}
