//! Splits a returned value into its two sides, where it is a `Result`.

use std::convert::Infallible;

use super::chain::{cases, deref_chain};

cases! {
    /// The type `R` is a `Result`.
    SplitCase<R>;
    /// The type `R` is any value.
    NoSplitCase<R>;
}

/// The two sides of a returned value.
#[inline]
#[must_use]
pub const fn sides<R>(_: &R) -> SplitCase<R> {
    SplitCase::CASE
}

deref_chain!([R] SplitCase<R> => NoSplitCase<R>);

impl<T, E> SplitCase<Result<T, E>> {
    /// The sides.
    ///
    /// # Errors
    ///
    /// The error.
    pub fn __prefactor_split(self, value: &Result<T, E>) -> Result<&T, &E> {
        value.as_ref()
    }
}

impl<R> NoSplitCase<R> {
    /// The value.
    ///
    /// # Errors
    ///
    /// None.
    #[expect(clippy::unnecessary_wraps, reason = "as the method of a `Result` has it")]
    pub const fn __prefactor_split(self, value: &R) -> Result<&R, &Infallible> {
        Ok(value)
    }
}
