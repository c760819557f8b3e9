//! Spans: the handle that users hold, and the state behind it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use crate::context::future::WithContext;
use crate::context::new_span::new_span;
use crate::context::{Context, ContextGuard};
use crate::manager::span_state::SpanState;
use crate::payload::{Payload, Redact};
use crate::redaction::Redaction;
use crate::types::name;
use crate::types::pfid::Pfid;
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;

/// One unit of work with a start and a finish.
///
/// A span is *prepared* when it is made, and nothing is sent. [`start`](Span::start) sends it with its
/// payload; [`complete`](Span::complete), [`fail`](Span::fail), [`cancel`](Span::cancel) or
/// [`finish`](Span::finish) end it. `start` and the finish work once: later calls do nothing. A span that is
/// finished without a start is started first, with its default payload. None of the methods waits, fails or
/// panics.
///
/// The span ends at the latest when this handle is dropped: as `failed` when a panic unwinds through it, else
/// as by [`finish`](Span::finish). Clones refer to the same span and do not end it by being dropped.
///
/// When no client is installed, or the client is disabled, spans are no-ops: every method may be called, and
/// [`id`](Span::id) is `None`.
///
/// # Examples
///
/// ```
/// # let needed = true;
/// let span = prefactor::span("agent:retrieval");
/// if needed {
///     span.start(&serde_json::json!({ "query": "rust agents" }));
///     span.complete(&serde_json::json!({ "hits": 3 }));
/// } else {
///     span.cancel();
/// }
/// ```
#[must_use = "a span that is dropped at once is finished at once"]
pub struct Span {
    pub(super) inner: Option<Arc<SpanState>>,
    is_owner: bool,
    /// Whether the thread was unwinding already when the handle was made.
    was_panicking: bool,
}

impl Span {
    pub(crate) fn owner(inner: Option<Arc<SpanState>>) -> Self {
        Self { inner, is_owner: true, was_panicking: std::thread::panicking() }
    }

    fn reference(inner: Option<Arc<SpanState>>) -> Self {
        Self { inner, is_owner: false, was_panicking: false }
    }

    /// The span that is current on this thread: inside an annotated function, its own.
    ///
    /// The handle does not end the span by being dropped. Without a current span it is a no-op.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Span, span};
    ///
    /// #[span("agent:llm_call")]
    /// fn ask(prompt: &str) -> String {
    ///     Span::current().set_result(&serde_json::json!({ "model": "small" }));
    ///     format!("an answer to {prompt}")
    /// }
    /// # ask("why");
    /// ```
    pub fn current() -> Self {
        Self::reference(Context::current().into_span())
    }

    /// Sets the payload of a span that is finished without an explicit start.
    ///
    /// # Examples
    ///
    /// ```
    /// let span = prefactor::span("agent:retrieval").with_default_payload(&serde_json::json!({ "query": "rust agents" }));
    /// span.finish(); // starts it first, with that payload
    /// ```
    pub fn with_default_payload<T: Serialize + ?Sized>(self, payload: &T) -> Self {
        if let Some(span) = &self.inner {
            span.set_default_payload(Payload::of(span.limits().inputs, payload));
        }
        self
    }

    /// Starts the span with a payload: an object as it is, anything else as `{"result": value}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let span = prefactor::span("agent:retrieval");
    ///     span.start(&serde_json::json!({ "query": "rust agents" }));
    /// });
    /// assert_eq!(recorder.trace().find("agent:retrieval").payload["query"], "rust agents");
    /// ```
    pub fn start<T: Serialize + ?Sized>(&self, payload: &T) {
        if let Some(span) = &self.inner {
            Payload::lend(span.limits().inputs, payload, |tape| span.start(tape));
        }
    }

    /// Starts the span and makes it current on this thread until the guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let step = prefactor::span("agent:step");
    ///     let _entered = step.start_as_current(&serde_json::json!({ "number": 1 }));
    ///     prefactor::span("tool:search").complete(&"found"); // a child of the step
    /// });
    /// recorder.trace().assert_outline(&["agent:step complete", "  tool:search complete"]);
    /// ```
    pub fn start_as_current<T: Serialize + ?Sized>(&self, payload: &T) -> ContextGuard {
        self.start(payload);
        self.enter()
    }

