//! The current span: one value for instance and span together, kept per thread.
//!
//! A stack of frames serves futures and guards alike. A future pushes its frame for the length of one poll
//! and takes away with it whatever was left above; a guard removes its own frame wherever it stands, so
//! guards that are dropped out of order, or on the far side of an `.await`, leave nothing behind.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::client::instance::InstanceInner;
use crate::context::future::WithContext;
use crate::delivery::is_worker;
use crate::manager::panics;
use crate::manager::span_state::SpanInner;
use crate::operation::SpanKey;
use crate::payload::Limits;

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
    place: Place,
}

#[derive(Clone, Default)]
enum Place {
    #[default]
    Root,
    /// No spans at all: while values are being captured, and in instances of a client that is disabled.
    Suppressed,
    Instance(Arc<InstanceInner>),
    Span(Arc<SpanInner>),
}

struct Stack {
    frames: Vec<Frame>,
    next: u64,
}

/// Lets go of the stack's memory where the thread's locals are destroyed. What uses it later leaves some behind.
struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        // Dropped outside of the borrow: it may hold the last handle on an instance.
        drop(with_stack(|stack| std::mem::take(&mut stack.frames)));
    }
}

impl Stack {
    #[inline]
    fn push(&mut self, number: u64, context: Context) {
        if self.frames.capacity() == 0 {
            // From its first use on it has something to do.
            let _ = CLEANER.try_with(|_| ());
        }
        self.frames.push(Frame { number, context, panics: panics::seen() });
    }
}

struct Frame {
    number: u64,
    context: Context,
    /// The panics that this thread had seen before.
    panics: u64,
}

thread_local! {
    /// Kept until the very end of the thread: destructors of its other locals may still call annotated functions.
    static STACK: ManuallyDrop<RefCell<Stack>> =
        const { ManuallyDrop::new(RefCell::new(Stack { frames: Vec::new(), next: LAST_SHARED })) };
    static CLEANER: Cleaner = const { Cleaner };
    /// Captures under way: no spans are made meanwhile, whatever contexts are entered.
    static CAPTURES: Cell<u32> = const { Cell::new(0) };
}

impl Context {
    /// The context of this thread at this moment.
    pub fn current() -> Self {
        if is_capturing() {
            return Self::suppressed();
        }
        with_stack(|stack| stack.frames.last().map(|frame| frame.context.clone())).unwrap_or_default()
    }

    /// Where a new span goes: in which instance, and under which span, if that was sent.
    pub(crate) fn place_of_child() -> Option<(Arc<InstanceInner>, Option<SpanKey>)> {
        if is_capturing() {
            return None;
        }
        // The short way, for what is usual.
        let place = with_stack(|stack| match &stack.frames.last()?.context.place {
            Place::Span(parent) if !parent.is_prepared() => Some((parent.instance()?, parent.nearest_sent())),
            _ => None,
        });
        let place = place.filter(|(instance, _)| !instance.is_inherited() && !is_worker());
        place.or_else(|| Self::current().place_for_new_span())
    }

    /// What may be captured in this context. `None` where nothing is recorded, whatever happens.
    pub(crate) fn limits(&self) -> Option<Limits> {
        match &self.place {
            Place::Span(span) => Some(span.limits()),
            Place::Instance(instance) => Some(instance.limits()),
            Place::Root => Some(crate::client::global::limits()),
            Place::Suppressed => None,
        }
    }

    /// The spans in which this thread is, innermost first.
    pub(crate) fn current_spans() -> Vec<Arc<SpanInner>> {
        let spans = |stack: &mut Stack| {
            let contexts = stack.frames.iter().rev().map(|frame| frame.context.clone());
            contexts.filter_map(Self::into_span).collect()
        };
        with_stack(spans)
    }

    /// As [`Context::limits`], for the context of this thread at this moment.
    pub(crate) fn current_limits() -> Option<Limits> {
        if is_capturing() {
            return None;
        }
        with_stack(|stack| stack.frames.last().map(|frame| frame.context.limits()))
            .unwrap_or_else(|| Some(crate::client::global::limits()))
    }

    pub(crate) fn suppressed() -> Self {
        Self { place: Place::Suppressed }
    }

    pub(crate) fn of_instance(instance: Option<Arc<InstanceInner>>) -> Self {
        // A no-op instance has no spans; it must not leave them to the process-wide client.
        Self { place: instance.map_or(Place::Suppressed, Place::Instance) }
    }

