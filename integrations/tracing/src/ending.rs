//! How a span ends: by its own fields, by the spans below it, or by the span above it.

use std::time::SystemTime;

use prefactor_runtime::observer::{Above, end_with};
use prefactor_runtime::{Span, SpanError, SpanStatus};
use tracing_core::Metadata;

use crate::fields::Fields;
use crate::mapping::{self, Failure};
use crate::place::Below;

/// How a span ends, as far as it and the spans below it say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    Complete,
    Failed(Failure),
    /// It has no answer: it failed or was dropped, which crates do not tell apart.
    Unanswered,
    /// It would look the same if it had failed or was dropped.
    Silent,
}

/// How a span ends that no field and no event calls failed.
pub(crate) fn end(kind: &str, fields: &Fields, metadata: &Metadata<'_>, below: &Below) -> End {
    let declares = |prefix: &str| metadata.fields().iter().any(|field| field.name().starts_with(prefix));
    match kind {
        "agent:llm_call" if !mapping::is_answered(fields) => End::Unanswered,
        // rig records it with each tool that it has run.
        "agent:tool_call" if declares(mapping::OUTCOME) && !fields.0.contains_key(mapping::OUTCOME) => {
            End::Unanswered
        }
        "agent:run" if !mapping::has_output(fields) => {
            // rig records the sum of its calls when it has an answer.
            if below.has_tokens && declares(mapping::USAGE) {
                return End::Unanswered;
            }
            match &below.last {
                Some(last) if last.end != End::Complete => last.end.clone(),
                Some(last) if !last.is_model_call => End::Silent,
                _ => End::Complete,
            }
        }
        _ => End::Complete,
    }
}

/// Ends a span that was over at that time. `above` is the span above it.
pub(crate) fn finish(span: Span, at: SystemTime, end: End, above: &Span) {
    let otherwise = match end {
        End::Complete => return finish_as(&span, at, SpanStatus::Complete),
        End::Failed(failure) => {
            span.set_error(SpanError::new(failure.message).with_type(failure.kind));
            return finish_as(&span, at, SpanStatus::Failed);
        }
        End::Unanswered => SpanStatus::Cancelled,
        End::Silent => SpanStatus::Complete,
    };
    // A panic of other work drops it.
    if std::thread::panicking() {
        return finish_as(&span, at, SpanStatus::Cancelled);
    }
    span.set_status(otherwise);
    end_with(above, move |above| {
        let status = match above {
            Some(Above { status: SpanStatus::Failed, error }) => {
                span.set_error(error.unwrap_or_else(|| SpanError::new("the work around it failed")));
                SpanStatus::Failed
            }
            Some(Above { status: SpanStatus::Cancelled, .. }) => SpanStatus::Cancelled,
            _ => otherwise,
        };
        finish_as(&span, at, status);
    });
}

fn finish_as(span: &Span, at: SystemTime, status: SpanStatus) {
    span.set_status(status);
    span.finish_at(at);
}
