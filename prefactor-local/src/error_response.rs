//! The error answers of the API.

use std::{collections::BTreeMap, fmt::Display};

use rusqlite::ErrorCode;
use serde::Serialize;

/// An error answer: an HTTP status and the envelope `status`, `code`, `message`, `errors`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ErrorResponse {
    #[serde(skip)]
    pub(crate) http: u16,
    /// Seconds until the client should send the request again.
    #[serde(skip)]
    pub(crate) retry_after: Option<u16>,
    status: &'static str,
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<BTreeMap<&'static str, Vec<String>>>,
}

impl ErrorResponse {
    fn new(http: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { http, retry_after: None, status: "error", code, message: message.into(), errors: None }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "bad_request", message)
    }

    pub(crate) fn bad_token() -> Self {
        let message = "send a valid token as \"Authorization: Bearer <token>\"";
        Self::new(401, "bad_authtoken", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "forbidden", message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", [what, " not found"].concat())
    }

    /// The answer of a part of the API that this server does not have.
    pub(crate) fn not_local(what: &str) -> Self {
        Self::new(404, "not_found", ["a local server has no use for ", what].concat())
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, "method_not_allowed", "this path does not answer that method")
    }

    pub(crate) fn timeout() -> Self {
        Self::new(408, "request_timeout", "the body did not arrive in time")
    }

    /// The object is in a state that does not allow the action.
    pub(crate) fn invalid_action(message: impl Into<String>) -> Self {
        Self::new(409, "invalid_action", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "conflict", message)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(413, "payload_too_large", "the body is larger than 8 MiB")
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(415, "unsupported_media_type", message)
    }

    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        let mut errors = Errors::default();
        errors.add(field, problem);
        errors.into_response_body()
    }

    /// The queue of the writer is full.
    pub(crate) fn too_many_requests() -> Self {
        let message = "requests come faster than they can be stored: send this one again in a second";
        Self { retry_after: Some(1), ..Self::new(429, "too_many_requests", message) }
    }

    /// The file cannot be written now; the request itself is good.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self { retry_after: Some(1), ..Self::new(503, "service_unavailable", message) }
    }

    pub(crate) fn internal(cause: impl Display) -> Self {
        Self::new(500, "internal_error", cause.to_string())
    }

    /// The answer that a test's script prescribes, with the field that it names.
    #[cfg(feature = "oracle")]
    pub(crate) fn scripted(
        http: u16,
        code: &'static str,
        field: Option<(&'static str, &'static str)>,
    ) -> Self {
        let mut errors = Errors::default();
        if let Some((field, problem)) = field {
            errors.add(field, problem);
        }
        Self { errors: field.map(|_| errors.0), ..Self::new(http, code, "scripted") }
    }

    /// Names the line of a text that holds the error.
    pub(crate) fn in_line(mut self, number: usize) -> Self {
        self.message = format!("line {number}: {}", self.message);
        self
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<rusqlite::Error> for ErrorResponse {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::unavailable(
                "another program has locked the database file: close it there, or wait until it is done",
            ),
            Some(ErrorCode::DiskFull) => {
                Self::unavailable("the disk is full: free some space, or delete old runs")
            }
            _ => Self::internal(error),
        }
    }
}

impl From<serde_json::Error> for ErrorResponse {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<getrandom::Error> for ErrorResponse {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(error)
    }
}

/// Problems with the fields of one request, collected so that one answer names all of them.
#[derive(Debug, Default)]
pub(crate) struct Errors(BTreeMap<&'static str, Vec<String>>);

impl Errors {
    pub(crate) fn add(&mut self, field: &'static str, problem: impl Into<String>) {
        self.0.entry(field).or_default().push(problem.into());
    }

    pub(crate) fn check(self) -> Result<(), ErrorResponse> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_response_body()) }
    }

    fn into_response_body(self) -> ErrorResponse {
        let fields: Vec<_> = self.0.keys().copied().collect();
        let message = ["invalid parameters: ", &fields.join(", ")].concat();
        ErrorResponse { errors: Some(self.0), ..ErrorResponse::new(422, "validation_errors", message) }
    }
}
