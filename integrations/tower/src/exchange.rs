//! One request and its answer, as a span.

use std::fmt;

use http::header::{HeaderMap, HeaderValue};
use http::{Method, StatusCode, Uri};
use prefactor_runtime::{AgentInstance, Context, InstanceStatus, Span, SpanError, SpanStatus};
use serde_json::{Map, Value, json};

/// The side of a request, which decides which statuses are failures.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    fn is_failed(self, status: StatusCode) -> bool {
        match self {
            Self::Client => status.as_u16() >= 400,
            Self::Server => status.as_u16() >= 500,
        }
    }

    /// The same for the status of gRPC. As OpenTelemetry's conventions have it, a server has not failed where the caller was wrong.
    const fn is_failed_grpc(self, code: u16) -> bool {
        match self {
            Self::Client => code != 0,
            Self::Server => matches!(code, 2 | 4 | 12..=15),
        }
    }
}

/// The span of a request. Dropped before its end it is cancelled.
pub(crate) struct Exchange {
    span: Span,
    /// The run that was made for this request, and ends with it.
    run: Option<AgentInstance>,
    side: Side,
    bytes: u64,
    is_over: bool,
}

impl Exchange {
    pub(crate) fn start(
        span: Span,
        run: Option<AgentInstance>,
        side: Side,
        payload: &Map<String, Value>,
    ) -> Self {
        span.start(payload);
        Self { span, run, side, bytes: 0, is_over: false }
    }

    pub(crate) fn context(&self) -> Context {
        self.span.context()
    }

    /// The head of the answer has come.
    pub(crate) fn respond(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.span.set_result(&json!({ "status_code": status.as_u16() }));
        self.trail(headers);
        if self.side.is_failed(status) {
            let reason = status.canonical_reason().unwrap_or("unknown");
            self.span.set_error(
                SpanError::new(format!("{} {reason}", status.as_u16())).with_type(status.as_str()),
            );
            self.span.set_status(SpanStatus::Failed);
        }
    }

    /// The headers after the body, where gRPC says how a call ended: its responses have the status 200. A call that failed at once
    /// has no body, and says it in front.
    pub(crate) fn trail(&mut self, headers: &HeaderMap) {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let Some(code) = text("grpc-status").and_then(|code| code.parse::<u16>().ok()) else { return };
        self.span.set_result(&json!({ "grpc_status_code": code }));
        if self.side.is_failed_grpc(code) {
            let message = text("grpc-message").filter(|message| !message.is_empty());
            let message = message.map_or_else(|| format!("gRPC status {code}"), decoded);
            self.span.set_error(SpanError::new(message).with_type(format!("grpc {code}")));
            self.span.set_status(SpanStatus::Failed);
        }
    }

    pub(crate) fn count(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// The body was sent to its end.
    pub(crate) fn end(&mut self) {
        self.finish(None);
    }

    pub(crate) fn fail(&mut self, error: &dyn fmt::Display, kind: &str) {
        self.span.set_error(SpanError::new(error.to_string()).with_type(kind));
        self.finish(Some(SpanStatus::Failed));
    }

    fn finish(&mut self, status: Option<SpanStatus>) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        self.span.set_result(&json!({ "body_bytes": self.bytes }));
        if let Some(status) = status {
            self.span.set_status(status);
        }
        self.span.finish();
        if let Some(run) = &self.run {
            run.finish(match status.or_else(|| self.span.status()) {
                Some(SpanStatus::Failed) => InstanceStatus::Failed,
                Some(SpanStatus::Cancelled) => InstanceStatus::Cancelled,
                _ => InstanceStatus::Complete,
            });
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.finish(Some(SpanStatus::Cancelled));
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Exchange").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}

/// The text of `grpc-message`, in which bytes that are not printable ASCII are written as `%` and two digits.
fn decoded(message: &str) -> String {
    let mut bytes = Vec::with_capacity(message.len());
    let mut rest = message.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The recorded form of a request. Values under the names of secrets are redacted like any others.
pub(crate) fn payload(
    method: &Method,
    uri: &Uri,
    route: Option<&str>,
    headers: &HeaderMap,
) -> Map<String, Value> {
    let shown = route.unwrap_or_else(|| uri.path());
    let mut payload = Map::new();
    let mut put = |name: &str, value: Value| payload.insert(name.to_owned(), value);
    put("name", format!("{method} {shown}").into());
    put("method", method.as_str().into());
    put("path", uri.path().into());
    if let Some(query) = uri.query() {
        put("query", query.into());
    }
    if let Some(host) = uri.host() {
        put("host", host.into());
    }
    put("headers", texts(headers));
    payload
}

/// Headers as an object; several values of one name joined by commas, as HTTP has them.
fn texts(headers: &HeaderMap) -> Value {
    let texts = headers.keys().map(|name| {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (name.as_str().to_owned(), Value::from(values.join(", ")))
    });
    Value::Object(texts.collect())
}
