//! The two calls of the expansion: one that asks whether anything is to be recorded, one that captures.

use std::sync::Arc;

use crate::callsite::Callsite;
use crate::context::{self, Context};
use crate::outcome::Ends;
use crate::payload::{self, Arguments, Captures, Payload, Side};
use crate::returns::Returns;
use crate::span::{Span, SpanInner};

/// The span of a call of an async function, prepared at its first poll, or nothing.
#[derive(Debug)]
#[must_use]
pub struct Prepared {
    pub(crate) span: Option<Arc<SpanInner>>,
}

/// The span of a call of another function, with its arguments, or nothing.
#[derive(Debug)]
#[must_use]
pub struct Call {
    pub(crate) recording: Option<Recording>,
}

#[derive(Debug)]
pub(crate) struct Recording {
    site: &'static Callsite,
    /// Where the attribute has put the span; else it goes where it starts.
    place: Option<Context>,
    arguments: Payload,
}

/// Prepares the span of an async function.
pub fn prepare(site: &'static Callsite) -> Prepared {
    prepare_in(site, None)
}

/// As [`prepare`], in a place of its own.
pub fn prepare_in(site: &'static Callsite, place: Option<Context>) -> Prepared {
    Prepared { span: SpanInner::prepare(site.schema_name.into(), place) }
}

/// Captures the arguments of an async function and starts its span: the first statement of the body.
///
/// The span is found in the context, where the future has put it, so that the body need not carry it.
pub fn arguments(site: &'static Callsite, values: &[&dyn Captures]) {
    start_current(site, values, &mut |_| {});
}

/// As [`arguments`], with what the attribute adds to them.
pub fn arguments_and(site: &'static Callsite, values: &[&dyn Captures], fields: impl FnOnce(&mut Arguments)) {
    let mut fields = Some(fields);
    start_current(site, values, &mut |arguments| {
        if let Some(fields) = fields.take() {
            fields(arguments);
        }
    });
}

fn start_current(site: &'static Callsite, values: &[&dyn Captures], fields: &mut dyn FnMut(&mut Arguments)) {
    // Not prepared: nothing is recorded here, and the current span is the caller's.
    if let Some(span) = Context::current_prepared() {
        span.start_as_prepared(captured(site, span.limits().inputs, values, fields));
    }
}

/// Captures the arguments of a function that is not async.
#[cold]
pub fn call(site: &'static Callsite, values: &[&dyn Captures]) -> Call {
    call_at(site, None, values, &mut |_| {})
}

/// As [`call`], in a place of its own.
#[cold]
pub fn call_in(site: &'static Callsite, place: Context, values: &[&dyn Captures]) -> Call {
    call_at(site, Some(place), values, &mut |_| {})
}

/// As [`call`] or [`call_in`], with what the attribute adds to the arguments.
#[cold]
pub fn call_and(
    site: &'static Callsite,
    place: Option<Context>,
    values: &[&dyn Captures],
    fields: impl FnOnce(&mut Arguments),
) -> Call {
    let mut fields = Some(fields);
    call_at(site, place, values, &mut |arguments| {
        if let Some(fields) = fields.take() {
            fields(arguments);
        }
    })
}

fn call_at(
    site: &'static Callsite,
    place: Option<Context>,
    values: &[&dyn Captures],
    fields: &mut dyn FnMut(&mut Arguments),
) -> Call {
    // Nothing is recorded there, and above all not by a value that is being captured and calls itself.
    let Some(limits) = place.as_ref().map_or_else(Context::current_limits, Context::limits) else {
        return Call { recording: None };
    };
    let arguments = captured(site, limits.inputs, values, fields);
    Call { recording: Some(Recording { site, place, arguments }) }
}

fn captured(
    site: &'static Callsite,
    inputs: Side,
    values: &[&dyn Captures],
    fields: &mut dyn FnMut(&mut Arguments),
) -> Payload {
    payload::arguments(inputs, &mut |arguments| {
        for (name, value) in site.arguments.iter().zip(values) {
            arguments.insert(name, value.__prefactor_captured());
        }
        fields(arguments);
    })
}

impl Recording {
    /// Starts the span where the call has come to.
    pub(crate) fn begin(self) -> Option<Arc<SpanInner>> {
        let Self { site, place, arguments } = self;
        let span = SpanInner::prepare(site.schema_name.into(), place)?;
        // It may have come to another client than the one it was made under.
        let is_captured = span.limits().inputs.is_captured;
        span.start_as_prepared(if is_captured { arguments } else { Payload::default() });
        Some(span)
    }
}

impl Call {
    /// Nothing is recorded.
    pub const NOTHING: Self = Self { recording: None };

    /// A span that ends with the guard, for a body that must not move into a closure.
    #[must_use]
    pub fn enter(self) -> CallGuard {
        let span = Span::owner(self.recording.and_then(Recording::begin));
        let entered = (!span.is_noop()).then(|| span.enter());
        CallGuard { entered, span }
    }
}

/// Ends its span when it is dropped: `failed` when a panic unwinds through it, else `complete`.
#[derive(Debug)]
pub struct CallGuard {
    /// Left before the span ends: fields are dropped in order.
    entered: Option<context::Entered>,
    span: Span,
}

impl CallGuard {
    /// Ends the span as the value says, and passes the value on.
    pub fn end<T, E: Ends<T>>(mut self, value: T, end: impl FnOnce(Returns<T>) -> E) -> T {
        self.entered = None;
        if let Some(span) = self.span.inner() {
            let end = end(Returns::TYPE);
            span.finish_with(&mut || end.outcome(&value, true));
        }
        value
    }
}
