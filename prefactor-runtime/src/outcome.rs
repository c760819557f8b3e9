//! From a returned value to the status and the result of a span, by type.
//!
//! Generated code first asks `(&&Returned(&value)).__prefactor_split()`: a `Result` under any alias falls apart into its
//! two sides, anything else is a value. The error side then goes through a ladder like the one in
//! [`payload`](crate::payload): `std::error::Error`, what lends one out (`anyhow`, `eyre`, boxed errors),
//! `Display`, `Debug`, the type's name.

use std::any::type_name;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};

use crate::payload::{Captured, Probe, debug_text, display_text};
use crate::span_error::SpanError;

/// How a function ended, before it becomes a status.
#[derive(Debug)]
pub enum Outcome {
    /// It returned; here is its result, where that is wanted.
    Complete(Option<Captured>),
    /// It returned a value that `fail_when` takes for a failure.
    CountsAsFailed(Option<Captured>),
    /// It returned an error. In a box: the others are much smaller.
    Failed(Box<SpanError>),
}

/// Longest chain of sources that is followed: a cyclic chain must end.
const MAX_SOURCES: usize = 32;

/// What `err` alone demands.
#[diagnostic::on_unimplemented(
    message = "`err` is for functions that return a `Result`, not `{Self}`",
    label = "remove `err`, or return a `Result`"
)]
pub trait IsResult {}

impl<T, E> IsResult for Result<T, E> {}

/// `err`
pub fn demand_result<R: IsResult>(_: &R) {}

/// `fail_when = …`
pub fn is_failure<T: ?Sized>(value: &T, is_failure: impl FnOnce(&T) -> bool) -> bool {
    is_failure(value)
}

/// `err(debug)`
pub fn failure_debug<E: Debug>(error: &E) -> Box<SpanError> {
    Box::new(SpanError::of::<E>(debug_text(error)))
}

/// `err(skip)`
#[must_use]
pub fn failure_skipped<E>(_: &E) -> Box<SpanError> {
    Box::new(SpanError::of::<E>(String::new()))
}

/// `err(with = path)`, where `path` makes the message, or the whole.
pub fn failure_with<E>(_: &E, respelt: impl Into<SpanError>) -> Box<SpanError> {
    Box::new(respelt.into().or_type_of::<E>())
}

/// A borrowed return value.
#[derive(Debug)]
pub struct Returned<'a, T>(pub &'a T);

/// `Result`, under whatever name.
pub trait SplitResult<'a> {
    /// The type on the good side.
    type Value;
    /// The type on the bad side.
    type Error;
    /// Both sides, borrowed.
    ///
    /// # Errors
    ///
    /// The bad side.
    fn __prefactor_split(&self) -> Result<&'a Self::Value, &'a Self::Error>;
}

impl<'a, T, E> SplitResult<'a> for &Returned<'a, Result<T, E>> {
    type Value = T;
    type Error = E;

    fn __prefactor_split(&self) -> Result<&'a T, &'a E> {
        self.0.as_ref()
    }
}

/// Everything that is not a `Result`.
pub trait SplitValue<'a> {
    /// The type itself.
    type Value;
    /// The value on the good side.
    ///
    /// # Errors
    ///
    /// None.
    fn __prefactor_split(&self) -> Result<&'a Self::Value, &'a Infallible>;
}

impl<'a, T> SplitValue<'a> for Returned<'a, T> {
    type Value = T;

    fn __prefactor_split(&self) -> Result<&'a T, &'a Infallible> {
        Ok(self.0)
    }
}

/// First choice for an error: it is a `std::error::Error`.
pub trait FailureViaError {
    /// Message and sources.
    fn __prefactor_failure(&self) -> Box<SpanError>;
}

/// Second choice: it lends out a `std::error::Error`, as `anyhow::Error` and `Box<dyn Error>` do.
pub trait FailureViaAsRef {
    /// Message and sources.
    fn __prefactor_failure(&self) -> Box<SpanError>;
}

/// Third choice: it lends out one that may cross threads, as `Box<dyn Error + Send + Sync>` does.
pub trait FailureViaAsRefSend {
    /// Message and sources.
    fn __prefactor_failure(&self) -> Box<SpanError>;
}

