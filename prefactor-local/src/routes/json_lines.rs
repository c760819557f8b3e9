//! `/local`: what the commands ask for. The runs with their names, and export and import of runs and spans as JSON Lines, in the
//! format of docs/json-lines.md.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use super::{
    agent_instance::purpose,
    auth,
    body::{self, Unread},
    declaration,
    path_id::PathId,
    query::Query,
};
use crate::{
    app::App,
    envelope,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    model::Status,
    reply::Reply,
    store::{ImportedRun, NewSpan, Rows, Work},
};

/// The header with the place of the next lines; absent at the end.
const NEXT: HeaderName = HeaderName::from_static("prefactor-next");
const LINES: HeaderValue = HeaderValue::from_static("application/jsonl; charset=utf-8");

/// Spans in one answer, so that no request holds a reading connection for long.
const MOST: u32 = 2000;

pub(super) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/local/runs", get(runs))
        .route("/local/runs/{id}", get(run))
        .route("/local/spans", get(spans))
        .route("/local/import", post(import))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::require_token))
}

/// The runs as the API lists them, each with the name of its agent and what it was asked.
async fn runs(State(app): State<Arc<App>>, query: Query) -> Result<Reply, ErrorResponse> {
    let (page, sorted) = (query.page()?, query.sorted(&Rows::INSTANCES)?);
    app.read(move |reader| envelope::list(&reader.named_runs(sorted, page)?, &sorted)).await
}

/// The line of one run.
async fn run(State(app): State<Arc<App>>, PathId(id): PathId) -> Result<Response, ErrorResponse> {
    let line = app.store.read(move |reader| reader.run_line(&id)).await?;
    Ok(lines(line + "\n", None))
}

/// Answers with the lines of the spans that arrived after number `after`, of the run `run` or of all. Without `after`
/// it answers with no line, and with the number of the last span.
async fn spans(State(app): State<Arc<App>>, query: Query) -> Result<Response, ErrorResponse> {
    let (run, after) = (query.filter("run"), query.number::<i64>("after")?);
    let (text, next) = app
        .store
        .read(move |reader| match after {
            Some(after) => reader.span_lines(run.as_deref(), after, MOST),
            None => Ok((String::new(), Some(reader.last_span()?))),
        })
        .await?;
    Ok(lines(text, next))
}

fn lines(text: String, next: Option<i64>) -> Response {
    let mut response = ([(CONTENT_TYPE, LINES)], text).into_response();
    if let Some(next) = next {
        response.headers_mut().insert(NEXT, next.into());
    }
    response
}

enum Line {
    Run(Box<ImportedRun>),
    Span(Box<NewSpan>),
    /// A line of a type that this version does not know, or an empty one.
    Other,
}

/// Adds the runs and spans of the lines: all of them, or none if one cannot be read.
async fn import(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(body): Extension<Unread>,
) -> Result<Reply, ErrorResponse> {
    let text = body::read_json(&headers, body.take()).await?;
    let bytes = text.len();
    let mut read = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let number = place + 1;
        read.push((number, line_of(line).map_err(|error| error.in_line(number))?));
    }
    drop(text);
    app.store.write(bytes, move |work| add(work, read)).await.map(Reply)
}

fn add(work: &mut Work<'_>, lines: Vec<(usize, Line)>) -> Result<String, ErrorResponse> {
    let (mut runs, mut spans, mut known, mut skipped) = (0, 0, 0, 0);
    for (number, line) in lines {
        let (added, count) = match line {
            Line::Run(run) => (work.import_run(&run), &mut runs),
            Line::Span(span) => (work.import_span(*span), &mut spans),
            Line::Other => {
                skipped += 1;
                continue;
            }
        };
        *if added.map_err(|error| error.in_line(number))? { count } else { &mut known } += 1;
    }
    let details = json!({"runs": runs, "spans": spans, "known": known, "skipped": skipped});
    Ok(json!({"status": "success", "details": details}).to_string())
}

fn line_of(line: &str) -> Result<Line, ErrorResponse> {
    if line.trim().is_empty() {
        return Ok(Line::Other);
    }
    let (fields, mut errors) = (Fields::parse(line)?, Errors::default());
    let kind = fields.required_text("type", &mut errors);
    let line = match kind.as_str() {
        "agent_instance" => Line::Run(Box::new(run_of(&fields, &mut errors)?)),
        "agent_span" => Line::Span(Box::new(span_of(&fields, &mut errors))),
        _ => Line::Other,
    };
    errors.check()?;
    Ok(line)
}

fn run_of(fields: &Fields<'_>, errors: &mut Errors) -> Result<ImportedRun, ErrorResponse> {
    let agent = fields.inner("agent")?.unwrap_or_default();
    let mut version = declaration::agent_version(fields.object("agent_version", errors), errors)?;
    if version.name.is_none() {
        version.name = agent.text("name", errors);
    }
    Ok(ImportedRun {
        id: fields.required_text("id", errors),
        agent_id: agent.text("id", errors),
        version,
        schema: declaration::schema_version(fields.object("agent_schema_version", errors), errors)?,
        purpose: fields.word("purpose", purpose, errors).unwrap_or("live"),
        status: fields.word("status", Status::parse, errors).unwrap_or(Status::Complete),
        external_identifier: fields.text("external_identifier", errors),
        termination_reason: fields.text("termination_reason", errors),
        started_at: fields.time("started_at", errors),
        finished_at: fields.time("finished_at", errors),
    })
}

fn span_of(fields: &Fields<'_>, errors: &mut Errors) -> NewSpan {
    NewSpan {
        id: Some(fields.required_text("id", errors)),
        agent_instance_id: fields.required_text("agent_instance_id", errors),
        parent_span_id: fields.text("parent_span_id", errors),
        schema_name: fields.required_text("schema_name", errors),
        status: fields.word("status", Status::for_span, errors).unwrap_or(Status::Complete),
        payload: fields.raw_object("payload", errors).map(ToOwned::to_owned),
        result_payload: fields.raw_object("result_payload", errors).map(ToOwned::to_owned),
        sensitive_encoding: fields.flag("sensitive_encoding", errors).unwrap_or(false),
        started_at: fields.time("started_at", errors),
        finished_at: fields.time("finished_at", errors),
    }
}