    /// Ends the span as `complete`, with a result that is merged over what [`set_result`](Span::set_result) has set.
    ///
    /// # Examples
    ///
    /// ```
    /// let span = prefactor::span("agent:retrieval");
    /// span.set_result(&serde_json::json!({ "index": "notes" }));
    /// span.complete(&serde_json::json!({ "hits": 3 })); // the result has both
    /// ```
    pub fn complete<T: Serialize + ?Sized>(&self, result: &T) {
        if let Some(span) = &self.inner {
            span.finish_as(SpanStatus::Complete, result);
        }
    }

    /// Ends the span as `failed`, with a result that is merged over what [`set_result`](Span::set_result) has set.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::SpanStatus;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| prefactor::span("agent:retrieval").fail(&serde_json::json!({ "reason": "no index" })));
    /// assert_eq!(recorder.trace().find("agent:retrieval").status, SpanStatus::Failed);
    /// ```
    pub fn fail<T: Serialize + ?Sized>(&self, result: &T) {
        if let Some(span) = &self.inner {
            span.finish_as(SpanStatus::Failed, result);
        }
    }

    /// Ends the span as `cancelled`. Before the start it is sent as such in one call, with its default payload.
    ///
    /// # Examples
    ///
    /// ```
    /// let span = prefactor::span("agent:retrieval");
    /// let is_cached = true;
    /// if is_cached {
    ///     span.cancel();
    /// }
    /// ```
    pub fn cancel(&self) {
        if let Some(span) = &self.inner {
            span.cancel();
        }
    }

    /// Ends the span as [`set_status`](Span::set_status) has said, else as `failed` when an error was set, else as `complete`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::SpanStatus;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let span = prefactor::span("agent:retrieval");
    ///     span.set_error("no index");
    ///     span.finish();
    /// });
    /// assert_eq!(recorder.trace().find("agent:retrieval").status, SpanStatus::Failed);
    /// ```
    pub fn finish(&self) {
        if let Some(span) = &self.inner {
            span.finish(None, &[]);
        }
    }

    /// Merges members into the result, which is sent when the span ends. Does not end it.
    ///
    /// A member of the same name that an annotated function returns is sent beside it, with `_returned` added to the name. A value
    /// whose `Serialize` takes a lock, such as a `Mutex`, is waited for: give a copy of what is behind the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// let span = prefactor::span("agent:llm_call");
    /// span.set_result(&serde_json::json!({ "model": "small" }));
    /// span.set_result(&serde_json::json!({ "tokens": 120 })); // both are sent
    /// ```
    pub fn set_result<T: Serialize + ?Sized>(&self, data: &T) {
        if let Some(span) = &self.inner {
            span.merge_result(Payload::of(span.limits().outputs, data));
        }
    }

    /// Replaces the result, which is sent when the span ends. Does not end it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let span = prefactor::span("agent:llm_call");
    ///     span.set_output(&serde_json::json!({ "text": "a draft" }));
    ///     span.set_output(&serde_json::json!({ "text": "the answer" }));
    /// });
    /// assert_eq!(recorder.trace().find("agent:llm_call").result["text"], "the answer");
    /// ```
    pub fn set_output<T: Serialize + ?Sized>(&self, output: &T) {
        if let Some(span) = &self.inner {
            span.replace_result(Payload::of(span.limits().outputs, output));
        }
    }

    /// Records an error, the last one wins. The span ends as `failed` unless it is ended explicitly as
    /// something else.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::SpanError;
    ///
    /// let span = prefactor::span("agent:llm_call");
    /// span.set_error(SpanError::new("no answer within 10 s").with_type("Timeout"));
    /// ```
    pub fn set_error(&self, error: impl Into<SpanError>) {
        if let Some(span) = &self.inner {
            span.set_error(error.into());
        }
    }

