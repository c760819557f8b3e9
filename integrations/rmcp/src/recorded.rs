//! A call as a span, on either side.

use std::fmt;

use prefactor_runtime::{AgentInstance, Context, InstanceStatus, Span, SpanError, SpanStatus};
use rmcp::ErrorData;
use serde_json::{Map, Value};

use crate::work::CallAnswer;

/// The span of a call. Dropped before its end it is cancelled.
pub(crate) struct Recorded {
    span: Span,
    /// The run that was made for this call, and ends with it.
    run: Option<AgentInstance>,
    is_over: bool,
}

impl Recorded {
    pub(crate) fn start(span: Span, run: Option<AgentInstance>, payload: &Map<String, Value>) -> Self {
        span.start(payload);
        Self { span, run, is_over: false }
    }

    pub(crate) fn context(&self) -> Context {
        self.span.context()
    }

    /// A handle for those who add events.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The call was answered. A tool's result may say that the tool failed.
    pub(crate) fn answer(mut self, answer: &impl CallAnswer) {
        let result = answer.told();
        if result.get("isError") == Some(&Value::Bool(true)) {
            let message = text(&result).unwrap_or_else(|| "the tool failed".to_owned());
            self.span.set_error(SpanError::new(message).with_type("tool_error"));
        }
        self.span.set_result(&result);
        self.finish(None);
    }

    pub(crate) fn refuse(mut self, error: &ErrorData) {
        let told = SpanError::new(error.message.clone()).with_type(error.code.0.to_string());
        self.span.set_error(match &error.data {
            Some(data) => told.with_data(data),
            None => told,
        });
        self.finish(None);
    }

    #[cfg(feature = "client")]
    pub(crate) fn fail(mut self, error: &dyn fmt::Display, kind: &str) {
        self.span.set_error(SpanError::new(error.to_string()).with_type(kind));
        self.finish(None);
    }

    /// The caller does not wait any more.
    pub(crate) fn cancel(mut self) {
        self.finish(Some(SpanStatus::Cancelled));
    }

    fn finish(&mut self, status: Option<SpanStatus>) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
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

impl Drop for Recorded {
    fn drop(&mut self) {
        self.finish(Some(SpanStatus::Cancelled));
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recorded").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}

/// The texts of a tool's result.
fn text(result: &Map<String, Value>) -> Option<String> {
    let blocks = result.get("content")?.as_array()?;
    let texts: Vec<_> = blocks.iter().filter_map(|block| block.get("text")?.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}
