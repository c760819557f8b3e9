//! Usage and events of a span.

use serde::Serialize;

use crate::span::handle::Span;
use crate::types::usage::Usage;

impl Span {
    /// Sets the usage of a model call. Members that are `None` here keep the values that were set before.
    ///
    /// It is sent in the result as `token_usage`, with `model`, `provider`, `cost` and `cache_hit` beside it; `docs/fields.md`
    /// says who reads them. Where the function returns a member of one of these names, its value is kept under the name with
    /// `_returned` added.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Span, Usage};
    ///
    /// let usage = Usage::new().with_model("small-1").with_input_tokens(12).with_output_tokens(40);
    /// Span::current().set_usage(&usage);
    /// ```
    pub fn set_usage(&self, usage: &Usage) {
        if let Some(span) = &self.inner {
            span.set_usage(usage.clone());
        }
    }

    /// Adds an event: a point in time with a name and data, such as a retry, a check of a budget, a guardrail that tripped.
    ///
    /// Events are sent in the result, as the list `events` of `{"name", "at", "data"}`, in the order in which they were added.
    /// The first 128 of a span are kept, within 64 KiB; the list's last element then tells how many were left out.
    /// After the span's end nothing is added.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Span, span};
    ///
    /// #[span("agent:llm_call")]
    /// fn ask(prompt: &str) -> String {
    ///     Span::current().add_event("retry", &serde_json::json!({ "attempt": 2, "status": 429 }));
    ///     prompt.to_uppercase()
    /// }
    /// # ask("why");
    /// ```
    pub fn add_event<T: Serialize + ?Sized>(&self, name: &str, data: &T) {
        if let Some(span) = &self.inner {
            span.add_event(name, data);
        }
    }
}
