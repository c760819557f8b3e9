//! The recorded spans that this thread is inside of.

use std::cell::RefCell;

use prefactor_runtime::{Context, ContextGuard};
use tracing_core::span::Id;

thread_local! {
    /// Innermost last. A guard cannot leave its thread, and a span is left on the thread that entered it.
    static ENTERED: RefCell<Vec<(u64, ContextGuard)>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn enter(id: &Id, context: Context) {
    let guard = context.enter();
    let _ = ENTERED.try_with(|entered| entered.borrow_mut().push((id.into_u64(), guard)));
}

pub(crate) fn exit(id: &Id) {
    let guard = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        let last = entered.iter().rposition(|(entered, _)| *entered == id.into_u64())?;
        Some(entered.remove(last))
    });
    drop(guard);
}

/// Whether the span is the innermost that was entered.
pub(crate) fn is_innermost(id: &Id) -> bool {
    ENTERED
        .try_with(|entered| entered.borrow().last().is_some_and(|(last, _)| *last == id.into_u64()))
        .unwrap_or(false)
}
