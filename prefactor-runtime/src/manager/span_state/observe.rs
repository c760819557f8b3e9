//! Tells the observer of a span.

use super::SpanState;
use crate::manager::observer::Entered;
#[cfg(feature = "observer")]
use crate::manager::observer::NewScope;

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

    /// Keeps the span from the observer.
    #[cfg(feature = "observer")]
    pub(crate) fn leave_unobserved(&self) {
        self.observed.close();
    }
}
