//! Spans that end as the span above them does.

use std::sync::Arc;

use crate::manager::undecided::Above;
use crate::span::handle::Span;

/// Ends a span by `end` once it is known how: with the end of the span `above`, if that is the next thing that happens there, or
/// with `None` if another span begins below it, or if others are waiting for that end too.
pub fn end_with(above: &Span, end: impl FnOnce(Option<Above>) + Send + 'static) {
    match &above.inner {
        Some(above) => above.decide_later(Box::new(end)),
        None => end(None),
    }
}

/// Another span begins below `above`: those that wait for its end do not end with it.
pub fn decide_below(above: &Span) {
    if let Some(above) = &above.inner {
        above.decide_below();
    }
}

/// Whether both handles are of one span.
#[must_use]
pub fn is_same(one: &Span, other: &Span) -> bool {
    matches!((&one.inner, &other.inner), (Some(one), Some(other)) if Arc::ptr_eq(one, other))
}
