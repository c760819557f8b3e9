//! Runs that are not recorded.

use std::borrow::Cow;
use std::future::Future;
use std::time::SystemTime;

use serde::Serialize;

use crate::disabled::context::{Context, WithContext};
use crate::disabled::span::Span;
use crate::types::alert::Severity;
use crate::types::registration::Registration;
use crate::types::span_ref::SpanRef;
use crate::types::status::{InstanceStatus, SpanStatus, Terminated};

/// Runs the future.
///
/// # Errors
///
/// None.
pub async fn run<T, E, F>(_: impl Into<Registration>, agent: F) -> Result<Result<T, E>, Terminated>
where
    F: Future<Output = Result<T, E>>,
{
    Ok(agent.await)
}

/// Runs the future.
///
/// # Errors
///
/// None.
pub async fn run_value<F: Future>(_: impl Into<Registration>, agent: F) -> Result<F::Output, Terminated> {
    Ok(agent.await)
}

/// Never fails: nothing is recorded, so nothing is terminated.
///
/// # Errors
///
/// None.
#[expect(clippy::missing_const_for_fn, reason = "as in the other form")]
pub fn check_terminated() -> Result<(), Terminated> {
    Ok(())
}

/// An agent instance, without effect.
#[derive(Clone, Debug)]
#[must_use = "an instance that is dropped at once is finished at once"]
pub struct AgentInstance;

impl AgentInstance {
    /// `None`.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        None
    }

    /// `None`.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        None
    }

    /// Does nothing.
    pub fn start(&self) {}

    /// Does nothing.
    pub fn finish(&self, _: InstanceStatus) {}

    /// Does nothing.
    pub fn start_at(&self, _: SystemTime) {}

    /// Does nothing.
    pub fn finish_at(&self, _: InstanceStatus, _: SystemTime) {}

    /// `None`.
    #[must_use]
    pub fn create_span_at<T: Serialize + ?Sized>(
        &self,
        _: impl Into<Cow<'static, str>>,
        _: &T,
        _: SystemTime,
    ) -> Option<SpanRef> {
        None
    }

    /// Does nothing.
    pub fn finish_span_at<T: Serialize + ?Sized>(&self, _: &SpanRef, _: SpanStatus, _: &T, _: SystemTime) {}

    /// A no-op span.
    pub fn span(&self, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// A no-op span.
    pub fn top_span(&self, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// A no-op span.
    pub fn span_under(&self, _: &SpanRef, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// `None`.
    #[must_use]
    pub fn create_span<T: Serialize + ?Sized>(
        &self,
        _: impl Into<Cow<'static, str>>,
        _: &T,
    ) -> Option<SpanRef> {
        None
    }

    /// `None`.
    #[must_use]
    pub fn create_span_under<T: Serialize + ?Sized>(
        &self,
        _: &SpanRef,
        _: impl Into<Cow<'static, str>>,
        _: &T,
    ) -> Option<SpanRef> {
        None
    }

    /// Does nothing.
    pub fn finish_span<T: Serialize + ?Sized>(&self, _: &SpanRef, _: SpanStatus, _: &T) {}

    /// Does nothing.
    pub fn record_quality<T: Serialize + ?Sized>(&self, _: impl Into<String>, _: Option<&T>) {}

    /// Does nothing.
    pub fn raise_alert<T: Serialize + ?Sized>(&self, _: impl Into<String>, _: Severity, _: &T) {}

    /// Does nothing.
    pub fn clear_alert(&self, _: impl Into<String>) {}

    /// Does nothing.
    pub fn terminate(&self, _: impl Into<String>) {}

    /// A context without effect.
    pub fn context(&self) -> Context {
        Context
    }

    /// Runs the closure.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The future itself.
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        future
    }

    /// Runs the future.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn run_value<F: Future>(&self, agent: F) -> Result<F::Output, Terminated> {
        Ok(agent.await)
    }

    /// Runs the future.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn run<T, E, F>(&self, agent: F) -> Result<Result<T, E>, Terminated>
    where
        F: Future<Output = Result<T, E>>,
    {
        Ok(agent.await)
    }

    /// Waits for ever.
    pub async fn terminated(&self) -> Terminated {
        std::future::pending().await
    }

    /// `None`.
    #[must_use]
    pub fn termination(&self) -> Option<Terminated> {
        None
    }
}
