//! The stack of contexts that a thread has entered.
//!
//! Futures and guards share it. A future pushes its frame for the length of one poll and pops it together with
//! whatever guards left above. A guard removes its own frame wherever it stands, so guards that are dropped out of
//! order, or on the far side of an `.await`, leave nothing behind.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::context::parent::Context;
use crate::manager::observer::Entered;
use crate::manager::panics;
use crate::manager::span_state::SpanState;

struct Stack {
    frames: Vec<Frame>,
    /// The number that was given last.
    next: u64,
}

struct Frame {
    number: u64,
    context: Context,
    /// The panics that this thread had seen before.
    panics: u64,
    /// Dropped with the frame, outside of the borrow of the stack: the observer's code runs then.
    _entered: Entered,
}

/// Frees the stack's memory when the thread's locals are destroyed. A later use of the stack leaks.
struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        // Drops the frames outside of the borrow: one may hold the last handle on an instance.
        drop(with_stack(|stack| std::mem::take(&mut stack.frames)));
    }
}

thread_local! {
    /// Kept until the very end of the thread: destructors of its other locals may still call annotated functions.
    static STACK: ManuallyDrop<RefCell<Stack>> =
        const { ManuallyDrop::new(RefCell::new(Stack { frames: Vec::new(), next: LAST_SHARED })) };
    static CLEANER: Cleaner = const { Cleaner };
}

impl Stack {
    #[inline]
    fn push(&mut self, number: u64, context: Context, entered: Entered) {
        if self.frames.capacity() == 0 {
            // The first access registers the destructor of the thread-local.
            let _ = CLEANER.try_with(|_| ());
        }
        let panics = panics::panic_count();
        self.frames.push(Frame { number, context, panics, _entered: entered });
    }
}

/// The number of all frames of [`enter_drop`]: the last one is the one meant.
const DROP: u64 = 0;

/// The number of all frames of [`push_call`] that have a span: the last one is the one meant.
const CALL: u64 = 1;

/// As [`CALL`], of those that have none.
const UNRECORDED_CALL: u64 = 2;

/// The last number that many frames share.
const LAST_SHARED: u64 = UNRECORDED_CALL;

/// `body` must not run user code or drop a [`Context`]: either could borrow the stack again.
#[inline]
fn with_stack<R>(body: impl FnOnce(&mut Stack) -> R) -> R {
    STACK.with(|stack| body(&mut stack.borrow_mut()))
}

/// Looks at the current context. The same rule holds for `look` as for [`with_stack`].
#[inline]
pub(super) fn with_current<R>(look: impl FnOnce(Option<&Context>) -> R) -> R {
    with_stack(|stack| look(stack.frames.last().map(|frame| &frame.context)))
}

/// The current context.
pub(super) fn current() -> Context {
    with_stack(|stack| stack.frames.last().map(|frame| frame.context.clone())).unwrap_or_default()
}

/// All contexts, innermost first.
pub(super) fn contexts() -> Vec<Context> {
    with_stack(|stack| stack.frames.iter().rev().map(|frame| frame.context.clone()).collect())
}

/// Enters a context, and gives the number by which it is left.
#[inline]
pub(super) fn push(context: Context) -> u64 {
    let entered = context.observe();
    with_stack(|stack| {
        stack.next += 1;
        stack.push(stack.next, context, entered);
        stack.next
    })
}

/// Removes one frame, wherever it stands.
pub(super) fn remove(number: u64) {
    let removed = with_stack(|stack| {
        let position = stack.frames.iter().rposition(|frame| frame.number == number)?;
        Some(stack.frames.remove(position))
    });
    drop(removed); // outside of the borrow: it may be the last handle on an instance
}

/// Runs a closure in a context and gives both back, also when the closure panics.
///
/// Not generic, like everything of which a program would otherwise have a copy for each of its futures.
pub(crate) fn run_in(context: Context, body: &mut dyn FnMut()) -> (std::thread::Result<()>, Context) {
    let number = push(context);
    let result = catch_unwind(AssertUnwindSafe(body));
    (result, pop_through(number))
}

/// Makes a context current while a value is dropped, until [`leave_drop`].
pub(crate) fn enter_drop(context: Context) {
    let entered = context.observe();
    with_stack(|stack| stack.push(DROP, context, entered));
}

/// Leaves the context that [`enter_drop`] entered last: drops nest, also when they panic.
pub(crate) fn leave_drop() {
    drop(pop_through(DROP));
}

/// Makes the span of a call current until [`pop_call`]. Without a span the current context stays current.
pub(crate) fn push_call(span: Option<Arc<SpanState>>) {
    let entered = span.as_ref().map_or(Entered::NONE, |span| span.enter());
    with_stack(|stack| match span {
        Some(span) => stack.push(CALL, Context::of_span(span), entered),
        None => {
            let current = stack.frames.last().map(|frame| frame.context.clone()).unwrap_or_default();
            stack.push(UNRECORDED_CALL, current, entered);
        }
    });
}

/// The result of [`pop_call`].
pub(crate) struct LeftCall {
    pub(crate) span: Arc<SpanState>,
    /// The panics that this thread had seen when the call was entered.
    pub(crate) panics: u64,
}

/// Leaves the context that [`push_call`] entered last, and returns its span: calls nest.
///
/// Contexts that guards have entered above it stay current: a function may return a guard.
pub(crate) fn pop_call() -> Option<LeftCall> {
    take_call(take_frame)
}

/// As [`pop_call`], for a future that waits: contexts that guards have entered above are left too, since other tasks run on this thread.
pub(crate) fn pop_call_and_above() -> Option<LeftCall> {
    // Dropped when the stack is not borrowed any more.
    let mut above = Vec::new();
    take_call(|frames, position| {
        if position + 1 < frames.len() {
            above = frames.split_off(position + 1);
        }
        frames.pop()
    })
}

/// Takes a frame out, which is the last one in most cases.
fn take_frame(frames: &mut Vec<Frame>, position: usize) -> Option<Frame> {
    if position + 1 == frames.len() { frames.pop() } else { Some(frames.remove(position)) }
}

#[inline]
fn take_call(take: impl FnOnce(&mut Vec<Frame>, usize) -> Option<Frame>) -> Option<LeftCall> {
    let is_call = |frame: &Frame| matches!(frame.number, CALL | UNRECORDED_CALL);
    let frame = with_stack(|stack| {
        let position = stack.frames.iter().rposition(is_call)?;
        take(&mut stack.frames, position)
    })?;
    let span = if frame.number == CALL { frame.context.into_span() } else { None };
    span.map(|span| LeftCall { span, panics: frame.panics })
}

/// Pops a frame together with the frames that guards left above it.
#[inline]
fn pop_through(number: u64) -> Context {
    let last = with_stack(|stack| {
        let is_last = stack.frames.last().is_some_and(|frame| frame.number == number);
        if is_last { stack.frames.pop() } else { None }
    });
    last.map_or_else(|| pop_from_below(number), |frame| frame.context)
}

#[cold]
fn pop_from_below(number: u64) -> Context {
    let taken = with_stack(|stack| {
        let position = stack.frames.iter().rposition(|frame| frame.number == number)?;
        let above = stack.frames.split_off(position + 1);
        Some((stack.frames.pop()?, above))
    });
    taken.map(|(frame, _)| frame.context).unwrap_or_default()
}
