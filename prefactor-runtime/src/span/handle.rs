//! The handle of a span: made, started, ended.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::context::Context;
use crate::context::new_span::new_span;
use crate::manager::span_state::SpanState;
use crate::payload::Payload;
use crate::types::name;
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

    /// Ends the span as `complete`, with a result that is merged over the members of [`set_result`](Span::set_result).
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

    /// Ends the span as `failed`, with a result that is merged over the members of [`set_result`](Span::set_result).
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

    /// Ends the span with the status of [`set_status`](Span::set_status), else as `failed` when an error was set, else as `complete`.
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
    /// whose `Serialize` takes a lock, such as a `Mutex`, is waited for: give a copy of the locked value.
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

/// Prepares a span under the current one, where there is no function to annotate with [`#[span]`](../prefactor/attr.span.html).
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
