//! How the compiler picks a strategy for each type: specialization by `Deref`.
//!
//! Generated code must read values of any type by the best trait that the type implements, without naming a bound:
//! `Serialize`, else `Debug`, else nothing. Stable Rust has no specialization, but method look-up chooses among
//! implementations: it tries a type, then the type that `Deref` leads to, and takes the first one whose inherent method has
//! bounds that hold. (dtolnay calls the form with references *autoref specialization*; `anyhow!` uses it.) Inherent methods
//! need no trait in scope, and one private prefix keeps them apart from the methods of a trait that a user has
//! implemented for all types.
//!
//! So each choice is a chain of types without values, best first, joined by `Deref`: [`deref_chain!`]. All choices in this
//! crate work like that:
//!
//! * [`argument`](crate::payload::argument) and [`value`](crate::payload::value): how one argument or value is captured.
//! * [`sides`] and [`error`]: whether a value is a `Result`, and how its error is read, where options of the attribute look at
//!   the returned value.
//! * [`returning`]: the way to finish a return type. Three questions alternate, and the answer is a [`Finish`](crate::instrument::finish::Finish) without values:
//!   1. `__prefactor_layer`: is there a `Result`, future or stream within ([`Reach`])? Then go there, else stay.
//!   2. `__prefactor_outcome`: by which pair of strategies, for value and error, is the outcome read? ([`Case`]) For a lock the
//!      first answer is another chain of strategies ([`LockCase`]), so that other types do not pay for it.
//!   3. `__prefactor_layer` again: does the value of the `Result` that was read have a `Result`, future or stream within?
//!
//! `Result<BoxStream<'_, Result<T, E>>, F>` takes two rounds: one for `F`, one for `T` and `E`. The macro
//! [`returning!`](crate::returning) asks for three rounds. Where there is nothing to go on with, the rest of the calls find
//! [`Done`] at once and cost the compiler next to nothing.
//!
//! Limit: look-up ignores lifetimes. A type that implements `Serialize` only for `'static` is picked for all lifetimes, and
//! does not compile.

#![expect(clippy::unused_self, reason = "method look-up goes by the type, which is all there is")]

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::instrument::outcome::{AsValue, Asked, Returns, Sides};
use crate::instrument::reach::{InOk, Named, Opaque, Reach, ReachOpaque, Through, Unreached};
use crate::instrument::strategy::{
    CaptureError, CaptureValue, ViaAsRef, ViaAsRefSend, ViaDebug, ViaDisplay, ViaError, ViaLock, ViaNothing,
    ViaSerialize,
};
use crate::instrument::stream_rules::Items;
use crate::instrument::wrap::{HasItems, Reading, Rebuild, Whole, Within, WrapResult};
use crate::manager::outcome::Outcome;
use crate::payload::lock::{Debugged, Lock, Locked, Serialized};
use crate::types::span_error::SpanError;

/// Implements `Deref` from each type of a chain to the next.
macro_rules! deref_chain {
    ([$($generics:ident),*] $first:ty => $($next:ty)=>+) => {
        deref_chain!(@ [$($generics),*] $first, $($next,)+);
    };
    (@ [$($generics:ident),*] $from:ty, $to:ty, $($rest:ty,)*) => {
        impl<$($generics),*> Deref for $from {
            type Target = $to;

            #[inline]
            fn deref(&self) -> &$to {
                &<$to>::CASE
            }
        }

        deref_chain!(@ [$($generics),*] $to, $($rest,)*);
    };
    (@ [$($generics:ident),*] $last:ty,) => {};
}

