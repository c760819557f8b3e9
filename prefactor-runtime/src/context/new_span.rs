//! Decides the run and the parent of a new span, and makes it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::context::parent::{Context, Parent};
use crate::context::stack;
use crate::manager::installed;
use crate::manager::instance_state::InstanceState;
use crate::manager::span_pool;
use crate::manager::span_state::SpanState;
use crate::operation::SpanKey;
use crate::platform::per_process::Succeed as _;
use crate::platform::suppression::is_suppressed;

/// The run of a new span and, unless the span is at the top of the run, the key of its parent.
type Place = (Arc<InstanceState>, Option<SpanKey>);

/// Prepares a span in a context, or in the current one. `None` where nothing is recorded.
///
/// Every span of the process is made here, so the thread's suppression is checked here, and only here.
pub(crate) fn new_span(schema_name: Cow<'static, str>, context: Option<Context>) -> Option<Arc<SpanState>> {
    if is_suppressed() {
        return None;
    }
    let (instance, parent) = match context {
        Some(context) => place_in(&context.parent),
        None => place_in_current(),
    }?;
    Some(place(schema_name, instance, parent))
}

/// Prepares a span of a run under a span that is not known here.
pub(crate) fn new_span_under(
    schema_name: Cow<'static, str>,
    instance: Arc<InstanceState>,
    parent: SpanKey,
) -> Option<Arc<SpanState>> {
    if is_suppressed() {
        return None;
    }
    Some(place(schema_name, instance, Some(parent)))
}

#[inline]
fn place(
    schema_name: Cow<'static, str>,
    instance: Arc<InstanceState>,
    parent: Option<SpanKey>,
) -> Arc<SpanState> {
    let is_left_out = !instance.is_routine() && instance.prepares_span(&schema_name);
    let span = span_pool::acquire(schema_name, instance, parent);
    if is_left_out {
        span.leave_out();
    }
    span
}

fn place_in_current() -> Option<Place> {
    let place = stack::with_current(|current| match &current?.parent {
        Parent::Span(parent) if !parent.is_prepared() => Some((parent.instance()?, parent.nearest_sent())),
        _ => None,
    });
    place.filter(|(instance, _)| !instance.is_inherited()).or_else(|| place_in(&stack::current().parent))
}

/// A parent that was entered but not started is started now: the API must know it before its child.
fn place_in(parent: &Parent) -> Option<Place> {
    let (instance, parent) = match parent {
        Parent::Span(parent) => {
            parent.start_by_default();
            (parent.instance()?, parent.nearest_sent())
        }
        Parent::Instance(instance) => (Arc::clone(instance), None),
        Parent::Remote(instance, parent) => (Arc::clone(instance), Some(*parent)),
        Parent::Root => (installed::instance_of_stray()?, None),
        Parent::Noop => return None,
    };
    if instance.is_inherited() {
        Some((Arc::clone(instance.current()), None))
    } else {
        Some((instance, parent))
    }
}
