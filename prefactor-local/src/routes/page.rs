//! The trace page: static files and the JSON that they ask for.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header::CONTENT_TYPE,
    routing::{MethodRouter, get},
};

use serde::Serialize;

use super::path_id::PathId;
use crate::{app::App, error_response::ErrorResponse, reply::Reply, store::Run};

/// The files of the page, by path. Scripts are modules without a build step.
const FILES: [(&str, &str, &str); 8] = [
    ("/page/page.css", CSS, include_str!("../page/page.css")),
    ("/page/main.js", SCRIPT, include_str!("../page/main.js")),
    ("/page/runs.js", SCRIPT, include_str!("../page/runs.js")),
    ("/page/waterfall.js", SCRIPT, include_str!("../page/waterfall.js")),
    ("/page/detail.js", SCRIPT, include_str!("../page/detail.js")),
    ("/page/json.js", SCRIPT, include_str!("../page/json.js")),
    ("/page/time.js", SCRIPT, include_str!("../page/time.js")),
    ("/page/dom.js", SCRIPT, include_str!("../page/dom.js")),
];
/// How many runs, and how many spans of one run, the page is given at most.
const MOST_RUNS: u32 = 200;
const MOST_SPANS: u32 = 5000;

const DOCUMENT: &str = include_str!("../page/index.html");
const ICON: &str = include_str!("../page/icon.svg");

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the page shows first.
#[derive(Serialize)]
struct Overview {
    /// Tells a newcomer which token to set; a prescribed one is not given away here.
    any_token: bool,
    runs: Vec<Run>,
}

pub(crate) fn router() -> Router<Arc<App>> {
    let pages = Router::new()
        .route("/", file(HTML, DOCUMENT))
        .route("/runs/{id}", file(HTML, DOCUMENT))
        .route("/page/icon.svg", file("image/svg+xml", ICON))
        .route("/page/runs", get(runs))
        .route("/page/runs/{id}", get(trace))
        .route("/page/spans/{id}", get(payloads));
    FILES.into_iter().fold(pages, |pages, (path, kind, text)| pages.route(path, file(kind, text)))
}

fn file(content_type: &'static str, text: &'static str) -> MethodRouter<Arc<App>> {
    get(async move || ([(CONTENT_TYPE, content_type)], text))
}

async fn runs(State(app): State<Arc<App>>) -> Result<Reply, ErrorResponse> {
    let any_token = app.token.is_none();
    app.read(move |reader| {
        let runs = reader.runs(MOST_RUNS)?;
        Ok(serde_json::to_string(&Overview { any_token, runs })?)
    })
    .await
}

async fn trace(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    app.read(move |reader| Ok(serde_json::to_string(&reader.trace(&id, MOST_SPANS)?)?)).await
}

async fn payloads(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Reply, ErrorResponse> {
    app.read(move |reader| Ok(serde_json::to_string(&reader.payloads(&id)?)?)).await
}
