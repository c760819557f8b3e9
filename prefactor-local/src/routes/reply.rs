//! Answers: always JSON, whatever the outcome.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    error_response::ErrorResponse,
    model::Control,
    store::{Pagination, Sorted},
};

/// The JSON text of a successful answer.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) String);

#[derive(Serialize)]
struct Envelope<'a, T> {
    status: &'static str,
    details: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<Control>,
}

#[derive(Serialize)]
struct List<'a, T> {
    status: &'static str,
    summaries: &'a [T],
    pagination: Pagination,
    sorting: Sorted,
}

pub(super) fn details(details: &impl Serialize) -> Result<String, ErrorResponse> {
    controlled(details, None)
}

/// Details with the control signal beside them, if there is one.
pub(super) fn controlled(
    details: &impl Serialize,
    control: Option<Control>,
) -> Result<String, ErrorResponse> {
    Ok(serde_json::to_string(&Envelope { status: "success", details, control })?)
}

pub(super) fn list<T: Serialize>(
    (summaries, pagination): &(Vec<T>, Pagination),
    sorting: Sorted,
) -> Result<String, ErrorResponse> {
    let pagination = *pagination;
    Ok(serde_json::to_string(&List { status: "success", summaries, pagination, sorting })?)
}

fn json(status: StatusCode, body: String) -> Response {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(CONTENT_TYPE, json)], body).into_response()
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        json(StatusCode::OK, self.0)
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json(status, self.to_json())
    }
}
