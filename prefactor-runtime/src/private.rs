//! What generated code calls. Not part of the API: it changes with any release.

use std::future::Future;
use std::sync::Arc;

use crate::callsite::Callsite as Site;
use crate::context::{self, Context};
use crate::future::Instrumented;
use crate::manager;
use crate::span::SpanInner;

// Under these names even where a user's crate has other things by them, or no prelude.
pub use std::option::Option;
pub use std::result::Result::{Err, Ok};

pub use crate::callsite::Callsite;
pub use crate::outcome::{
    FailureViaAsRef, FailureViaAsRefSend, FailureViaDebug, FailureViaDisplay, FailureViaError,
    FailureViaTypeName, Outcome, Returned, SplitResult, SplitValue,
};
pub use crate::payload::{Arguments, Probe, ViaDebug, ViaSerialize, ViaTypeName};

/// The span of one call, prepared, or nothing.
#[derive(Debug)]
#[must_use]
pub struct Prepared {
    span: Option<Arc<SpanInner>>,
}

/// First of the two calls: prepares the span, if there is anybody to send it to.
#[inline]
pub fn prepare(site: &'static Site) -> Prepared {
    Prepared { span: if manager::is_anybody_there() { prepare_in_context(site) } else { None } }
}

#[cold]
fn prepare_in_context(site: &'static Site) -> Option<Arc<SpanInner>> {
    SpanInner::prepare(site.schema_name.into(), Context::current())
}

/// Second of the two calls, first statement of the body: captures the arguments and starts the span.
///
/// The span is found in the context, where [`Prepared::run`] has put it, so that the body's future need not
/// carry it.
#[inline]
pub fn arguments(capture: impl FnOnce(&mut Arguments)) {
    if manager::is_anybody_there() {
        start_current(capture);
    }
}

fn start_current(capture: impl FnOnce(&mut Arguments)) {
    let Some(span) = Context::current().into_span().filter(|span| span.is_prepared()) else { return };
    let mut arguments = Arguments::default();
    let captured = context::suppress(|| {
        capture(&mut arguments);
        arguments
    });
    span.start(captured.map(Arguments::into_payload).unwrap_or_default());
}

impl Prepared {
    /// Runs the body of an async function.
    pub fn run<F, O>(self, body: F, outcome: O) -> Instrumented<F, O>
    where
        F: Future,
        O: Fn(&F::Output) -> Outcome,
    {
        Instrumented::new(body, self.span, outcome)
    }

    /// Runs the body of a function.
    #[inline]
    pub fn run_sync<R>(self, body: impl FnOnce() -> R, outcome: impl FnOnce(&R) -> Outcome) -> R {
        match self.span {
            None => body(),
            Some(span) => run_sync(span, body, outcome),
        }
    }
}

fn run_sync<R>(span: Arc<SpanInner>, body: impl FnOnce() -> R, outcome: impl FnOnce(&R) -> Outcome) -> R {
    let (returned, context) = context::run_in(Context::of_span(span), body);
    let span = context.into_span();
    match returned {
        Ok(value) => {
            if let Some(span) = span {
                span.finish_with(|| outcome(&value));
            }
            value
        }
        Err(panic) => {
            if let Some(span) = span {
                span.finish_panicked(&*panic);
            }
            std::panic::resume_unwind(panic)
        }
    }
}

/// A value that is never there, of a type that is: `if let Some(r) = none::<T>() { return r }` tells the
/// compiler what a block returns.
#[must_use]
pub const fn none<T>() -> Option<T> {
    None
}
