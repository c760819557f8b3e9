//! Strategies that read one value or one error: by `Serialize`, `Debug`, `Display`, `std::error::Error`, or not at all.
//!
//! A strategy is a type without values. [`specialize`](crate::instrument::specialize) picks the first one whose trait
//! the value's type implements.

use std::any::type_name;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};

use serde::Serialize;

use crate::instrument::known_errors::{MAX_SOURCES, known_type_of};
use crate::payload::lock::{self, Locked, WriteBehind};
use crate::payload::{self, Captured, debug_text, display_text};
use crate::types::span_error::SpanError;

macro_rules! strategies {
    ($($strategy:ident: $doc:literal)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $strategy;
    )*};
}

strategies! {
    ViaSerialize: "Captures a value through `Serialize`."
    ViaDebug: "Captures a value or an error message through `Debug`."
    ViaNothing: "Captures no value. Of an error, only the type's name is recorded."
    ViaError: "Reads an error through `std::error::Error`."
    ViaAsRef: "Reads an error through `AsRef<dyn Error>`, which `anyhow::Error` and `Box<dyn Error>` implement."
    ViaAsRefSend: "Reads an error through `AsRef<dyn Error + Send + Sync>`, which `Box<dyn Error + Send + Sync>` implements."
    ViaDisplay: "Reads an error message through `Display`."
}

/// Captures the value behind a lock, by the strategy `S`, if the lock is free.
#[derive(Clone, Copy, Debug)]
pub struct ViaLock<S>(S);

/// Captures a returned value.
pub trait CaptureValue<T: ?Sized> {
    /// The captured value, or `None` where the type has nothing to show.
    fn capture(value: &T) -> Option<Captured>;
}

impl<T: Serialize + ?Sized> CaptureValue<T> for ViaSerialize {
    fn capture(value: &T) -> Option<Captured> {
        Some(payload::serialize(value))
    }
}

impl<T: ?Sized, S> CaptureValue<T> for ViaLock<S>
where
    Locked<S>: WriteBehind<T>,
{
    fn capture(value: &T) -> Option<Captured> {
        Some(lock::by::<Locked<S>, T>(value))
    }
}

impl<T: Debug + ?Sized> CaptureValue<T> for ViaDebug {
    fn capture(value: &T) -> Option<Captured> {
        Some(payload::debug(value))
    }
}

impl<T: ?Sized> CaptureValue<T> for ViaNothing {
    fn capture(_: &T) -> Option<Captured> {
        None
    }
}

/// Reads message, type and sources of an error.
pub trait CaptureError<E> {
    /// The recorded form of the error.
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "an `Outcome` holds it in a box; made here, where no type of the user's is"
    )]
    fn failure(error: &E) -> Box<SpanError>;
}

impl<E: StdError> CaptureError<E> for ViaError {
    fn failure(error: &E) -> Box<SpanError> {
        with_sources(SpanError::boxed::<E>(display_text(error)), error.source())
    }
}

impl<E: AsRef<dyn StdError + 'static>> CaptureError<E> for ViaAsRef {
    fn failure(error: &E) -> Box<SpanError> {
        opaque::<E>(error.as_ref())
    }
}

impl<E: AsRef<dyn StdError + Send + Sync + 'static>> CaptureError<E> for ViaAsRefSend {
    fn failure(error: &E) -> Box<SpanError> {
        opaque::<E>(error.as_ref())
    }
}

impl<E: Display> CaptureError<E> for ViaDisplay {
    fn failure(error: &E) -> Box<SpanError> {
        SpanError::boxed::<E>(display_text(error))
    }
}

impl<E: Debug> CaptureError<E> for ViaDebug {
    fn failure(error: &E) -> Box<SpanError> {
        SpanError::boxed::<E>(debug_text(error))
    }
}

impl<E> CaptureError<E> for ViaNothing {
    fn failure(_: &E) -> Box<SpanError> {
        SpanError::boxed::<E>(type_name::<E>().into())
    }
}

/// An error whose own type says nothing, for it may hold any: it is named after the innermost error whose type is known.
#[expect(clippy::unnecessary_box_returns, reason = "as `CaptureError` has it")]
fn opaque<E>(error: &(dyn StdError + 'static)) -> Box<SpanError> {
    let name = known_type_of(error).unwrap_or_else(type_name::<E>);
    let captured = SpanError::boxed_as(display_text(error), name);
    with_sources(captured, error.source())
}

#[expect(clippy::unnecessary_box_returns, reason = "the error arrives in a box, and is returned in it")]
fn with_sources(mut error: Box<SpanError>, first: Option<&(dyn StdError + 'static)>) -> Box<SpanError> {
    let mut next = first;
    while let Some(source) = next.filter(|_| error.sources.len() < MAX_SOURCES) {
        error.sources.push(display_text(source));
        next = source.source();
    }
    error
}