    /// The span's id in the API. `None` for a no-op span, and as long as the id is not final.
    ///
    /// All ids of an account share a partition, six characters of the text, which a client learns from the API's first
    /// answer or from its agent id. [`span_id`](Span::span_id) is there from the first moment.
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
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        self.inner.as_ref().and_then(|span| span.trace_id())
    }

    /// The id of the span above this one in the API, once it is final.
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

    /// Whether what happens in the span is recorded. `false` for a no-op span, for a span of a run that the
    /// [sample rate](crate::ClientBuilder::sample_rate) leaves out, and after the span has ended.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.inner.as_ref().is_some_and(|span| span.is_recording())
    }

    /// The context in which new spans are children of this one.
    ///
    /// # Examples
    ///
    /// ```
    /// let step = prefactor::span("agent:step");
    /// let context = step.context();
    /// std::thread::spawn(move || context.in_scope(|| prefactor::span("tool:search").complete(&"found")));
    /// ```
    pub fn context(&self) -> Context {
        Context::of_span_or_none(self.inner.clone())
    }

    /// Makes this the current span of the thread until the guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let step = prefactor::span("agent:step");
    /// let entered = step.enter();
    /// prefactor::span("tool:search").complete(&"found"); // a child of the step
    /// drop(entered);
    /// ```
    pub fn enter(&self) -> ContextGuard {
        self.context().enter()
    }

    /// Runs a closure with this as the current span.
    ///
    /// # Examples
    ///
    /// ```
    /// let step = prefactor::span("agent:step");
    /// let hits = step.in_scope(|| {
    ///     prefactor::span("tool:search").complete(&"found"); // a child of the step
    ///     3
    /// });
    /// assert_eq!(hits, 3);
    /// ```
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.context().in_scope(body)
    }

    /// Runs a future with this as the current span.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn search() {}
    /// # async fn agent() {
    /// let step = prefactor::span("agent:step");
    /// step.scope(search()).await; // spans of `search` are children of the step
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        self.context().scope(future)
    }
}

impl Clone for Span {
    fn clone(&self) -> Self {
        Self::reference(self.inner.clone())
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(span) = self.inner.as_ref().filter(|_| self.is_owner) else { return };
        if std::thread::panicking() && !self.was_panicking {
            span.finish_unwound();
        } else {
            span.finish(None, &[]);
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Some(span) => fmt::Debug::fmt(span, formatter),
            None => formatter.write_str("Span(no-op)"),
        }
    }
}

/// Prepares a span under the current one.
///
/// # Examples
///
/// ```
/// let span = prefactor::span("agent:retrieval");
/// span.start(&serde_json::json!({ "query": "rust agents" }));
/// span.complete(&serde_json::json!({ "hits": 3 }));
/// ```
pub fn span(schema_name: impl Into<Cow<'static, str>>) -> Span {
    Span::owner(new_span(schema_name.into(), None))
}

/// Prepares a span of kind `custom`, with a name and data of its own as its default payload.
///
/// # Examples
///
/// ```
/// let span = prefactor::custom_span("database_query", &serde_json::json!({ "operation": "SELECT" }));
/// span.set_output(&serde_json::json!({ "count": 12 }));
/// ```
pub fn custom_span<T: Serialize + ?Sized>(name: &str, data: &T) -> Span {
    let span = span("custom");
    if let Some(inner) = &span.inner {
        inner.set_default_payload(Payload::of_members(inner.limits().inputs, |members| {
            members.insert("name", name::cleaned(name, name::MAX_NAME).as_deref().unwrap_or(name));
            members.insert("data", data);
        }));
    }
    span
}

/// The span that is current on this thread, as [`Span::current`].
///
/// # Examples
///
/// ```
/// use prefactor::{current_span, span};
///
/// #[span("agent:llm_call")]
/// fn ask(prompt: &str) -> String {
///     current_span().set_result(&serde_json::json!({ "model": "small" }));
///     format!("an answer to {prompt}")
/// }
/// # ask("why");
/// ```
pub fn current_span() -> Span {
    Span::current()
}

impl SpanError {
    /// Adds data: an object as it is, anything else as `{"result": value}`.
    #[must_use]
    pub fn with_data<T: Serialize + ?Sized>(mut self, data: &T) -> Self {
        self.set_data(Payload::of(Context::current_data_limits().outputs, data));
        self
    }

    /// The data, for example as a map. `None` where there is none, and when it has another shape.
    #[must_use]
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        let mut json = Vec::new();
        self.payload_of_data()?.render_into(&mut json, &Redaction::default() as &dyn Redact);
        serde_json::from_slice(&json).ok()
    }
}
