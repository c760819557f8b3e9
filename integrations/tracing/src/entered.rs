//! The recorded spans that this thread is inside of.

use std::cell::RefCell;
use std::sync::Arc;

use prefactor_runtime::{Context, ContextGuard};
use tracing_core::span::Id;

use crate::place::Parent;

struct Entered {
    id: u64,
    guard: ContextGuard,
    span: Arc<Parent>,
}

thread_local! {
    /// Innermost last. A guard cannot leave its thread, and a span is left on the thread that entered it.
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn enter(id: &Id, context: Context, span: Arc<Parent>) {
    let (id, guard) = (id.into_u64(), context.enter());
    let _ = ENTERED.try_with(|entered| entered.borrow_mut().push(Entered { id, guard, span }));
}

pub(crate) fn exit(id: &Id) {
    let left = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        let last = entered.iter().rposition(|entered| entered.id == id.into_u64())?;
        Some(entered.remove(last))
    });
    if let Ok(Some(Entered { guard, .. })) = left {
        drop(guard);
    }
}

/// The innermost span that was entered.
pub(crate) fn innermost() -> Option<Arc<Parent>> {
    ENTERED.try_with(|entered| entered.borrow().last().map(|last| Arc::clone(&last.span))).ok()?
}

/// Whether the span is the innermost that was entered.
pub(crate) fn is_innermost(id: &Id) -> bool {
    ENTERED
        .try_with(|entered| entered.borrow().last().is_some_and(|last| last.id == id.into_u64()))
        .unwrap_or(false)
}
