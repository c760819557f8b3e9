//! Spans around a future or a closure: they see its result, its panic and its drop, as the attribute does.

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;

use crate::manager::span_state::SpanState;
use crate::payload::{self, Payload};
use crate::span::handle::Span;
use crate::types::span_error::SpanError;

impl Span {
    /// Starts the span, runs a future in it that returns a `Result`, and ends it by that.
    ///
    /// `Ok` completes the span with the value, `Err` fails it with the error, a panic fails it, and dropping the future cancels
    /// it. A finish by hand within the future wins. For another output there is [`run_value`](Span::run_value).
    ///
    /// # Errors
    ///
    /// The future's own.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the one within, and the span ends as `cancelled`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn fetch(url: &str) -> Result<String, std::io::Error> { Ok(url.to_owned()) }
    /// # async fn agent() -> Result<(), std::io::Error> {
    /// let span = prefactor::span("tool:fetch").with_default_payload(&serde_json::json!({ "url": "…" }));
    /// let page = span.run(fetch("…")).await?;
    /// # drop(page);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run<T, E, F>(self, future: F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        T: Serialize,
        E: Display,
    {
        let running = self.begin();
        let output = self.scope(future).await;
        running.end_by(&output);
        output
    }

    /// As [`run`](Span::run), for an output that is no `Result`, which is not recorded.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the one within, and the span ends as `cancelled`.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn wait() {}
    /// # async fn agent() {
    /// prefactor::span("agent:pause").run_value(wait()).await; // complete when it has waited, cancelled when it is dropped
    /// # }
    /// ```
    pub async fn run_value<F: Future>(self, future: F) -> F::Output {
        let running = self.begin();
        let output = self.scope(future).await;
        running.end();
        output
    }

    /// As [`run`](Span::run), for a closure.
    ///
    /// # Errors
    ///
    /// The closure's own.
    ///
    /// # Examples
    ///
    /// ```
    /// let number = prefactor::span("tool:parse").run_sync(|| "42".parse::<u32>())?;
    /// # assert_eq!(number, 42);
    /// # Ok::<(), std::num::ParseIntError>(())
    /// ```
    pub fn run_sync<T: Serialize, E: Display>(self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let running = self.begin();
        let output = self.in_scope(body);
        running.end_by(&output);
        output
    }

    /// As [`run_sync`](Span::run_sync), for an output that is no `Result`, which is not recorded.
    ///
    /// # Examples
    ///
    /// ```
    /// let words = prefactor::span("agent:plan").run_value_sync(|| "three short steps".split(' ').count());
    /// assert_eq!(words, 3);
    /// ```
    pub fn run_value_sync<T>(self, body: impl FnOnce() -> T) -> T {
        let running = self.begin();
        let output = self.in_scope(body);
        running.end();
        output
    }

    fn begin(&self) -> Running {
        if let Some(span) = &self.inner {
            span.start_by_default();
        }
        Running { span: self.inner.clone() }
    }
}

/// A span whose future or closure has not come to its end.
struct Running {
    span: Option<Arc<SpanState>>,
}

impl Running {
    fn end_by<T: Serialize, E: Display>(mut self, output: &Result<T, E>) {
        let Some(span) = self.span.take() else { return };
        match output {
            Ok(value) => Payload::lend(span.limits().outputs, value, |tape| span.finish(None, tape)),
            Err(error) => {
                let error =
                    SpanError::new(payload::display_text(error)).with_type(std::any::type_name::<E>());
                span.finish_failed(error);
            }
        }
    }

    fn end(mut self) {
        if let Some(span) = self.span.take() {
            span.finish(None, &[]);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(span) = self.span.take() else { return };
        if std::thread::panicking() {
            span.finish_unwound();
        } else {
            span.cancel();
        }
    }
}
