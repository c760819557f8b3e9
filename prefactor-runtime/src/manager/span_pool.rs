//! Ended spans, kept by their thread for reuse, so that a new span needs no allocation.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use crate::manager::instance_state::InstanceState;
use crate::manager::span_state::SpanState;
use crate::operation::SpanKey;

/// Spans that a thread keeps at most.
const MAX: usize = 32;

thread_local! {
    static POOL: RefCell<Vec<Arc<SpanState>>> = const { RefCell::new(Vec::new()) };
}

/// Prepares a span of a run, in a pooled allocation if there is one.
#[inline]
pub(crate) fn acquire(
    schema_name: Cow<'static, str>,
    instance: Arc<InstanceState>,
    parent: Option<SpanKey>,
) -> Arc<SpanState> {
    let pooled = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop()).ok().flatten();
    if let Some(mut span) = pooled {
        if let Some(state) = Arc::get_mut(&mut span) {
            state.renew(schema_name, instance, parent);
            return span;
        }
    }
    Arc::new(SpanState::new(schema_name, instance, parent))
}

/// Pools a span that is over, unless a handle still refers to it.
pub(crate) fn release(mut span: Arc<SpanState>) {
    if let Some(state) = Arc::get_mut(&mut span) {
        // Releases the run before the span is pooled: this may be the last span of the run.
        state.clear();
        let _ = POOL.try_with(|pool| match pool.try_borrow_mut() {
            Ok(mut pool) if pool.len() < MAX => pool.push(span),
            _ => {}
        });
    }
}
