//! The calls of the expansion that capture arguments and make spans.
//!
//! An annotated function that is recorded begins a call, puts its arguments one by one ([`payload`]), and then starts the
//! span, or, where that begins later, takes the call along. Nothing of the function's own runs in between.
//!
//! These calls are out of the way of functions that are not recorded. A panic of ours stays in them, without the span;
//! they are of the `C` kind, from which nothing unwinds, so that the compiler writes no code for that.

#![expect(improper_ctypes_definitions, reason = "no other language calls these functions")]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::new_span::new_span;
use crate::context::{Context, ContextGuard, stack};
use crate::instrument::callsite::Callsite;
use crate::instrument::entry::Returns;
use crate::instrument::outcome::Ends;
use crate::manager::panics::catch_internal_panic;
use crate::manager::span_state::SpanState;
use crate::payload;
use crate::payload::suppression::is_suppressed;
use crate::span::handle::Span;

/// The span of a call that begins later, with its arguments, or nothing.
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
    /// Their tape, where the span begins later.
    arguments: Vec<u8>,
}

/// Bytes of arguments for which a box keeps room.
const MAX_SPARE: usize = 16 << 10;

thread_local! {
    /// The call that has begun. Kept until the very end of the thread, for destructors of its other locals may call
    /// annotated functions; it is empty when none of them runs.
    static BEGUN: ManuallyDrop<Cell<Option<Box<Recording>>>> = const { ManuallyDrop::new(Cell::new(None)) };
    /// A box to be used again: calls are short, and there are many.
    static SPARE: Cell<Option<Box<Recording>>> = const { Cell::new(None) };
}

/// Begins a call: its arguments come next.
#[cold]
pub extern "C" fn begin(site: &'static Callsite) {
    begin_at(site, None);
}

/// As [`begin`], in a place of its own.
#[cold]
pub extern "C" fn begin_in(site: &'static Callsite, place: Context) {
    begin_at(site, Some(place));
}

fn begin_at(site: &'static Callsite, place: Option<Context>) {
    // Nothing is recorded by a value that is being captured and calls what is annotated. The call that has begun
    // outside of it stays.
    if is_suppressed() {
        return;
    }
    catch_internal_panic(|| {
        let limits = place.as_ref().map_or_else(Context::current_limits, Context::limits);
        let begun = limits.map(|limits| {
            let mut recording = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
            (recording.schema_name, recording.place) = (site.schema_name, place);
            payload::open_call(limits.inputs, site.arguments);
            recording
        });
        BEGUN.with(|place| place.set(begun));
    });
}

fn begun() -> Option<Box<Recording>> {
    if is_suppressed() { None } else { BEGUN.with(|place| place.take()) }
}

/// Starts the span of the call that has begun and makes it current, until [`stack::pop_call`]. Where there is none, what
/// is current stays so.
#[cold]
pub extern "C" fn start() {
    let span = catch_internal_panic(|| {
        let mut recording = begun()?;
        let span = recording.prepare();
        payload::close_call(|arguments| {
            if let Some(span) = &span {
                span.start_as_prepared(arguments);
            }
        });
        recording.keep();
        span
    });
    stack::push_call(span.flatten());
}

/// Takes the call that has begun along: its span starts later.
#[cold]
pub extern "C" fn take() -> Call {
    let recording = catch_internal_panic(|| {
        let mut recording = begun()?;
        payload::close_call(|arguments| recording.arguments.extend_from_slice(arguments));
        Some(recording)
    });
    Call { recording: recording.flatten() }
}

impl Recording {
    fn prepare(&mut self) -> Option<Arc<SpanState>> {
        new_span(self.schema_name.into(), self.place.take())
    }

    /// Keeps the box, to be used again.
    fn keep(mut self: Box<Self>) {
        self.place = None;
        self.arguments.clear();
        self.arguments.shrink_to(MAX_SPARE);
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
    }

    /// Starts the span where the call has come to.
    pub(crate) fn begin(mut self: Box<Self>) -> Option<Arc<SpanState>> {
        let span = self.prepare();
        if let Some(span) = &span {
            // It may have come to another client than the one it was made under.
            let is_captured = span.limits().inputs.is_captured;
            span.start_as_prepared(if is_captured { &self.arguments } else { &[] });
        }
        self.keep();
        span
    }
}

impl Call {
    /// Nothing is recorded.
    pub const NOTHING: Self = Self { recording: None };

    /// Takes the call along that has begun, if it is recorded.
    #[inline]
    pub(crate) fn take_if(is_recorded: bool) -> Self {
        if is_recorded { take() } else { Self::NOTHING }
    }

    pub(crate) fn into_recording(self) -> Option<Box<Recording>> {
        self.recording
    }

    /// Runs the body of a function that returns something boxed, and boxes that anew with the call if there may be a span:
    /// not twice for nothing.
    #[inline]
    pub(crate) fn follow<T>(self, body: impl FnOnce() -> T, with: impl FnOnce(T, Self) -> T) -> T {
        let boxed = body();
        if self.recording.is_some() { with(boxed, self) } else { boxed }
    }

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
    entered: Option<ContextGuard>,
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