macro_rules! cases {
    ($($(#[$doc:meta])* $name:ident<$($letter:ident),*>;)*) => {$(
        $(#[$doc])*
        pub struct $name<$($letter),*>(PhantomData<fn() -> ($($letter,)*)>);

        impl<$($letter),*> $name<$($letter),*> {
            const CASE: Self = Self(PhantomData);
        }

        impl<$($letter),*> fmt::Debug for $name<$($letter),*> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    )*};
}

cases! {
    /// A return type, in mode `M`: [`Named`], or [`Opaque`] where the signature declares `impl Future` or `impl Stream`.
    Start<R, M>;
    /// A return type without what the signature declares, or whose container [`ReachOpaque`] does not know.
    StartNamed<R, M>;
    /// A return type with nothing within.
    StartValue<R, M>;
    /// The type `T` is a lock, or a `Result` of one.
    LockCase<T, K, M>;
    /// The type `T` is a `Result`, to be read by `V` and `F`. `K` is the way back from `T` to the return type.
    Case<V, F, T, K, M>;
    /// The type `T` is any value, to be read by `V`.
    ValueCase<V, T, K, M>;
    /// The outcome of `T` is read by `O`.
    Read<T, O, K, M>;
    /// As [`Read`], where `T` is no `Result` with something within.
    ReadThrough<T, O, K, M>;
    /// The return type has been taken apart to the end.
    Done<O, K, M>;
}

/// Where the choice of strategies begins.
type Best<T, K, M> = LockCase<T, K, M>;

/// The best strategies for a lock: as if there were a lock behind it.
type BestOfLock<T, K, M> = Case<ViaLock<Locked<Serialized>>, ViaError, T, K, M>;

/// The way back from the value of a `Result` that `O` reads.
type ToResult<O, K> = Within<WrapResult<O>, K>;

/// Begins with a return type.
#[inline]
#[must_use]
pub const fn returning<R>() -> Start<R, Named> {
    Start::CASE
}

/// Begins with a return type that cannot be named, in which the signature declares `M`.
#[inline]
#[must_use]
pub const fn returning_in<M, R>(_: Returns<R>) -> Start<R, M> {
    Start::CASE
}

deref_chain!([R, M] Start<R, M> => StartNamed<R, M> => StartValue<R, M>);

impl<R, L, I> Start<R, Opaque<L, I>>
where
    R: ReachOpaque<L, I>,
{
    /// Goes to the type that is read first.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Best<R::Next, R::Path<Whole>, R::Mode> {
        Best::CASE
    }
}

impl<R: Reach, M: Unreached> StartNamed<R, M> {
    /// Goes to the type that is read first.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Best<R::Next, R::Path<Whole>, Named> {
        Best::CASE
    }
}

impl<R, M: Unreached> StartValue<R, M> {
    /// Stays at the type.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Best<R, Whole, Named> {
        Best::CASE
    }
}

/// A lock, or a `Result` of one.
pub trait HasLock {}

impl<T: Lock> HasLock for T {}
impl<T: Lock, E> HasLock for Result<T, E> {}

impl<T: HasLock, K, M> LockCase<T, K, M> {
    /// Goes on to the strategies for locks, in the next round: other types never come by them.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(&self) -> BestOfLock<T, K, M> {
        Case::CASE
    }
}

impl<T, K, M> BestOfLock<T, K, M> {
    /// Stays at the type.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Self {
        Self::CASE
    }
}

deref_chain!([T, K, M] LockCase<T, K, M> => Case<ViaSerialize, ViaError, T, K, M>);

deref_chain!([T, K, M]
    Case<ViaLock<Locked<Serialized>>, ViaError, T, K, M>
    => Case<ViaLock<Locked<Serialized>>, ViaAsRef, T, K, M>
    => Case<ViaLock<Locked<Serialized>>, ViaAsRefSend, T, K, M>
    => Case<ViaLock<Locked<Serialized>>, ViaDisplay, T, K, M>
    => Case<ViaLock<Locked<Serialized>>, ViaDebug, T, K, M>
    => Case<ViaLock<Locked<Serialized>>, ViaNothing, T, K, M>
    => Case<ViaLock<Locked<Debugged>>, ViaError, T, K, M>
    => Case<ViaLock<Locked<Debugged>>, ViaAsRef, T, K, M>
    => Case<ViaLock<Locked<Debugged>>, ViaAsRefSend, T, K, M>
    => Case<ViaLock<Locked<Debugged>>, ViaDisplay, T, K, M>
    => Case<ViaLock<Locked<Debugged>>, ViaDebug, T, K, M>
    => Case<ViaLock<Locked<Debugged>>, ViaNothing, T, K, M>
    => Case<ViaLock<Serialized>, ViaError, T, K, M>
    => Case<ViaLock<Serialized>, ViaAsRef, T, K, M>
    => Case<ViaLock<Serialized>, ViaAsRefSend, T, K, M>
    => Case<ViaLock<Serialized>, ViaDisplay, T, K, M>
    => Case<ViaLock<Serialized>, ViaDebug, T, K, M>
    => Case<ViaLock<Serialized>, ViaNothing, T, K, M>
    => Case<ViaLock<Debugged>, ViaError, T, K, M>
    => Case<ViaLock<Debugged>, ViaAsRef, T, K, M>
    => Case<ViaLock<Debugged>, ViaAsRefSend, T, K, M>
    => Case<ViaLock<Debugged>, ViaDisplay, T, K, M>
    => Case<ViaLock<Debugged>, ViaDebug, T, K, M>
    => Case<ViaLock<Debugged>, ViaNothing, T, K, M>
    => ValueCase<ViaLock<Locked<Serialized>>, T, K, M>
    => ValueCase<ViaLock<Locked<Debugged>>, T, K, M>
    => ValueCase<ViaLock<Serialized>, T, K, M>
    => ValueCase<ViaLock<Debugged>, T, K, M>
    => Case<ViaSerialize, ViaError, T, K, M>
);

