//! From a returned value to the status and the result of a span, by type.
//!
//! Generated code first asks `(&&Returns::<R>::TYPE).__prefactor_sides()`: a `Result` under any alias falls apart into
//! its two sides, anything else is a value. Each side then goes through a ladder like the one in
//! [`payload`](crate::payload); an error's is `std::error::Error`, what lends one out (`anyhow`, `eyre`, boxed errors),
//! `Display`, `Debug`, the type's name.
//!
//! It is types that are asked, and types that answer. Where no option of the attribute asks for more, the whole is read off
//! the return type at once: see [`ways`](crate::instrument::specialize).

use std::any::type_name;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use serde::Serialize;

use crate::instrument::entry::Returns;
use crate::manager::outcome::Outcome;
use crate::payload::{self, Captured, Captures as _, Probe, debug_text, display_text};
use crate::types::span_error::SpanError;

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

/// The type of a returned value.
#[must_use]
pub fn returned<R>(_: &R) -> Returns<R> {
    Returns::TYPE
}

/// Both sides of a returned value.
///
/// # Errors
///
/// The bad side.
pub fn split<'a, S, T, E, R>(_: &Sides<S, T, E>, value: &'a R) -> Result<&'a T, &'a E>
where
    S: IsSplit<R, T, E>,
{
    S::split(value)
}

/// How a returned value falls apart.
pub trait IsSplit<R, T, E> {
    /// Both sides, borrowed.
    ///
    /// # Errors
    ///
    /// The bad side.
    fn split(value: &R) -> Result<&T, &E>;
}

impl<T, E> IsSplit<Result<T, E>, T, E> for OfResult {
    fn split(value: &Result<T, E>) -> Result<&T, &E> {
        value.as_ref()
    }
}

impl<T> IsSplit<T, T, Infallible> for OfValue {
    fn split(value: &T) -> Result<&T, &Infallible> {
        Ok(value)
    }
}

/// The error, in the way that its type has.
pub fn failure<E, F: Explains<E>>(_: By<F>, error: &E) -> Box<SpanError> {
    F::failure(error)
}

/// `err(debug)`
pub fn failure_debug<E: Debug>(error: &E) -> Box<SpanError> {
    SpanError::boxed::<E>(debug_text(error))
}

/// `err(skip)`
#[must_use]
pub fn failure_skipped<E>(_: &E) -> Box<SpanError> {
    SpanError::boxed::<E>(String::new())
}

/// `err(with = path)`, where `path` makes the message, or the whole.
pub fn failure_with<E>(_: &E, respelt: impl Into<SpanError>) -> Box<SpanError> {
    Box::new(respelt.into().or_type_of::<E>())
}

/// Reads the outcome of a function off the value that it returned, or the outcome of a stream off an item.
pub trait Ends<R> {
    /// The outcome, with the value captured if it is wanted.
    fn outcome(&self, value: &R, is_wanted: bool) -> Outcome;
}

/// As options of the attribute ask for it.
impl<R, F: Fn(&R, bool) -> Outcome> Ends<R> for F {
    fn outcome(&self, value: &R, is_wanted: bool) -> Outcome {
        self(value, is_wanted)
    }
}

/// A closure that reads the outcome of a type.
#[inline]
pub fn read_by<R, F: Fn(&R, bool) -> Outcome>(_: Returns<R>, read: F) -> F {
    read
}

/// The two sides of a return type.
#[derive(Debug)]
pub struct Sides<S, T, E> {
    /// The good side.
    pub value: ValueOf<T>,
    /// The bad side.
    pub error: ErrorOf<E>,
    kind: PhantomData<S>,
}

impl<S, T, E> Sides<S, T, E> {
    const NEW: Self = Self { value: ValueOf(PhantomData), error: ErrorOf(PhantomData), kind: PhantomData };
}

/// The type on the good side.
#[derive(Debug)]
pub struct ValueOf<T>(PhantomData<fn() -> T>);

/// The type on the bad side.
#[derive(Debug)]
pub struct ErrorOf<E>(PhantomData<fn() -> E>);

/// `Result`, under whatever name.
#[derive(Debug)]
pub struct OfResult;

/// Everything that is not a `Result`.
#[derive(Debug)]
pub struct OfValue;

/// The choice between `Result` and all else.
pub trait Splits {
    /// Which it is, and its sides.
    type Sides;

    /// The sides.
    fn __prefactor_sides(&self) -> Self::Sides;
}

impl<T, E> Splits for &Returns<Result<T, E>> {
    type Sides = Sides<OfResult, T, E>;

    #[inline]
    fn __prefactor_sides(&self) -> Self::Sides {
        Sides::NEW
    }
}

impl<R> Splits for Returns<R> {
    type Sides = Sides<OfValue, R, Infallible>;

    #[inline]
    fn __prefactor_sides(&self) -> Self::Sides {
        Sides::NEW
    }
}

/// A way to look at the values of a type.
#[derive(Debug)]
pub struct By<V>(PhantomData<fn() -> V>);

/// The choice of a way.
pub trait Chooses {
    /// The way.
    type Way;

    /// The way.
    #[inline]
    fn __prefactor_way(&self) -> By<Self::Way> {
        By(PhantomData)
    }
}

macro_rules! ways {
    ($($way:ident: $doc:literal)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $way;
    )*};
}

ways! {
    BySerialize: "By its `Serialize`."
    ByDebug: "By its `Debug`."
    ByTypeName: "By the name of its type."
    ByError: "As a `std::error::Error`."
    ByAsRef: "As the `std::error::Error` that it lends out, as `anyhow::Error` and `Box<dyn Error>` do."
    ByAsRefSend: "As the one that it lends out to other threads, as `Box<dyn Error + Send + Sync>` does."
    ByDisplay: "By its `Display`."
}

