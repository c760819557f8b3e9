//! Tells the observer of a span, and spans below it of its end.

use super::SpanState;
use crate::manager::observer::Entered;
#[cfg(feature = "observer")]
use crate::manager::observer::NewScope;
#[cfg(feature = "observer")]
use crate::manager::undecided::End;

impl SpanState {
    /// Tells the observer that the span becomes current, until the returned value is dropped.
    #[cfg(feature = "observer")]
    #[inline]
    pub(crate) fn enter(&self) -> Entered {
        self.observed.enter(&|tell| {
            let trace_id = self.trace_id().unwrap_or_default();
            tell(&NewScope { schema_name: &self.schema_name, trace_id: &trace_id, span_id: &self.span_id() });
        })
    }

    /// There is no observer.
    #[cfg(not(feature = "observer"))]
    #[inline]
    #[expect(clippy::unused_self, reason = "both forms have the same signature")]
    pub(crate) const fn enter(&self) -> Entered {
        Entered::NONE
    }

    /// Ends a span below this one when it is known how. Where this one has ended already, it is not known.
    #[cfg(feature = "observer")]
    pub(crate) fn decide_later(&self, end: End) {
        let mut state = self.lock();
        if state.ended_at.is_none() {
            state.data().undecided.push(end);
            return;
        }
        drop(state);
        end(None);
    }

    /// Another span begins below this one.
    #[cfg(feature = "observer")]
    pub(crate) fn decide_below(&self) {
        let undecided = self.lock().data.as_deref_mut().map(|data| std::mem::take(&mut data.undecided));
        if let Some(undecided) = undecided {
            undecided.leave().tell();
        }
    }

    /// Keeps the span from the observer.
    #[cfg(feature = "observer")]
    pub(crate) fn leave_unobserved(&self) {
        self.observed.close();
    }
}
