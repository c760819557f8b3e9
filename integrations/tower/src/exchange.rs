//! One request and its answer, as a span.

use std::fmt;

use http::header::HeaderMap;
use http::{Method, StatusCode, Uri};
use prefactor_runtime::{AgentInstance, Context, InstanceStatus, Span, SpanError, SpanStatus};
use serde_json::{Map, Value, json};

/// The span of a request. Dropped before its end it is cancelled.
pub(crate) struct Exchange {
    span: Span,
    /// The run that was made for this request, and ends with it.
    run: Option<AgentInstance>,
    /// The lowest status that is a failure.
    fails_from: u16,
    bytes: u64,
    is_over: bool,
}

impl Exchange {
    pub(crate) fn start(
        span: Span,
        run: Option<AgentInstance>,
        fails_from: u16,
        payload: &Map<String, Value>,
    ) -> Self {
        span.start(payload);
        Self { span, run, fails_from, bytes: 0, is_over: false }
    }

    pub(crate) fn context(&self) -> Context {
        self.span.context()
    }

    /// The head of the answer has come.
    pub(crate) fn respond(&mut self, status: StatusCode) {
        self.span.set_result(&json!({ "status_code": status.as_u16() }));
        if status.as_u16() >= self.fails_from {
            let reason = status.canonical_reason().unwrap_or("unknown");
            self.span.set_error(
                SpanError::new(format!("{} {reason}", status.as_u16())).with_type(status.as_str()),
            );
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
            let is_failed = self.span.status() == Some(SpanStatus::Failed);
            run.finish(if is_failed { InstanceStatus::Failed } else { InstanceStatus::Complete });
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

/// What a request is shown as. Values under the names of secrets are redacted like any others.
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
