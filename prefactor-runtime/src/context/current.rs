//! Reads and replaces the current context of a thread.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::context::parent::Context;
use crate::context::stack;
use crate::manager::installed;
use crate::manager::span_state::SpanState;
use crate::payload::CaptureLimits;
use crate::platform::suppression::is_suppressed;

impl Context {
    /// The context of this thread at this moment.
    ///
    /// While a value is captured there is none: the context of that moment makes no spans, wherever it is carried.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Context;
    ///
    /// let context = Context::current();
    /// std::thread::spawn(move || context.in_scope(|| prefactor::span("tool:search").complete(&"found")));
    /// ```
    pub fn current() -> Self {
        if is_suppressed() {
            return Self::noop();
        }
        stack::current()
    }

    /// The capture limits of a new span in the context of this thread at this moment. `None` where nothing is recorded.
    pub(crate) fn current_limits() -> Option<CaptureLimits> {
        Self::current_limits_or(installed::limits)
    }

    /// As [`Context::current_limits`], for data that may or may not come into a span: no run is registered for it.
    pub(crate) fn current_data_limits() -> CaptureLimits {
        Self::current_limits_or(installed::limits_if_known).unwrap_or_default()
    }

    fn current_limits_or(at_root: fn() -> Option<CaptureLimits>) -> Option<CaptureLimits> {
        if is_suppressed() {
            return None;
        }
        let in_run = |current: &Self| (!current.is_root()).then(|| current.limits_in_run());
        stack::with_current(|current| current.and_then(in_run)).unwrap_or_else(at_root)
    }

    /// The spans that this thread has entered, innermost first.
    pub(crate) fn current_spans() -> Vec<Arc<SpanState>> {
        stack::contexts().into_iter().filter_map(Self::into_span).collect()
    }

    /// Makes this the current context of the thread until the guard is dropped.
    ///
    /// The guard is for synchronous code. In an async function it would stay entered while the function waits, and
    /// give its context to other tasks on the thread: use [`Context::scope`] there.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Context;
    ///
    /// let context = Context::current();
    /// let guard = context.enter();
    /// // spans made here belong to the context
    /// drop(guard);
    /// ```
    pub fn enter(self) -> ContextGuard {
        ContextGuard { number: stack::push(self), not_send: PhantomData }
    }

    /// Runs a closure in this context.
    ///
    /// An async block that the closure returns runs later, outside of the context: use [`Context::scope`] for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Context;
    ///
    /// let hits = Context::current().in_scope(|| 3);
    /// assert_eq!(hits, 3);
    /// ```
    pub fn in_scope<R>(self, body: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        body()
    }
}

/// Restores the previous context when it is dropped. It cannot leave its thread.
///
/// Hold it in synchronous code only, never across an `.await`; for a future there is [`Context::scope`]. Guards may be
/// dropped in any order: each removes its own context.
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// send(prefactor::Context::current().enter());
/// ```
///
/// # Examples
///
/// ```
/// let step = prefactor::span("agent:step");
/// let guard: prefactor::ContextGuard = step.enter();
/// drop(guard); // the context from before is current again
/// ```
#[must_use = "the context is left at once when the guard is not kept"]
pub struct ContextGuard {
    number: u64,
    not_send: PhantomData<*const ()>,
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        stack::remove(self.number);
    }
}

impl fmt::Debug for ContextGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ContextGuard").finish_non_exhaustive()
    }
}
