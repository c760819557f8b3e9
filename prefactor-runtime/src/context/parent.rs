//! The context as a value: the run and the span that new spans belong to.

use std::fmt;
use std::sync::Arc;

use crate::manager::installed;
use crate::manager::instance_state::InstanceState;
use crate::manager::observer::Entered;
use crate::manager::span_state::SpanState;
use crate::operation::SpanKey;
use crate::payload::CaptureLimits;

/// Where new spans go: under a span, into an agent instance, or wherever the process-wide client puts them.
///
/// # Examples
///
/// Work that moves to another thread takes its place in the trace along:
///
/// ```
/// use prefactor::Context;
///
/// let context = Context::current();
/// std::thread::spawn(move || context.in_scope(|| { /* spans made here are children */ })).join().unwrap();
/// ```
#[derive(Clone, Default)]
#[must_use = "a context does nothing until it is entered"]
pub struct Context {
    pub(super) parent: Parent,
}

#[derive(Clone, Default)]
pub(super) enum Parent {
    /// The default instance of the installed client.
    #[default]
    Root,
    /// Spans are no-ops: the context of a no-op span, or of an instance of a disabled client.
    Noop,
    Instance(Arc<InstanceState>),
    /// A span of another process, in whose run new spans are.
    Remote(Arc<InstanceState>, SpanKey),
    Span(Arc<SpanState>),
}

impl Context {
    pub(crate) fn noop() -> Self {
        Self { parent: Parent::Noop }
    }

    /// The context of an instance. A no-op instance does not leave its spans to the process-wide client.
    pub(crate) fn of_instance(instance: Option<Arc<InstanceState>>) -> Self {
        Self { parent: instance.map_or(Parent::Noop, Parent::Instance) }
    }

    /// The context of a caller in another process, whose run is joined. Without a span new spans are at the top of the run.
    pub(crate) fn of_caller(instance: Option<Arc<InstanceState>>) -> Self {
        let parent = |instance: &Arc<InstanceState>| {
            let own = instance.registration().joined()?.state.own.as_ref()?;
            own.span_id.map(SpanKey::of_id)
        };
        match instance {
            Some(instance) => match parent(&instance) {
                Some(parent) => Self { parent: Parent::Remote(instance, parent) },
                None => Self::of_instance(Some(instance)),
            },
            None => Self::noop(),
        }
    }

    pub(crate) fn of_span(span: Arc<SpanState>) -> Self {
        Self { parent: Parent::Span(span) }
    }

    pub(crate) fn of_span_or_none(span: Option<Arc<SpanState>>) -> Self {
        span.map_or_else(Self::noop, Self::of_span)
    }

    /// The capture limits of a new span in this context. `None` where nothing is recorded.
    pub(crate) fn limits(&self) -> Option<CaptureLimits> {
        if self.is_root() { installed::limits() } else { self.limits_in_run() }
    }

    /// Whether new spans go wherever the installed client puts them.
    pub(super) fn is_root(&self) -> bool {
        matches!(self.parent, Parent::Root)
    }

    /// As [`Context::limits`], in any context but the root's.
    pub(super) fn limits_in_run(&self) -> Option<CaptureLimits> {
        match &self.parent {
            Parent::Span(span) => Some(span.limits_of_children()),
            Parent::Instance(instance) | Parent::Remote(instance, _) => Some(instance.limits()),
            Parent::Root | Parent::Noop => None,
        }
    }

    /// The run to which new spans would belong, if there is one already.
    pub(crate) fn into_instance(self) -> Option<Arc<InstanceState>> {
        match self.parent {
            Parent::Span(span) => span.instance(),
            Parent::Instance(instance) | Parent::Remote(instance, _) => Some(instance),
            Parent::Root => installed::client().and_then(|client| client.default_instance_if_any()),
            Parent::Noop => None,
        }
    }

    pub(crate) fn into_span(self) -> Option<Arc<SpanState>> {
        match self.parent {
            Parent::Span(span) => Some(span),
            _ => None,
        }
    }

    /// Tells the observer of spans that this becomes current, until the returned value is dropped.
    #[inline]
    pub(super) fn observe(&self) -> Entered {
        match &self.parent {
            Parent::Span(span) => span.enter(),
            _ => Entered::NONE,
        }
    }

    /// Whether new spans go into that instance.
    pub(crate) fn is_in(&self, instance: Option<&Arc<InstanceState>>) -> bool {
        let Some(instance) = instance else { return false };
        match &self.parent {
            Parent::Span(span) => span.instance().is_some_and(|current| Arc::ptr_eq(&current, instance)),
            Parent::Instance(current) | Parent::Remote(current, _) => Arc::ptr_eq(current, instance),
            Parent::Root | Parent::Noop => false,
        }
    }

    /// The same run, without the span.
    pub(crate) fn without_parent(self) -> Self {
        match self.parent {
            Parent::Span(span) => Self::of_instance(span.instance()),
            Parent::Remote(instance, _) => Self::of_instance(Some(instance)),
            parent => Self { parent },
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parent {
            Parent::Root => formatter.write_str("Context(root)"),
            Parent::Noop => formatter.write_str("Context(no-op)"),
            Parent::Instance(instance) | Parent::Remote(instance, _) => {
                formatter.debug_tuple("Context").field(instance).finish()
            }
            Parent::Span(span) => formatter.debug_tuple("Context").field(span).finish(),
        }
    }
}
