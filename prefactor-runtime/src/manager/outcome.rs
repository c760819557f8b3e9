//! How a function ended, before it becomes the status and the result of a span.

use crate::payload::{self, Captured, SideLimits};
use crate::types::span_error::SpanError;
use crate::types::usage::Usage;

/// How a function ended, before it becomes a status.
#[derive(Debug)]
pub enum Outcome {
    /// It returned; here is its result, where that is wanted.
    Complete(Option<Captured>),
    /// It returned a value that `fail_when` takes for a failure, for this reason.
    CountsAsFailed(Box<SpanError>, Option<Captured>),
    /// It returned an error. In a box: the others are much smaller.
    Failed(Box<SpanError>),
    /// It ended as the inner outcome, with this usage.
    Used(Box<(Usage, Self)>),
}

impl Outcome {
    /// Reads an outcome by user code, which captures results and errors and makes no spans.
    ///
    /// # Errors
    ///
    /// The panic of that code.
    pub(crate) fn read(side: SideLimits, read: &mut dyn FnMut() -> Self) -> std::thread::Result<Self> {
        let mut outcome = Self::Complete(None);
        payload::with_output_scope(side, &mut || outcome = read())?;
        Ok(outcome)
    }
}
