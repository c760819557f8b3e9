//! Reads how a call ended off the value that its function returned.
//!
//! [`ReadOutcome`] is implemented by types without values: [`specialize`](crate::instrument::specialize) builds one for
//! each return type at compile time. Where options of the attribute ask for more, the reading is a closure in
//! [`Options`], and [`Asked`] stands for it.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::instrument::strategy::{CaptureError, CaptureValue, ViaNothing};
use crate::manager::outcome::Outcome;
use crate::manager::panics;
use crate::payload::Captured;
use crate::types::span_error::SpanError;
use crate::types::usage::Usage;

/// A return type as a value, for functions that are generic over a type which generated code cannot name.
#[derive(Debug)]
pub struct Returns<R>(PhantomData<fn() -> R>);

impl<R> Returns<R> {
    /// The only value.
    pub const TYPE: Self = Self(PhantomData);
}

/// The closures of a function's options, beside the outcome that is read by type.
#[derive(Clone, Copy, Debug)]
pub struct Options<O, S> {
    /// Reads the outcome: from `ret`, `err` and `fail_when`, or [`NoOptions`].
    pub outcome: O,
    /// Rules and recording for the items of a stream: [`StreamOptions`](crate::instrument::stream_rules), or [`NoOptions`].
    pub stream: S,
}

/// No option of this kind was given.
#[derive(Clone, Copy, Debug)]
pub struct NoOptions;

/// Reads the outcome of a call from a reference to its returned value, or the outcome of a stream from an item.
///
/// `N` holds the closures of the function's options.
pub trait ReadOutcome<T, N>: Copy {
    /// The outcome. A successful value is captured if `is_wanted`.
    fn read(self, value: &T, options: N, is_wanted: bool) -> Outcome;
}

/// Reads a `Result` by one strategy for each side.
pub struct Sides<V, F>(PhantomData<fn() -> (V, F)>);

/// Reads any other value, which is always a success.
pub struct AsValue<V>(PhantomData<fn() -> V>);

/// Reads nothing, and takes it for a success.
pub(crate) type Nothing = AsValue<ViaNothing>;

/// Reads by the closure in [`Options`].
#[derive(Clone, Copy, Debug)]
pub struct Asked;

/// Reads the `Result` behind a reference, `Box`, `Rc` or `Arc`.
#[derive(Clone, Copy, Debug)]
pub struct Pointee<F>(pub(crate) F);

impl<T, E, N, V: CaptureValue<T>, F: CaptureError<E>> ReadOutcome<Result<T, E>, N> for Sides<V, F> {
    fn read(self, value: &Result<T, E>, _: N, is_wanted: bool) -> Outcome {
        match value {
            Ok(value) => Outcome::Complete(if is_wanted { V::capture(value) } else { None }),
            Err(error) => failed(&mut || F::failure(error), type_name::<E>),
        }
    }
}

impl<T, N, V: CaptureValue<T>> ReadOutcome<T, N> for AsValue<V> {
    fn read(self, value: &T, _: N, is_wanted: bool) -> Outcome {
        Outcome::Complete(if is_wanted { V::capture(value) } else { None })
    }
}

impl<T, O: Fn(&T, bool) -> Outcome + Copy, S: Copy> ReadOutcome<T, Options<O, S>> for Asked {
    fn read(self, value: &T, options: Options<O, S>, is_wanted: bool) -> Outcome {
        (options.outcome)(value, is_wanted)
    }
}

impl<P, N, F> ReadOutcome<P, N> for Pointee<F>
where
    P: Deref<Target: Sized>,
    F: ReadOutcome<P::Target, N>,
{
    fn read(self, value: &P, options: N, is_wanted: bool) -> Outcome {
        self.0.read(value, options, is_wanted)
    }
}

macro_rules! markers {
    ($($name:ident<$($strategy:ident),*>;)*) => {$(
        impl<$($strategy),*> $name<$($strategy),*> {
            pub(crate) const NEW: Self = Self(PhantomData);
        }

        impl<$($strategy),*> Copy for $name<$($strategy),*> {}

        impl<$($strategy),*> Clone for $name<$($strategy),*> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($strategy),*> fmt::Debug for $name<$($strategy),*> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    )*};
}

