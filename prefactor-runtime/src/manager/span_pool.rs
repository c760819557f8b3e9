//! Spans that are over, kept by their thread to be used again: the one allocation of a span is not made for each.

use std::cell::RefCell;
use std::sync::Arc;

use crate::manager::span_state::SpanInner;

/// Spans that a thread keeps at most.
const MAX: usize = 32;

thread_local! {
    static SPARE: RefCell<Vec<Arc<SpanInner>>> = const { RefCell::new(Vec::new()) };
}

/// A span that is over, to which nobody refers.
pub(super) fn take() -> Option<Arc<SpanInner>> {
    SPARE.try_with(|spare| spare.try_borrow_mut().ok()?.pop()).ok().flatten()
}

/// Keeps a span that is over, unless somebody else still refers to it.
pub(crate) fn keep(mut span: Arc<SpanInner>) {
    if let Some(inner) = Arc::get_mut(&mut span) {
        // Before it is kept: this may have been the last of its instance.
        inner.clear();
        let _ = SPARE.try_with(|spare| match spare.try_borrow_mut() {
            Ok(mut spare) if spare.len() < MAX => spare.push(span),
            _ => {}
        });
    }
}
