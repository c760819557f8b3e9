//! A call that has begun and has no span yet: the attribute captures its arguments now.
//!
//! Generated code calls [`begin_call`], captures the arguments one by one ([`payload`]), and calls [`start_span`]. No code of
//! the function runs in between.

#![expect(improper_ctypes_definitions, reason = "no other language calls these functions")]

use std::cell::Cell;
use std::mem::ManuallyDrop;

use crate::context::new_span::new_span;
use crate::context::{Context, stack};
use crate::instrument::callsite::Callsite;
use crate::instrument::parent::ParentContext;
use crate::manager::panics::catch_internal_panic;
use crate::payload;
use crate::platform::suppression::is_suppressed;

/// A call between [`begin_call`] and [`start_span`].
struct PendingCall {
    schema_name: &'static str,
    /// The parent that the attribute names. Without one, the span goes where the thread is.
    parent: Option<Context>,
}

thread_local! {
    /// The call that has begun. `ManuallyDrop` keeps it usable until the end of the thread: destructors of other
    /// thread-locals may call annotated functions. It is empty when none of them runs.
    static CURRENT: ManuallyDrop<Cell<Option<PendingCall>>> = const { ManuallyDrop::new(Cell::new(None)) };
}

/// Begins a call under the current context.
#[cold]
pub extern "C" fn begin_call(site: &'static Callsite) {
    begin(site, None);
}

/// Begins a call under a parent that the attribute names.
#[cold]
pub extern "C" fn begin_call_in(site: &'static Callsite, parent: ParentContext) {
    begin(site, Some(parent.into_context()));
}

fn begin(site: &'static Callsite, parent: Option<Context>) {
    // Inside a capture nothing is recorded, and the outer call stays current.
    if is_suppressed() {
        return;
    }
    catch_internal_panic(|| {
        let limits = parent.as_ref().map_or_else(Context::current_limits, Context::limits);
        let pending = limits.map(|limits| {
            payload::open_call(limits.inputs, site.arguments);
            PendingCall { schema_name: site.schema_name, parent }
        });
        CURRENT.with(|current| current.set(pending));
    });
}

/// Starts the span of the call that has begun and makes it current, until [`stack::pop_call`].
///
/// Without a pending call the current context stays as it is.
#[cold]
pub extern "C" fn start_span() {
    let span = catch_internal_panic(|| {
        let pending = if is_suppressed() { None } else { CURRENT.with(|current| current.take()) };
        let PendingCall { schema_name, parent } = pending?;
        let span = new_span(schema_name.into(), parent);
        payload::close_call(|arguments| {
            if let Some(span) = &span {
                span.start_as_prepared(arguments);
            }
        });
        span
    });
    stack::push_call(span.flatten());
}
