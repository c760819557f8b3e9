//! Reads a span: its ids, its state, its times and its error.

use std::time::SystemTime;

use crate::span::handle::Span;
use crate::types::pfid::Pfid;
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;

impl Span {
    /// The span's id in the API. `None` for a no-op span, and as long as the id is not final.
    ///
    /// All ids of an account share a partition, six characters of the text, which a client learns from the API's first
    /// answer or from its agent id. [`span_id`](Span::span_id) is there from the first moment.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// let span = client.span("agent:step");
    /// span.start(&());
    /// client.flush(Duration::from_secs(5)); // after the first answer of the API the id is final
    /// println!("{:?}", span.id());
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<Pfid> {
        self.inner.as_ref().and_then(|span| span.id())
    }

    /// The span's id in W3C trace contexts and OTLP: 16 hexadecimal digits, which are the end of its id in the API.
    /// `None` for a no-op span only, so it is fit for log lines.
    ///
    /// # Examples
    ///
    /// ```
    /// let span = prefactor::current_span();
    /// println!("trace={:?} span={:?}", span.trace_id(), span.span_id());
    /// ```
    #[must_use]
    pub fn span_id(&self) -> Option<String> {
        self.inner.as_ref().map(|span| span.span_id())
    }

    /// The id of the trace, which is the agent instance: 32 hexadecimal digits. `None` for a no-op span only.
    ///
    /// The client makes it when the run is registered. The API knows it as the run's `external_identifier`, W3C trace
    /// contexts and OTLP as the trace id.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let (outer, inner) = (prefactor::span("agent:step"), prefactor::span("tool:search"));
    ///     assert_eq!(outer.trace_id(), inner.trace_id());
    /// });
    /// ```
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        self.inner.as_ref().and_then(|span| span.trace_id())
    }

    /// The id of the span above this one in the API, once it is final.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{span, Span};
    ///
    /// #[span("tool:search")]
    /// fn search(query: &str) -> usize {
    ///     let span = Span::current();
    ///     println!("{} under {:?} since {:?}", span.schema_name(), span.parent_id(), span.started_at());
    ///     query.len()
    /// }
    /// # search("why");
    /// ```
    #[must_use]
    pub fn parent_id(&self) -> Option<Pfid> {
        self.inner.as_ref().and_then(|span| span.parent_id())
    }

    /// The kind of work, as in `agent:llm_call`. Empty for a no-op span.
    #[must_use]
    pub fn schema_name(&self) -> &str {
        self.inner.as_ref().map_or("", |span| span.schema_name())
    }

    /// The state, or `None` for a no-op span.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::SpanStatus;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let span = prefactor::span("agent:step");
    ///     assert_eq!((span.status(), span.ended_at()), (Some(SpanStatus::Pending), None));
    ///     span.set_error("no index");
    ///     span.finish();
    ///     assert_eq!(span.status(), Some(SpanStatus::Failed));
    ///     assert!(span.error().is_some() && span.ended_at() >= span.started_at());
    /// });
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<SpanStatus> {
        self.inner.as_ref().map(|span| span.status())
    }

    /// When the span was started.
    #[must_use]
    pub fn started_at(&self) -> Option<SystemTime> {
        self.inner.as_ref().and_then(|span| span.started_at())
    }

    /// When the span ended.
    #[must_use]
    pub fn ended_at(&self) -> Option<SystemTime> {
        self.inner.as_ref().and_then(|span| span.ended_at())
    }

    /// The error that was recorded last.
    #[must_use]
    pub fn error(&self) -> Option<SpanError> {
        self.inner.as_ref().and_then(|span| span.error())
    }

    /// Whether the span does nothing because nothing is installed, or tracing is disabled.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        self.inner.is_none()
    }

    /// Whether the span records: results, events and errors. `false` for a no-op span, for a span of a run that the
    /// [sample rate](crate::ClientBuilder::sample_rate) leaves out, and after the span has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    /// use serde_json::json;
    ///
    /// # fn expensive_summary() -> String { String::new() }
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let span = prefactor::span("agent:step");
    ///     if span.is_recording() {
    ///         span.set_result(&json!({ "summary": expensive_summary() }));
    ///     }
    ///     assert!(!span.is_noop());
    ///     span.finish();
    ///     assert!(!span.is_recording());
    /// });
    /// assert!(prefactor::span("agent:step").is_noop(), "no client is installed");
    /// ```
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.inner.as_ref().is_some_and(|span| span.is_recording())
    }
}