    pub(crate) fn of_span(span: Arc<SpanInner>) -> Self {
        Self { place: Place::Span(span) }
    }

    pub(crate) fn of_span_or_none(span: Option<Arc<SpanInner>>) -> Self {
        span.map_or_else(Self::suppressed, Self::of_span)
    }

    /// The run to which new spans would belong, if there is one already.
    pub(crate) fn into_instance(self) -> Option<Arc<InstanceInner>> {
        match self.place {
            Place::Span(span) => span.instance(),
            Place::Instance(instance) => Some(instance),
            Place::Root => {
                crate::client::global::client().and_then(|client| client.default_instance_if_any())
            }
            Place::Suppressed => None,
        }
    }

    pub(crate) fn into_span(self) -> Option<Arc<SpanInner>> {
        match self.place {
            Place::Span(span) => Some(span),
            _ => None,
        }
    }

    /// Makes a new span's place: its instance and, unless it is a root, the span above it.
    ///
    /// A parent that was entered but not started is started now: the API must know it before its child.
    pub(crate) fn place_for_new_span(self) -> Option<(Arc<InstanceInner>, Option<SpanKey>)> {
        if is_worker() {
            // The program's logger hears of requests there: spans of its own would lead to more, without an end.
            return None;
        }
        let (instance, parent) = match self.place {
            Place::Span(parent) => {
                parent.start_by_default();
                (parent.instance()?, parent.nearest_sent())
            }
            Place::Instance(instance) => (instance, None),
            Place::Root => (crate::client::global::default_instance()?, None),
            Place::Suppressed => return None,
        };
        // A span of the process from which this one was forked off is in another run.
        if instance.is_inherited() { Some((instance.current(), None)) } else { Some((instance, parent)) }
    }

    /// Whether new spans go into that instance.
    pub(crate) fn is_in(&self, instance: Option<&Arc<InstanceInner>>) -> bool {
        let Some(instance) = instance else { return false };
        match &self.place {
            Place::Span(span) => span.instance().is_some_and(|current| Arc::ptr_eq(&current, instance)),
            Place::Instance(current) => Arc::ptr_eq(current, instance),
            Place::Root | Place::Suppressed => false,
        }
    }

    /// The same run, at its top.
    pub(crate) fn without_parent(self) -> Self {
        match self.place {
            Place::Span(span) => Self::of_instance(span.instance()),
            place => Self { place },
        }
    }

    /// Makes this the current context of the thread until the guard is dropped.
    pub fn enter(self) -> ContextGuard {
        ContextGuard { number: push(self), not_send: PhantomData }
    }

    /// Runs a closure in this context.
    pub fn in_scope<R>(self, body: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        body()
    }

    /// Runs a future in this context, at each of its polls.
    pub fn scope<F: Future>(self, future: F) -> WithContext<F> {
        WithContext::new(future, self)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Root => formatter.write_str("Context(root)"),
            Place::Suppressed => formatter.write_str("Context(suppressed)"),
            Place::Instance(instance) => formatter.debug_tuple("Context").field(instance).finish(),
            Place::Span(span) => formatter.debug_tuple("Context").field(span).finish(),
        }
    }
}

/// Restores the previous context when it is dropped. It cannot leave its thread.
///
/// Hold it in synchronous code only; for a future there is [`Context::scope`].
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// send(prefactor::Context::current().enter());
/// ```
#[must_use = "the context is left at once when the guard is not kept"]
pub struct ContextGuard {
    number: u64,
    not_send: PhantomData<*const ()>,
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        let removed = with_stack(|stack| {
            let position = stack.frames.iter().rposition(|frame| frame.number == self.number)?;
            Some(stack.frames.remove(position))
        });
        drop(removed); // outside of the borrow: it may be the last handle on an instance
    }
}

impl fmt::Debug for ContextGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ContextGuard").finish_non_exhaustive()
    }
}

/// Runs a closure in a context and gives both back, whatever the closure does.
///
/// Not generic, as everything that a program has many bodies or futures for: it is compiled once, and here.
pub(crate) fn run_in(context: Context, body: &mut dyn FnMut()) -> (std::thread::Result<()>, Context) {
    let number = push(context);
    let result = catch_unwind(AssertUnwindSafe(body));
    (result, pop_through(number))
}

