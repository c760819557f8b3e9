//! The calls of the expansion that capture arguments and make spans.
//!
//! They are out of the way of calls that are not recorded. A panic of ours stays in them, without the span; those that
//! every annotated function calls are of the `C` kind, from which nothing unwinds, so that the compiler writes no code for that.

#![expect(improper_ctypes_definitions, reason = "no other language calls these functions")]

use std::cell::Cell;
use std::sync::Arc;

use crate::callsite::Callsite;
use crate::context::{self, Context};
use crate::outcome::Ends;
use crate::panics::contain;
use crate::payload::{self, Argument, Arguments};
use crate::returns::Returns;
use crate::running::Running;
use crate::span::{Span, SpanInner};

/// What `fields` adds to the arguments.
type Fields<'a> = Option<&'a mut dyn FnMut(&mut Arguments)>;

/// The span of a call of an async function, prepared at its first poll, or nothing.
#[derive(Debug)]
#[must_use]
pub struct Prepared {
    pub(crate) span: Option<Arc<SpanInner>>,
}

/// Prepares the span of an async function.
pub fn prepare(site: &'static Callsite) -> Prepared {
    prepare_in(site, None)
}

/// As [`prepare`], in a place of its own.
pub fn prepare_in(site: &'static Callsite, place: Option<Context>) -> Prepared {
    Prepared { span: contain(|| SpanInner::prepare(site.schema_name.into(), place)).flatten() }
}

/// Captures the arguments of an async function and starts its span: the first statement of the body.
///
/// The span is found in the context, where the future has put it, so that the body need not carry it.
#[cold]
pub extern "C" fn arguments(site: &'static Callsite, values: &[Argument<'_>]) {
    start_current(site, values, None);
}

/// As [`arguments`], with what the attribute adds to them.
#[cold]
pub fn arguments_and(site: &'static Callsite, values: &[Argument<'_>], fields: impl FnOnce(&mut Arguments)) {
    let mut fields = Some(fields);
    start_current(site, values, Some(&mut |arguments| once(&mut fields, arguments)));
}

fn start_current(site: &'static Callsite, values: &[Argument<'_>], fields: Fields<'_>) {
    contain(|| {
        // Not prepared: nothing is recorded here, and the current span is the caller's.
        if let Some(limits) = Context::limits_of_prepared() {
            payload::with_arguments(limits.inputs, site.arguments, values, fields, Context::start_prepared);
        }
    });
}

/// The span of a call of another function, with its arguments, or nothing.
#[derive(Debug)]
#[must_use]
pub struct Call {
    recording: Option<Box<Recording>>,
}

#[derive(Debug, Default)]
pub(crate) struct Recording {
    schema_name: &'static str,
    /// Where the attribute has put the span; else it goes where it starts.
    place: Option<Context>,
    /// Their tape.
    arguments: Vec<u8>,
}

/// Captures the arguments of a function that is not async.
#[cold]
pub extern "C" fn call(site: &'static Callsite, values: &[Argument<'_>]) -> Call {
    call_at(site, None, values, None)
}

/// As [`call`], in a place of its own.
#[cold]
pub extern "C" fn call_in(site: &'static Callsite, place: Context, values: &[Argument<'_>]) -> Call {
    call_at(site, Some(place), values, None)
}

/// As [`call`] or [`call_in`], with what the attribute adds to the arguments.
#[cold]
pub fn call_and(
    site: &'static Callsite,
    place: Option<Context>,
    values: &[Argument<'_>],
    fields: impl FnOnce(&mut Arguments),
) -> Call {
    let mut fields = Some(fields);
    call_at(site, place, values, Some(&mut |arguments| once(&mut fields, arguments)))
}

fn call_at(
    site: &'static Callsite,
    place: Option<Context>,
    values: &[Argument<'_>],
    fields: Fields<'_>,
) -> Call {
    let recording = contain(|| {
        // Nothing is recorded there, and above all not by a value that is being captured and calls itself.
        let limits = place.as_ref().map_or_else(Context::current_limits, Context::limits)?;
        let mut recording = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
        (recording.schema_name, recording.place) = (site.schema_name, place);
        payload::with_arguments(limits.inputs, site.arguments, values, fields, |tape| {
            recording.arguments.extend_from_slice(tape);
        });
        Some(recording)
    });
    Call { recording: recording.flatten() }
}

fn once(fields: &mut Option<impl FnOnce(&mut Arguments)>, arguments: &mut Arguments) {
    if let Some(fields) = fields.take() {
        fields(arguments);
    }
}

/// Bytes of arguments for which a box keeps room.
const MAX_SPARE: usize = 16 << 10;

thread_local! {
    /// A box to be used again: calls are short, and there are many.
    static SPARE: Cell<Option<Box<Recording>>> = const { Cell::new(None) };
}

impl Recording {
    /// Starts the span where the call has come to.
    pub(crate) fn begin(mut self: Box<Self>) -> Option<Arc<SpanInner>> {
        let span = SpanInner::prepare(self.schema_name.into(), self.place.take());
        if let Some(span) = &span {
            // It may have come to another client than the one it was made under.
            let is_captured = span.limits().inputs.is_captured;
            span.start_as_prepared(if is_captured { &self.arguments } else { &[] });
        }
        self.arguments.clear();
        self.arguments.shrink_to(MAX_SPARE);
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
        span
    }
}

impl Call {
    /// Nothing is recorded.
    pub const NOTHING: Self = Self { recording: None };

    pub(crate) fn into_recording(self) -> Option<Box<Recording>> {
        self.recording
    }

    /// Whether there may be a span.
    #[inline]
    pub(crate) const fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// Starts the span and makes it current.
    #[inline]
    pub(crate) fn run(self) -> Running {
        match self.recording {
            Some(recording) => begin(recording),
            None => Running::NOTHING,
        }
    }

    /// A span that ends with the guard, for a body that must not move into a closure.
    #[must_use]
    pub fn enter(self) -> CallGuard {
        let span = Span::owner(self.recording.and_then(Recording::begin));
        let entered = (!span.is_noop()).then(|| span.enter());
        CallGuard { entered, span }
    }
}

#[cold]
extern "C" fn begin(recording: Box<Recording>) -> Running {
    contain(|| recording.begin().map_or(Running::NOTHING, Running::enter)).unwrap_or(Running::NOTHING)
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
