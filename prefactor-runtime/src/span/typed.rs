//! Spans with typed data, as the OpenAI Agents SDK has them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use crate::context::ContextGuard;
use crate::payload::Payload;
use crate::span::handle::{Span, span};
use crate::types::span_data::SpanData;

/// A [`Span`] with data of a type, which can be read and changed until the span ends, on a no-op span too.
///
/// The data is the span's payload as it is at the start, and part of its result as it is at the end.
///
/// # Examples
///
/// ```
/// use prefactor::span_data::GenerationSpanData;
/// use prefactor::{Usage, typed_span};
///
/// let span = typed_span(GenerationSpanData::new().with_model("small-1").with_input(&["Hi"]));
/// let guard = span.start_marked();
/// span.update(|data| data.usage = Some(Usage::new().with_input_tokens(3).with_output_tokens(5)));
/// assert_eq!(span.span_data().model.as_deref(), Some("small-1"));
/// guard.finish();
/// ```
#[must_use = "a span that is dropped at once is finished at once"]
pub struct TypedSpan<D: SpanData> {
    span: Span,
    data: Mutex<D>,
}

/// Prepares a span with typed data under the current one.
///
/// # Examples
///
/// ```
/// use prefactor::span_data::HandoffSpanData;
///
/// let span = prefactor::typed_span(HandoffSpanData::new().with_from_agent("triage"));
/// span.update(|data| data.to_agent = Some("billing".to_owned()));
/// ```
pub fn typed_span<D: SpanData>(data: D) -> TypedSpan<D> {
    TypedSpan::of(span(D::SCHEMA_NAME), data)
}

impl<D: SpanData> TypedSpan<D> {
    /// Prepares a span with typed data under another span.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::TypedSpan;
    /// use prefactor::span_data::FunctionSpanData;
    ///
    /// let answer = prefactor::span("agent:answer");
    /// let search = TypedSpan::child_of(&answer, FunctionSpanData::new("search").with_input(r#"{"query":"rust agents"}"#));
    /// search.update(|data| data.output = prefactor::Json::of(&3));
    /// ```
    pub fn child_of(parent: &Span, data: D) -> Self {
        Self::of(parent.child(D::SCHEMA_NAME), data)
    }

    fn of(span: Span, data: D) -> Self {
        let span = Self { span, data: Mutex::new(data) };
        span.keep();
        span
    }

    /// The data as it is now.
    pub fn span_data(&self) -> D {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the data. After the span's end the change is kept here and not sent.
    pub fn update<R>(&self, change: impl FnOnce(&mut D) -> R) -> R {
        let changed = change(&mut self.data.lock().unwrap_or_else(PoisonError::into_inner));
        self.keep();
        changed
    }

    /// Updates the span from the data.
    fn keep(&self) {
        let Some(state) = &self.span.inner else { return };
        let data = self.span_data();
        state.set_span_data(Payload::of(state.limits().inputs, &data));
        if let Some(usage) = data.usage() {
            state.set_usage(usage);
        }
    }
}

impl<D: SpanData> Deref for TypedSpan<D> {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

impl<D: SpanData + fmt::Debug> fmt::Debug for TypedSpan<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.span, formatter)
    }
}

/// A span that is current on this thread: `finish(reset_current)` of the OpenAI Agents SDK.
///
/// However it ends, the span that was current before is current again: nothing can leave a span that has ended behind.
///
/// # Examples
///
/// ```
/// let span = prefactor::span("agent:answer");
/// let current = span.start_marked();
/// current.finish();
/// assert!(prefactor::current_span().is_noop());
/// ```
#[must_use = "the span is left at once when the guard is not kept"]
#[derive(Debug)]
pub struct CurrentSpan<'a> {
    span: &'a Span,
    guard: Option<ContextGuard>,
}

impl CurrentSpan<'_> {
    /// Ends the span, and makes the one before it current.
    pub fn finish(mut self) {
        self.span.finish();
        self.guard = None;
    }
}

impl Span {
    /// Starts the span with its default payload: `start()` of the OpenAI Agents SDK.
    ///
    /// # Examples
    ///
    /// ```
    /// let span = prefactor::custom_span("database_query", &serde_json::json!({ "operation": "SELECT" }));
    /// span.start_by_default(); // with the operation as its data
    /// ```
    pub fn start_by_default(&self) {
        if let Some(state) = &self.inner {
            state.start_by_default();
        }
    }

    /// Starts the span with its default payload, and makes it current on this thread until the guard is dropped or
    /// [finished](CurrentSpan::finish): `start(mark_as_current=True)` of the OpenAI Agents SDK.
    ///
    /// The guard is for synchronous code and must not be held across an `.await`: see [`enter`](Span::enter).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let answer = prefactor::span("agent:answer");
    ///     let current = answer.start_marked();
    ///     prefactor::span("tool:search").complete(&"found"); // a child of the answer
    ///     current.finish();
    /// });
    /// recorder.trace().assert_outline(&["agent:answer complete", "  tool:search complete"]);
    /// ```
    pub fn start_marked(&self) -> CurrentSpan<'_> {
        self.start_by_default();
        CurrentSpan { span: self, guard: Some(self.enter()) }
    }
}
