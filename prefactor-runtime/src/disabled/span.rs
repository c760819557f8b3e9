//! Spans that are not recorded.

use std::borrow::Cow;
use std::future::Future;
use std::marker::PhantomData;
use std::time::SystemTime;

use serde::Serialize;

use crate::disabled::context::{Context, ContextGuard, WithContext};
use crate::types::pfid::Pfid;
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;
use crate::types::usage::Usage;

/// A no-op span.
pub fn span(_: impl Into<Cow<'static, str>>) -> Span {
    Span
}

/// A no-op span.
pub fn custom_span<T: Serialize + ?Sized>(_: &str, _: &T) -> Span {
    Span
}

/// A no-op span.
pub fn current_span() -> Span {
    Span::current()
}

/// A no-op span.
#[derive(Clone, Debug)]
#[must_use = "a span that is dropped at once is finished at once"]
pub struct Span;

macro_rules! ignored_data {
    ($($name:ident)*) => {$(
        /// Does nothing.
        pub fn $name<T: Serialize + ?Sized>(&self, _: &T) {}
    )*};
}

macro_rules! nothing_known {
    ($($name:ident -> $fact:ty;)*) => {$(
        /// `None`.
        #[must_use]
        pub fn $name(&self) -> Option<$fact> {
            None
        }
    )*};
}

impl Span {
    /// A no-op span.
    pub fn current() -> Self {
        Self
    }

    ignored_data! { start complete fail set_result set_output }

    nothing_known! {
        id -> Pfid;
        trace_id -> String;
        span_id -> String;
        parent_id -> Pfid;
        status -> SpanStatus;
        started_at -> SystemTime;
        ended_at -> SystemTime;
        error -> SpanError;
    }

    /// The span itself.
    pub fn with_default_payload<T: Serialize + ?Sized>(self, _: &T) -> Self {
        self
    }

    /// A guard without effect.
    pub fn start_as_current<T: Serialize + ?Sized>(&self, _: &T) -> ContextGuard {
        self.enter()
    }

    /// A no-op span.
    pub fn child(&self, _: impl Into<Cow<'static, str>>) -> Self {
        Self
    }

    /// Does nothing.
    pub fn start_at<T: Serialize + ?Sized>(&self, _: &T, _: SystemTime) {}

    /// Does nothing.
    pub fn complete_at<T: Serialize + ?Sized>(&self, _: &T, _: SystemTime) {}

    /// Does nothing.
    pub fn fail_at<T: Serialize + ?Sized>(&self, _: &T, _: SystemTime) {}

    /// Does nothing.
    pub fn finish_at(&self, _: SystemTime) {}

    /// Does nothing.
    pub fn set_status(&self, _: SpanStatus) {}

    /// Does nothing.
    pub fn record<T: Serialize + ?Sized>(&self, _: &str, _: &T) {}

    /// Does nothing.
    pub fn start_by_default(&self) {}

    /// A guard without effect.
    pub fn start_marked(&self) -> CurrentSpan<'_> {
        CurrentSpan { span: PhantomData }
    }

    /// Does nothing.
    pub fn set_usage(&self, _: &Usage) {}

    /// Does nothing.
    pub fn add_event<T: Serialize + ?Sized>(&self, _: &str, _: &T) {}

    /// Runs the future.
    ///
    /// # Errors
    ///
    /// The future's own.
    pub async fn run<T, E, F>(self, future: F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        T: Serialize,
        E: std::fmt::Display,
    {
        future.await
    }

    /// Runs the future.
    pub async fn run_value<F: Future>(self, future: F) -> F::Output {
        future.await
    }

    /// Runs the closure.
    ///
    /// # Errors
    ///
    /// The closure's own.
    pub fn run_sync<T: Serialize, E: std::fmt::Display>(
        self,
        body: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        body()
    }

    /// Runs the closure.
    pub fn run_value_sync<T>(self, body: impl FnOnce() -> T) -> T {
        body()
    }

    /// Does nothing.
    pub fn cancel(&self) {}

    /// Does nothing.
    pub fn finish(&self) {}

    /// Does nothing.
    pub fn set_error(&self, _: impl Into<SpanError>) {}

    /// Empty.
    #[must_use]
    pub fn schema_name(&self) -> &'static str {
        ""
    }

    /// `true`.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        true
    }

    /// `false`.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        false
    }

    /// A context without effect.
    pub fn context(&self) -> Context {
        Context
    }

    /// A guard without effect.
    pub fn enter(&self) -> ContextGuard {
        Context.enter()
    }

    /// Runs the closure.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The future itself.
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        future
    }
}

/// A guard without effect.
#[must_use = "the span is left at once when the guard is not kept"]
#[derive(Debug)]
pub struct CurrentSpan<'a> {
    span: PhantomData<(&'a Span, *const ())>,
}

impl CurrentSpan<'_> {
    /// Does nothing.
    pub fn finish(self) {}
}