macro_rules! choices {
    ($($of:ty, $($bound:path)? => $way:ident;)*) => {$(
        impl<T $(: $bound)?> Chooses for $of {
            type Way = $way;
        }
    )*};
}

choices! {
    &&ValueOf<T>, Serialize => BySerialize;
    &ValueOf<T>, Debug => ByDebug;
    ValueOf<T>, => ByTypeName;
    &&&&&ErrorOf<T>, StdError => ByError;
    &&&&ErrorOf<T>, AsRef<dyn StdError + 'static> => ByAsRef;
    &&&ErrorOf<T>, AsRef<dyn StdError + Send + Sync + 'static> => ByAsRefSend;
    &&ErrorOf<T>, Display => ByDisplay;
    &ErrorOf<T>, Debug => ByDebug;
    ErrorOf<T>, => ByTypeName;
}

/// A value on the good side, captured in this way.
pub trait Shows<T> {
    /// The capture.
    fn captured(value: &T) -> Captured;
}

impl<T: Serialize> Shows<T> for BySerialize {
    fn captured(value: &T) -> Captured {
        (&&Probe(value)).__prefactor_captured()
    }
}

impl<T: Debug> Shows<T> for ByDebug {
    fn captured(value: &T) -> Captured {
        payload::debug(value)
    }
}

impl<T> Shows<T> for ByTypeName {
    fn captured(value: &T) -> Captured {
        Probe(value).__prefactor_captured()
    }
}

/// An error in this way.
pub trait Explains<E> {
    /// Message and sources.
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "outcomes have it in a box, made where no type of the user's is"
    )]
    fn failure(error: &E) -> Box<SpanError>;
}

impl<E: StdError> Explains<E> for ByError {
    fn failure(error: &E) -> Box<SpanError> {
        with_sources(SpanError::boxed::<E>(display_text(error)), error.source())
    }
}

impl<E: AsRef<dyn StdError + 'static>> Explains<E> for ByAsRef {
    fn failure(error: &E) -> Box<SpanError> {
        let lent = error.as_ref();
        with_sources(SpanError::boxed::<E>(display_text(lent)), lent.source())
    }
}

impl<E: AsRef<dyn StdError + Send + Sync + 'static>> Explains<E> for ByAsRefSend {
    fn failure(error: &E) -> Box<SpanError> {
        let lent = error.as_ref();
        with_sources(SpanError::boxed::<E>(display_text(lent)), lent.source())
    }
}

impl<E: Display> Explains<E> for ByDisplay {
    fn failure(error: &E) -> Box<SpanError> {
        SpanError::boxed::<E>(display_text(error))
    }
}

impl<E: Debug> Explains<E> for ByDebug {
    fn failure(error: &E) -> Box<SpanError> {
        SpanError::boxed::<E>(debug_text(error))
    }
}

impl<E> Explains<E> for ByTypeName {
    fn failure(_: &E) -> Box<SpanError> {
        SpanError::boxed::<E>(type_name::<E>().into())
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "it came in one")]
fn with_sources(mut error: Box<SpanError>, first: Option<&(dyn StdError + 'static)>) -> Box<SpanError> {
    let mut next = first;
    while let Some(source) = next.filter(|_| error.sources.len() < MAX_SOURCES) {
        error.sources.push(display_text(source));
        next = source.source();
    }
    error
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::instrument::specialize::ways_of;

    fn nested() -> io::Error {
        io::Error::other("outer".parse::<i32>().unwrap_err())
    }

    fn failure_of<E>(error: E) -> Result<(), E> {
        Err(error)
    }

    /// As generated code has it.
    macro_rules! outcome {
        ($value:expr) => {{
            let value = $value;
            ways_of(returned(&value)).__prefactor_ends().outcome(&value, true)
        }};
    }

    macro_rules! failure {
        ($error:expr) => {
            match outcome!(failure_of($error)) {
                Outcome::Failed(failure) => failure,
                outcome => panic!("{outcome:?}"),
            }
        };
    }

    #[test]
    fn a_result_under_an_alias_falls_apart() {
        type Aliased<T> = io::Result<T>;
        let shown = |outcome| match outcome {
            Outcome::Complete(Some(captured)) => captured.into_payload().render().get().to_owned(),
            outcome => panic!("{outcome:?}"),
        };
        let value: Aliased<u8> = Ok(1);
        assert_eq!(split(&(&&returned(&value)).__prefactor_sides(), &value).unwrap(), &1);
        assert_eq!(shown(outcome!(value)), r#"{"result":1}"#);
        assert_eq!(shown(outcome!(Some(1))), r#"{"result":1}"#);
        assert_eq!(
            shown(outcome!(ErrorOf::<u8>(PhantomData))),
            r#"{"result":"ErrorOf(PhantomData<fn() -> u8>)"}"#
        );
    }

    #[test]
    fn errors_choose_the_richest_trait_they_have() {
        struct Silent;
        #[derive(Debug)]
        struct Debugged;
        let failure = failure!(nested());
        assert_eq!(failure.message(), "invalid digit found in string");
        assert_eq!(failure.error_type(), "std::io::error::Error");
        let boxed: Box<dyn StdError> = Box::new(nested());
        assert_eq!(failure!(boxed).message(), "invalid digit found in string");
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(nested());
        assert_eq!(failure!(boxed).message(), "invalid digit found in string");
        assert_eq!(failure!("text").message(), "text");
        assert_eq!(failure!(Debugged).message(), "Debugged");
        assert!(failure!(Silent).message().ends_with("Silent"));
    }
}