/// Fourth choice.
pub trait FailureViaDisplay {
    /// The message.
    fn __prefactor_failure(&self) -> Box<SpanError>;
}

/// Fifth choice.
pub trait FailureViaDebug {
    /// The message.
    fn __prefactor_failure(&self) -> Box<SpanError>;
}

/// Last choice.
pub trait FailureViaTypeName {
    /// The name of the type.
    fn __prefactor_failure(&self) -> Box<SpanError>;
}

impl<E: StdError> FailureViaError for &&&&&Probe<'_, E> {
    fn __prefactor_failure(&self) -> Box<SpanError> {
        Box::new(with_sources(SpanError::of::<E>(display_text(self.0)), self.0.source()))
    }
}

impl<E: AsRef<dyn StdError + 'static>> FailureViaAsRef for &&&&Probe<'_, E> {
    fn __prefactor_failure(&self) -> Box<SpanError> {
        let error = self.0.as_ref();
        Box::new(with_sources(SpanError::of::<E>(display_text(error)), error.source()))
    }
}

impl<E: AsRef<dyn StdError + Send + Sync + 'static>> FailureViaAsRefSend for &&&Probe<'_, E> {
    fn __prefactor_failure(&self) -> Box<SpanError> {
        let error = self.0.as_ref();
        Box::new(with_sources(SpanError::of::<E>(display_text(error)), error.source()))
    }
}

impl<E: Display> FailureViaDisplay for &&Probe<'_, E> {
    fn __prefactor_failure(&self) -> Box<SpanError> {
        Box::new(SpanError::of::<E>(display_text(self.0)))
    }
}

impl<E: Debug> FailureViaDebug for &Probe<'_, E> {
    fn __prefactor_failure(&self) -> Box<SpanError> {
        Box::new(SpanError::of::<E>(debug_text(self.0)))
    }
}

impl<E> FailureViaTypeName for Probe<'_, E> {
    fn __prefactor_failure(&self) -> Box<SpanError> {
        Box::new(SpanError::of::<E>(type_name::<E>().into()))
    }
}

fn with_sources(mut error: SpanError, first: Option<&(dyn StdError + 'static)>) -> SpanError {
    let mut next = first;
    while let Some(source) = next.filter(|_| error.sources.len() < MAX_SOURCES) {
        error.sources.push(display_text(source));
        next = source.source();
    }
    error
}

#[cfg(test)]
#[expect(clippy::needless_borrow, reason = "written as generated code writes it, for all types")]
mod tests {
    use std::io;

    use super::*;

    fn nested() -> io::Error {
        io::Error::other("outer".parse::<i32>().unwrap_err())
    }

    #[test]
    fn a_result_under_an_alias_falls_apart() {
        type Aliased<T> = io::Result<T>;
        let value: Aliased<u8> = Ok(1);
        assert_eq!((&&Returned(&value)).__prefactor_split().unwrap(), &1);
        assert_eq!((&&Returned(&Some(1))).__prefactor_split().unwrap(), &Some(1));
    }

    #[test]
    fn errors_choose_the_richest_trait_they_have() {
        struct Silent;
        #[derive(Debug)]
        struct Debugged;
        let failure = (&&&&&&Probe(&nested())).__prefactor_failure();
        assert_eq!(failure.message(), "invalid digit found in string");
        assert_eq!(failure.error_type(), "std::io::error::Error");
        let boxed: Box<dyn StdError> = Box::new(nested());
        assert_eq!((&&&&&&Probe(&boxed)).__prefactor_failure().message(), "invalid digit found in string");
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(nested());
        assert_eq!((&&&&&&Probe(&boxed)).__prefactor_failure().message(), "invalid digit found in string");
        assert_eq!((&&&&&&Probe(&"text")).__prefactor_failure().message(), "text");
        assert_eq!((&&&&&&Probe(&Debugged)).__prefactor_failure().message(), "Debugged");
        assert!((&&&&&&Probe(&Silent)).__prefactor_failure().message().ends_with("Silent"));
    }
}