/// While it lives, no spans are made: user code that captures values must not trace itself.
#[must_use]
pub(crate) struct Suppressed(());

impl Suppressed {
    #[inline]
    pub(crate) fn enter() -> Self {
        CAPTURES.set(CAPTURES.get() + 1);
        Self(())
    }
}

impl Drop for Suppressed {
    #[inline]
    fn drop(&mut self) {
        CAPTURES.set(CAPTURES.get() - 1);
    }
}

/// Runs a closure in which no spans are made.
pub(crate) fn suppress(body: &mut dyn FnMut()) -> std::thread::Result<()> {
    let _suppressed = Suppressed::enter();
    catch_unwind(AssertUnwindSafe(body))
}

/// Whether a value is being captured, so that nothing else is recorded.
pub(crate) fn is_capturing() -> bool {
    CAPTURES.get() > 0
}

/// Makes a context current while a value is dropped, until [`leave_drop`].
pub(crate) fn enter_drop(context: Context) {
    with_stack(|stack| stack.push(DROP, context));
}

/// Leaves what was entered last by [`enter_drop`]: drops lie within each other, whatever panics.
pub(crate) fn leave_drop() {
    drop(pop_through(DROP));
}

/// Makes the span of a call current until [`pop_call`]. Without one, what is current stays so.
pub(crate) fn push_call(span: Option<Arc<SpanInner>>) {
    with_stack(|stack| match span {
        Some(span) => stack.push(CALL, Context::of_span(span)),
        None => {
            let current = stack.frames.last().map(|frame| frame.context.clone()).unwrap_or_default();
            stack.push(UNRECORDED_CALL, current);
        }
    });
}

/// What [`pop_call`] gives back.
pub(crate) struct LeftCall {
    pub(crate) span: Arc<SpanInner>,
    /// The panics that this thread had seen when the call was entered.
    pub(crate) panics: u64,
}

/// Leaves what was entered last by [`push_call`], and gives its span back: calls lie within each other.
pub(crate) fn pop_call() -> Option<LeftCall> {
    let is_call = |frame: &Frame| matches!(frame.number, CALL | UNRECORDED_CALL);
    let taken = with_stack(|stack| {
        let position = stack.frames.iter().rposition(is_call)?;
        // What guards have left above it. Dropped outside of the borrow.
        let above =
            if position + 1 < stack.frames.len() { stack.frames.split_off(position + 1) } else { Vec::new() };
        Some((stack.frames.pop()?, above))
    });
    let (frame, _above) = taken?;
    let span = if frame.number == CALL { frame.context.into_span() } else { None };
    span.map(|span| LeftCall { span, panics: frame.panics })
}

#[inline]
fn push(context: Context) -> u64 {
    with_stack(|stack| {
        stack.next += 1;
        stack.push(stack.next, context);
        stack.next
    })
}

/// The number of all frames of [`enter_drop`]: the last one is the one meant.
const DROP: u64 = 0;

/// The number of all frames of [`push_call`] that have a span: the last one is the one meant.
const CALL: u64 = 1;

/// As [`CALL`], of those that have none.
const UNRECORDED_CALL: u64 = 2;

/// The last number that many frames have.
const LAST_SHARED: u64 = UNRECORDED_CALL;

/// Takes a frame out, and with it what guards have left above it.
#[inline]
pub(crate) fn pop_through(number: u64) -> Context {
    let last = with_stack(|stack| {
        let is_last = stack.frames.last().is_some_and(|frame| frame.number == number);
        if is_last { stack.frames.pop().map(|frame| frame.context) } else { None }
    });
    last.unwrap_or_else(|| pop_from_below(number))
}

#[cold]
fn pop_from_below(number: u64) -> Context {
    let taken = with_stack(|stack| {
        let position = stack.frames.iter().rposition(|frame| frame.number == number)?;
        let above = stack.frames.split_off(position + 1);
        Some((stack.frames.pop()?.context, above))
    });
    taken.map(|(context, _)| context).unwrap_or_default()
}

/// Nothing that is called with the stack comes back here: no code of the program does, and no destructor.
#[inline]
fn with_stack<R>(body: impl FnOnce(&mut Stack) -> R) -> R {
    STACK.with(|stack| body(&mut stack.borrow_mut()))
}
