//! A call that has begun and has no span yet: the attribute captures its arguments now.
//!
//! Generated code calls [`begin_call`], captures the arguments one by one ([`payload`]), and calls [`start_span`]. No code of
//! the function runs in between.

#![expect(improper_ctypes_definitions, reason = "no other language calls these functions")]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::new_span::new_span;
use crate::context::{Context, stack};
use crate::instrument::parent::ParentContext;
use crate::manager::panics::catch_internal_panic;
use crate::manager::recorders;
use crate::manager::span_state::SpanState;
use crate::payload::{self, CaptureLimits};
use crate::platform::suppression::is_suppressed;

/// The schema name of a call, e.g. `agent:llm_call`, and then the payload keys of its captured arguments, in capture order.
///
/// Generated code writes a reference to an array in its place, which the compiler promotes to a constant. A named `static` would be
/// the same constant under a name that the user's statements see. Lints do not tell the two apart. A struct with both would cost the
/// compiler more.
type Names = &'static [&'static str];

/// A call between [`begin_call`] and [`start_span`].
struct PendingCall {
    schema_name: &'static str,
    span: PendingSpan,
}

/// The span of a call between the two.
enum PendingSpan {
    /// It is made when it starts, under the parent that the attribute names. Without one, it goes where the thread is.
    Under(Option<Context>),
    /// It was made ahead of its arguments, which are not touched where its kind is left out.
    Made(Option<Arc<SpanState>>),
}

thread_local! {
    /// The call that has begun. `ManuallyDrop` keeps it usable until the end of the thread: destructors of other
    /// thread-locals may call annotated functions. It is empty when none of them runs.
    static CURRENT: ManuallyDrop<Cell<Option<PendingCall>>> = const { ManuallyDrop::new(Cell::new(None)) };
}

/// Begins a call under the current context.
#[cold]
pub extern "C" fn begin_call(names: Names) {
    begin(names, None);
}

/// Begins a call under a parent that the attribute names.
#[cold]
pub extern "C" fn begin_call_in(names: Names, parent: ParentContext) {
    begin(names, Some(parent.into_context()));
}

fn begin(names: Names, parent: Option<Context>) {
    let Some((&schema_name, arguments)) = names.split_first() else { return };
    if is_suppressed() {
        return;
    }
    catch_internal_panic(|| {
        let limits = parent.as_ref().map_or_else(Context::current_limits, Context::limits);
        let pending = limits.map(|mut limits| {
            let mut span = PendingSpan::Under(parent);
            if recorders::samples_kinds() {
                (limits, span) = made_ahead(schema_name, span);
            }
            payload::open_call(limits.inputs, arguments);
            PendingCall { schema_name, span }
        });
        CURRENT.with(|current| current.set(pending));
    });
}

#[cold]
fn made_ahead(schema_name: &'static str, span: PendingSpan) -> (CaptureLimits, PendingSpan) {
    let span = span.into_made(schema_name);
    let limits = span.as_ref().map_or(CaptureLimits::NOTHING, |span| span.limits());
    (limits, PendingSpan::Made(span))
}

impl PendingSpan {
    #[inline]
    fn into_made(self, schema_name: &'static str) -> Option<Arc<SpanState>> {
        match self {
            Self::Under(parent) => new_span(schema_name.into(), parent),
            Self::Made(span) => span,
        }
    }
}

/// Starts the span of the call that has begun and makes it current, until [`stack::pop_call`].
///
/// Without a pending call the current context stays as it is.
#[cold]
pub extern "C" fn start_span() {
    let span = catch_internal_panic(|| {
        let pending = if is_suppressed() { None } else { CURRENT.with(|current| current.take()) };
        let PendingCall { schema_name, span } = pending?;
        let span = span.into_made(schema_name);
        payload::close_call(|arguments| {
            if let Some(span) = &span {
                span.start_as_prepared(arguments);
            }
        });
        span
    });
    stack::push_call(span.flatten());
}
