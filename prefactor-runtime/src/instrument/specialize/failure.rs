//! Picks the strategy by which an error is read.

use super::chain::{cases, deref_chain};
use crate::instrument::strategy::{
    CaptureError, ViaAsRef, ViaAsRefSend, ViaDebug, ViaDisplay, ViaError, ViaNothing,
};
use crate::types::span_error::SpanError;

cases! {
    /// An error of type `E`, to be read by `F`.
    ErrorCase<F, E>;
}

/// The best strategy for an error.
#[inline]
#[must_use]
pub const fn error<E>(_: &E) -> ErrorCase<ViaError, E> {
    ErrorCase::CASE
}

deref_chain!([E]
    ErrorCase<ViaError, E>
    => ErrorCase<ViaAsRef, E>
    => ErrorCase<ViaAsRefSend, E>
    => ErrorCase<ViaDisplay, E>
    => ErrorCase<ViaDebug, E>
    => ErrorCase<ViaNothing, E>
);

impl<E, F: CaptureError<E>> ErrorCase<F, E> {
    /// The recorded form of the error.
    #[expect(clippy::unnecessary_box_returns, reason = "an `Outcome` holds it in a box")]
    pub fn __prefactor_failure(self, error: &E) -> Box<SpanError> {
        F::failure(error)
    }
}
