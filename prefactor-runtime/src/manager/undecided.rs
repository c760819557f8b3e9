//! Spans whose outcome is not known when they end, and is that of the span above them.
//!
//! Foreign crates close the span of a failed call without a word, as they do with one that was dropped. The function around the call
//! fails, or is dropped, at once after it. So such a span waits until the span above it ends, or until another begins below that:
//! then the work went on, and the outcome of the span above is that of later work. Without the feature `observer` all of this is empty.

#[cfg(feature = "observer")]
pub use deciding::Above;
#[cfg(feature = "observer")]
pub(crate) use deciding::End;
pub(crate) use deciding::{Decided, Undecided};

#[cfg(feature = "observer")]
mod deciding {
    use crate::types::span_error::SpanError;
    use crate::types::status::SpanStatus;

    /// The end of the span above.
    #[derive(Clone, Debug)]
    pub struct Above {
        /// Its status.
        pub status: SpanStatus,
        /// Its error, where it failed with one.
        pub error: Option<SpanError>,
    }

    /// Ends a span: as the one above it, or for itself.
    pub(crate) type End = Box<dyn FnOnce(Option<Above>) + Send>;

    /// The ends that are waiting below a span.
    #[derive(Default)]
    pub(crate) struct Undecided(Vec<End>);

    impl Undecided {
        pub(crate) fn push(&mut self, end: End) {
            self.0.push(end);
        }

        /// The span above ends. Of several that wait, none is known to be the one that it ends with.
        pub(crate) fn decide(self, status: SpanStatus, error: Option<&SpanError>) -> Decided {
            let above =
                (self.0.len() == 1 && status.is_final()).then(|| Above { status, error: error.cloned() });
            Decided { ends: self.0, above }
        }

        /// The span above goes on.
        pub(crate) fn leave(self) -> Decided {
            Decided { ends: self.0, above: None }
        }
    }

    /// Ends that are known, and not told yet.
    #[must_use]
    pub(crate) struct Decided {
        ends: Vec<End>,
        above: Option<Above>,
    }

    impl Decided {
        /// Ends the spans. No lock may be held.
        pub(crate) fn tell(self) {
            for end in self.ends {
                end(self.above.clone());
            }
        }
    }
}

#[cfg(not(feature = "observer"))]
mod deciding {
    use crate::types::span_error::SpanError;
    use crate::types::status::SpanStatus;

    /// No span waits.
    #[derive(Default)]
    pub(crate) struct Undecided;

    impl Undecided {
        #[expect(clippy::unused_self, reason = "as the other has it")]
        pub(crate) const fn decide(self, _: SpanStatus, _: Option<&SpanError>) -> Decided {
            Decided
        }
    }

    /// There is nothing to tell.
    #[must_use]
    pub(crate) struct Decided;

    impl Decided {
        #[expect(clippy::unused_self, reason = "as the other has it")]
        pub(crate) const fn tell(self) {}
    }
}
