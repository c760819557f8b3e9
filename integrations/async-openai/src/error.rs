//! Errors of services and servers, as they are recorded.

use std::any::Any;
use std::fmt;

use async_openai::error::OpenAIError;
use prefactor_runtime::SpanError;
use reqwest::StatusCode;
use serde_json::Value;

/// The error of a service.
pub(crate) fn of_service<E: fmt::Display + 'static>(error: &E) -> SpanError {
    let kind = match (error as &dyn Any).downcast_ref::<OpenAIError>() {
        Some(OpenAIError::ApiError(answer)) => answer
            .api_error
            .r#type
            .clone()
            .or_else(|| answer.api_error.code.clone())
            .unwrap_or_else(|| answer.status_code.as_str().to_owned()),
        Some(OpenAIError::Reqwest(error)) => of_connection(error).to_owned(),
        Some(OpenAIError::JSONDeserialize(..)) => "invalid_answer".to_owned(),
        _ => "service".to_owned(),
    };
    SpanError::new(error.to_string()).with_type(kind)
}

pub(crate) fn of_connection(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "timeout",
        error if error.is_connect() => "connect",
        _ => "connection",
    }
}

/// The error that a server's JSON tells of: as a member `error`, or as the Responses API's event of that type.
pub(crate) fn of_json(answer: &Value) -> Option<SpanError> {
    let told = match answer.get("error") {
        Some(Value::Null) | None if answer.get("type").and_then(Value::as_str) == Some("error") => answer,
        Some(Value::Null) | None => return None,
        Some(told) => told,
    };
    let text = |name| match told.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let message = told.as_str().map(str::to_owned).or_else(|| text("message"));
    let kind = text("type").filter(|kind| kind != "error").or_else(|| text("code"));
    let message = message.unwrap_or_else(|| "the server answered with an error".to_owned());
    Some(SpanError::new(message).with_type(kind.unwrap_or_else(|| "error".to_owned())))
}

/// An answer whose status says that it failed.
pub(crate) fn of_status(status: StatusCode) -> SpanError {
    let reason = status.canonical_reason().unwrap_or("unknown");
    SpanError::new(format!("{} {reason}", status.as_u16())).with_type(status.as_str())
}

pub(crate) fn truncated() -> SpanError {
    SpanError::new("the stream ended without its end marker").with_type("stream_truncated")
}
