//! Answers, which are always JSON.

use crate::error_response::ErrorResponse;
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};

/// The JSON text of a successful answer.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) String);

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
        let mut response = json(status, self.to_json());
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