markers! {
    Sides<V, F>;
    AsValue<V>;
}

/// The outcome of a call that returned an error. It is a failure, also when the error's own code panics while it is read.
///
/// Without the error's type it is compiled once, in this crate.
fn failed(read: &mut dyn FnMut() -> Box<SpanError>, type_name: fn() -> &'static str) -> Outcome {
    let unreadable = || SpanError::boxed_as("<capture panicked>".to_owned(), type_name());
    Outcome::Failed(panics::catch_internal_panic(read).unwrap_or_else(unreadable))
}

/// `err(…)`: the outcome of a call that returned this error, read by the option's own code.
pub fn failed_as<E>(error: &E, read: impl Fn(&E) -> Box<SpanError>) -> Outcome {
    failed(&mut || read(error), type_name::<E>)
}

/// `err(debug)`
pub fn failure_debug<E: fmt::Debug>(error: &E) -> Box<SpanError> {
    SpanError::boxed::<E>(crate::payload::debug_text(error))
}

/// `err(skip)`
#[must_use]
pub fn failure_skipped<E>(_: &E) -> Box<SpanError> {
    SpanError::boxed::<E>(String::new())
}

/// `err(with = path)`: `path` returns the message, or a whole [`SpanError`].
pub fn failure_with<E>(_: &E, error: impl Into<SpanError>) -> Box<SpanError> {
    Box::new(error.into().or_type_of::<E>())
}

/// The requirement of `err` without parentheses.
#[diagnostic::on_unimplemented(
    message = "`err` needs a function that returns a `Result`, not `{Self}`",
    label = "remove `err`, or return a `Result`"
)]
pub trait IsResult {}

impl<T, E> IsResult for Result<T, E> {}

/// `err`
pub fn require_result<R: IsResult>(_: &R) {}

/// The answer of a `fail_when` closure.
#[diagnostic::on_unimplemented(
    message = "`fail_when` and `fail` need a closure that returns `bool` or `Option<message>`, not `{Self}`",
    label = "return `true`, or `Some(\"what went wrong\")`, for a failure"
)]
pub trait FailWhen {
    /// The recorded error, if the value counts as a failure.
    fn failure(self) -> Option<SpanError>;
}

impl FailWhen for bool {
    fn failure(self) -> Option<SpanError> {
        self.then(|| SpanError::new("the returned value counts as a failure"))
    }
}

impl<M: Into<SpanError>> FailWhen for Option<M> {
    fn failure(self) -> Option<SpanError> {
        self.map(Into::into)
    }
}

/// The output of a function of `usage(with = …)`.
#[diagnostic::on_unimplemented(
    message = "`usage(with = …)` needs a function that returns `Usage` or `Option<Usage>`, not `{Self}`",
    label = "return a `prefactor::Usage`"
)]
pub trait IntoUsage {
    /// The usage, if there is any.
    fn into_usage(self) -> Option<Usage>;
}

impl IntoUsage for Usage {
    fn into_usage(self) -> Option<Usage> {
        Some(self)
    }
}

impl IntoUsage for Option<Usage> {
    fn into_usage(self) -> Option<Usage> {
        self
    }
}

/// `usage(with = …)`: the outcome, with the usage of the call.
pub fn with_usage(usage: Option<impl IntoUsage>, outcome: impl FnOnce() -> Outcome) -> Outcome {
    match usage.and_then(IntoUsage::into_usage) {
        Some(usage) => Outcome::Used(Box::new((usage, outcome()))),
        None => outcome(),
    }
}

/// `fail_when = …`: the failure that a value stands for, if any. `value` is the returned value, captured after the decision.
pub fn fail_when<T, W: FailWhen>(
    value: &T,
    fails: impl FnOnce(&T) -> W,
    capture: impl FnOnce() -> Option<Captured>,
) -> Option<Outcome> {
    let error = fails(value).failure()?;
    Some(Outcome::CountsAsFailed(Box::new(error.or_type("fail_when")), capture()))
}
