//! A span while the body of its function runs.
//!
//! The body is called between two questions, whether there is a span to enter and whether there is one to leave, and not
//! in a closure that is handed over: so it is compiled once, and into its caller. A body that does not come back to the
//! second question has panicked, whatever else the thread unwinds for.

use std::sync::Arc;

use crate::context;
use crate::outcome::Ends;
use crate::panics::contain;
use crate::span::{self, SpanInner};

/// A span that is current, until it is taken back. Dropped before, it fails the span: a panic passes through.
#[derive(Debug)]
#[must_use]
pub(crate) struct Running {
    /// The number of its frame on the stack of contexts, or zero: there is no span.
    frame: u64,
}

impl Running {
    pub(crate) const NOTHING: Self = Self { frame: 0 };

    /// Makes the span current.
    pub(crate) fn enter(span: Arc<SpanInner>) -> Self {
        Self { frame: context::push_span(span) }
    }

    #[inline]
    pub(crate) const fn is_recorded(&self) -> bool {
        self.frame != 0
    }

    /// Takes the span back.
    fn leave(&mut self) -> Option<Arc<SpanInner>> {
        let frame = std::mem::take(&mut self.frame);
        if frame == 0 { None } else { context::pop_through(frame).into_span() }
    }

    /// Ends the span with a value, which is handed through: where nothing is recorded, it then need not be in memory.
    // Compiled once for each type that is returned.
    #[cold]
    #[inline(never)]
    pub(crate) fn end<T>(mut self, value: T, end: &dyn Ends<T>) -> T {
        contain(|| {
            if let Some(span) = self.leave() {
                span.finish_with(&mut || end.outcome(&value, true));
                span::keep(span);
            }
        });
        value
    }

    #[cold]
    extern "C" fn unwound(&mut self) {
        contain(|| {
            if let Some(span) = self.leave() {
                span.finish_unwound();
            }
        });
    }
}

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        if self.is_recorded() {
            self.unwound();
        }
    }
}