deref_chain!([T, K, M]
    Case<ViaSerialize, ViaError, T, K, M>
    => Case<ViaSerialize, ViaAsRef, T, K, M>
    => Case<ViaSerialize, ViaAsRefSend, T, K, M>
    => Case<ViaSerialize, ViaDisplay, T, K, M>
    => Case<ViaSerialize, ViaDebug, T, K, M>
    => Case<ViaSerialize, ViaNothing, T, K, M>
    => Case<ViaDebug, ViaError, T, K, M>
    => Case<ViaDebug, ViaAsRef, T, K, M>
    => Case<ViaDebug, ViaAsRefSend, T, K, M>
    => Case<ViaDebug, ViaDisplay, T, K, M>
    => Case<ViaDebug, ViaDebug, T, K, M>
    => Case<ViaDebug, ViaNothing, T, K, M>
    => Case<ViaNothing, ViaError, T, K, M>
    => Case<ViaNothing, ViaAsRef, T, K, M>
    => Case<ViaNothing, ViaAsRefSend, T, K, M>
    => Case<ViaNothing, ViaDisplay, T, K, M>
    => Case<ViaNothing, ViaDebug, T, K, M>
    => Case<ViaNothing, ViaNothing, T, K, M>
    => ValueCase<ViaSerialize, T, K, M>
    => ValueCase<ViaDebug, T, K, M>
    => ValueCase<ViaNothing, T, K, M>
);

impl<V, F, T, E, K, M> Case<V, F, Result<T, E>, K, M>
where
    V: CaptureValue<T>,
    F: CaptureError<E>,
{
    /// Reads both sides of a `Result`.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(&self) -> Read<Result<T, E>, Sides<V, F>, K, M> {
        Read::CASE
    }
}

impl<V, T, K, M> ValueCase<V, T, K, M>
where
    V: CaptureValue<T>,
{
    /// Reads any value.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(&self) -> Read<T, AsValue<V>, K, M> {
        Read::CASE
    }
}

impl<T, K, M> Best<T, K, M> {
    /// Reads by the closure of the function's options.
    #[inline]
    #[must_use]
    pub const fn __prefactor_asked(&self) -> Read<T, Asked, K, M> {
        Read::CASE
    }

    /// The closure of the function's options, whose parameter is the type here.
    #[inline]
    pub fn __prefactor_read_by<O: Fn(&T, bool) -> Outcome + Copy>(&self, read: O) -> O {
        read
    }
}

deref_chain!([T, O, K, M] Read<T, O, K, M> => ReadThrough<T, O, K, M> => Done<O, K, M>);

impl<T: Reach, E, O, K> Read<Result<T, E>, O, K, Named> {
    /// Goes on with the value of the `Result`.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Best<T::Next, T::Path<ToResult<O, K>>, Named> {
        Best::CASE
    }
}

impl<T, E, O, K, L, I> Read<Result<T, E>, O, K, Opaque<L, InOk<I>>>
where
    T: ReachOpaque<L, I>,
{
    /// Goes on with the value of the `Result`.
    #[inline]
    #[must_use]
    #[expect(clippy::type_complexity, reason = "three projections of one trait")]
    pub const fn __prefactor_layer(&self) -> Best<T::Next, T::Path<ToResult<O, K>>, T::Mode> {
        Best::CASE
    }
}

impl<T: Reach<Way = Through>, O, K, M> ReadThrough<T, O, K, M> {
    /// Goes on to the type within. The container itself has no outcome.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Best<T::Next, T::Path<K>, Named> {
        Best::CASE
    }
}

impl<O, K, M> Done<O, K, M> {
    /// There is nothing within.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(&self) -> Self {
        Self::CASE
    }

    /// The outcome is read already.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(&self) -> Self {
        Self::CASE
    }

    /// The way to finish a call of the function.
    #[inline]
    #[must_use]
    pub fn __prefactor_finish(&self) -> K::Finish
    where
        O: Reading,
        K: Rebuild<O>,
    {
        K::rebuild(O::READING)
    }
}

/// The items of the stream that the function returns.
#[must_use]
pub const fn items<O, K: HasItems, M>(_: &Done<O, K, M>) -> Items<K::Item> {
    Items(PhantomData)
}

cases! {
    /// The type `R` is a `Result`.
    SplitCase<R>;
    /// The type `R` is any value.
    NoSplitCase<R>;
    /// An error of type `E`, to be read by `F`.
    ErrorCase<F, E>;
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
    pub fn __prefactor_split<'a>(&self, value: &'a Result<T, E>) -> Result<&'a T, &'a E> {
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
    pub const fn __prefactor_split<'a>(&self, value: &'a R) -> Result<&'a R, &'a Infallible> {
        Ok(value)
    }
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
    pub fn __prefactor_failure(&self, error: &E) -> Box<SpanError> {
        F::failure(error)
    }
}
