//! The outcome of a function that no option of the attribute asks about: by its return type alone.
//!
//! Generated code calls methods on `ways::<R>()`. The look-up of methods goes down a ladder, from one pair
//! of [ways](crate::instrument::outcome::Shows) to the next by `Deref`, and takes the first whose bounds hold: a `Result` under any
//! alias, by the ways of its two sides, then boxed futures and streams, then any value. All that a function has of its own
//! for this are the calls of those methods, and what they call is compiled once for each return type.

#![expect(clippy::unused_self, reason = "the look-up of methods goes by the type, which is all there is")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::task::Poll;

use crate::instrument::active_call::Running;
use crate::instrument::entry::{AsBoxStream, BoxFuture, BoxStream, LocalBoxFuture, LocalBoxStream, Returns};
use crate::instrument::future::{End, Later, OpenSpan, end_with};
use crate::instrument::outcome::{
    ByAsRef, ByAsRefSend, ByDebug, ByDisplay, ByError, BySerialize, ByTypeName, Ends, Explains, Shows,
};
use crate::instrument::pending_call::Call;
use crate::instrument::stream::StreamSpan;
use crate::manager::outcome::Outcome;

/// A way for a value, a way for an error, and the return type that may have them.
pub struct Ways<V, F, R>(PhantomData<V>, PhantomData<F>, PhantomData<fn() -> R>);

/// A way for a boxed future's value, or for a boxed stream's items.
pub struct BoxedWay<V, R>(PhantomData<fn() -> (V, R)>);

/// A way for any value.
pub struct ValueWay<V, R>(PhantomData<fn() -> (V, R)>);

/// The ladder for a return type, from its top.
#[inline]
#[must_use]
pub const fn ways<R>() -> Ways<BySerialize, ByError, R> {
    Ways::RUNG
}

/// The same, for a type that cannot be named.
#[inline]
#[must_use]
pub const fn ways_of<R>(_: Returns<R>) -> Ways<BySerialize, ByError, R> {
    Ways::RUNG
}

/// What each rung leads to where its bounds do not hold: the next one below.
macro_rules! ladder {
    ($($of:ty => $below:ty;)*) => {$(
        impl<R> Deref for $of {
            type Target = $below;

            #[inline]
            fn deref(&self) -> &$below {
                &<$below>::RUNG
            }
        }
    )*};
}

impl<V, F, R> Ways<V, F, R> {
    const RUNG: Self = Self(PhantomData, PhantomData, PhantomData);
}

impl<V, R> BoxedWay<V, R> {
    const RUNG: Self = Self(PhantomData);
}

impl<V, R> ValueWay<V, R> {
    const RUNG: Self = Self(PhantomData);
}

ladder! {
    Ways<BySerialize, ByError, R> => Ways<BySerialize, ByAsRef, R>;
    Ways<BySerialize, ByAsRef, R> => Ways<BySerialize, ByAsRefSend, R>;
    Ways<BySerialize, ByAsRefSend, R> => Ways<BySerialize, ByDisplay, R>;
    Ways<BySerialize, ByDisplay, R> => Ways<BySerialize, ByDebug, R>;
    Ways<BySerialize, ByDebug, R> => Ways<BySerialize, ByTypeName, R>;
    Ways<BySerialize, ByTypeName, R> => Ways<ByDebug, ByError, R>;
    Ways<ByDebug, ByError, R> => Ways<ByDebug, ByAsRef, R>;
    Ways<ByDebug, ByAsRef, R> => Ways<ByDebug, ByAsRefSend, R>;
    Ways<ByDebug, ByAsRefSend, R> => Ways<ByDebug, ByDisplay, R>;
    Ways<ByDebug, ByDisplay, R> => Ways<ByDebug, ByDebug, R>;
    Ways<ByDebug, ByDebug, R> => Ways<ByDebug, ByTypeName, R>;
    Ways<ByDebug, ByTypeName, R> => Ways<ByTypeName, ByError, R>;
    Ways<ByTypeName, ByError, R> => Ways<ByTypeName, ByAsRef, R>;
    Ways<ByTypeName, ByAsRef, R> => Ways<ByTypeName, ByAsRefSend, R>;
    Ways<ByTypeName, ByAsRefSend, R> => Ways<ByTypeName, ByDisplay, R>;
    Ways<ByTypeName, ByDisplay, R> => Ways<ByTypeName, ByDebug, R>;
    Ways<ByTypeName, ByDebug, R> => Ways<ByTypeName, ByTypeName, R>;
    Ways<ByTypeName, ByTypeName, R> => BoxedWay<BySerialize, R>;
    BoxedWay<BySerialize, R> => BoxedWay<ByDebug, R>;
    BoxedWay<ByDebug, R> => BoxedWay<ByTypeName, R>;
    BoxedWay<ByTypeName, R> => ValueWay<BySerialize, R>;
    ValueWay<BySerialize, R> => ValueWay<ByDebug, R>;
    ValueWay<ByDebug, R> => ValueWay<ByTypeName, R>;
}

/// The outcome of a `Result`, by a way for each side.
pub struct BySides<V, F>(PhantomData<fn() -> (V, F)>);

/// The outcome of any other value.
pub struct AsValue<V>(PhantomData<fn() -> V>);

impl<T, E, V: Shows<T>, F: Explains<E>> Ends<Result<T, E>> for BySides<V, F> {
    fn outcome(&self, value: &Result<T, E>, is_wanted: bool) -> Outcome {
        match value {
            Ok(value) => Outcome::Complete(is_wanted.then(|| V::captured(value))),
            Err(error) => Outcome::Failed(F::failure(error)),
        }
    }
}

impl<T, V: Shows<T>> Ends<T> for AsValue<V> {
    fn outcome(&self, value: &T, is_wanted: bool) -> Outcome {
        Outcome::Complete(is_wanted.then(|| V::captured(value)))
    }
}

macro_rules! ends {
    ($($name:ident<$($way:ident),*>;)*) => {$(
        impl<$($way),*> $name<$($way),*> {
            const NEW: Self = Self(PhantomData);
        }

        impl<$($way),*> Copy for $name<$($way),*> {}

        impl<$($way),*> Clone for $name<$($way),*> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($way),*> fmt::Debug for $name<$($way),*> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }

        /// Ends the span of a future with its value.
        impl<T, $($way),*> End<T> for $name<$($way),*>
        where
            Self: Ends<T>,
        {
            type Output = T;

            #[inline]
            fn end(self, polled: Poll<T>, span: &mut OpenSpan) -> Poll<T> {
                end_with(polled, span, || self)
            }
        }
    )*};
}

ends! {
    BySides<V, F>;
    AsValue<V>;
}

macro_rules! debug {
    ($($name:ident<$($letter:ident),*>;)*) => {$(
        impl<$($letter),*> fmt::Debug for $name<$($letter),*> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    )*};
}

debug! {
    Ways<V, F, R>;
    BoxedWay<V, R>;
    ValueWay<V, R>;
}

impl<T, E, V: Shows<T>, F: Explains<E>> Ways<V, F, Result<T, E>> {
    /// What reads the outcome.
    #[inline]
    #[must_use]
    pub const fn __prefactor_ends(&self) -> BySides<V, F> {
        BySides::NEW
    }

    /// What ends the span of an async function.
    #[inline]
    #[must_use]
    pub const fn __prefactor_end(&self) -> BySides<V, F> {
        BySides::NEW
    }

    /// Starts the span of a function that is not async.
    #[inline]
    pub fn __prefactor_start(&self, is_recorded: bool) -> Running {
        Running::start(is_recorded)
    }

    /// Runs the body, and ends the span with what that gives.
    #[inline]
    pub fn __prefactor_finish(&self, running: Running, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        running.finish(body(), BySides::<V, F>::NEW)
    }
}

impl<T, V: Shows<T>> ValueWay<V, T> {
    /// What reads the outcome.
    #[inline]
    #[must_use]
    pub const fn __prefactor_ends(&self) -> AsValue<V> {
        AsValue::NEW
    }

    /// What ends the span of an async function.
    #[inline]
    #[must_use]
    pub const fn __prefactor_end(&self) -> AsValue<V> {
        AsValue::NEW
    }

    /// Starts the span of a function that is not async.
    #[inline]
    pub fn __prefactor_start(&self, is_recorded: bool) -> Running {
        Running::start(is_recorded)
    }

    /// Runs the body, and ends the span with what that gives.
    #[inline]
    pub fn __prefactor_finish(&self, running: Running, body: impl FnOnce() -> T) -> T {
        running.finish(body(), AsValue::<V>::NEW)
    }
}

/// A kind of boxed futures and streams, of results or of other values: their span lasts longer than the call.
macro_rules! boxed {
    ($($future:ident $stream:ident [$($generics:tt)*] $rung:ident<$($way:ident),*>, $of:ty, $ends:ty;)*) => {$(
        boxed!(@ $future $stream $of, $ends, ($rung<$($way,)* $future<'a, $of>>) ($rung<$($way,)* $stream<'a, $of>>) $($generics)*);
    )*};
    (@ $future:ident $stream:ident $of:ty, $ends:ty, ($of_future:ty) ($of_stream:ty) $($generics:tt)*) => {
        impl<'a, $($generics)*> $of_future {
            /// Takes along the call of a function whose span lasts as long as the future that it returns.
            #[inline]
            pub fn __prefactor_start(&self, is_recorded: bool) -> Call {
                Call::take_if(is_recorded)
            }

            /// Runs the body, and hands the call on to the future.
            #[inline]
            pub fn __prefactor_finish(&self, call: Call, body: impl FnOnce() -> $future<'a, $of>) -> $future<'a, $of> {
                call.follow(body, |future, call| Box::pin(Later::new(future, call, |_: Returns<$of>| <$ends>::NEW)))
            }
        }

        impl<'a, $($generics)*> $of_stream {
            /// What hands the span of an async function on to the stream that it returns.
            #[inline]
            pub fn __prefactor_end(&self) -> AsBoxStream<impl Fn(Returns<$of>) -> $ends + Copy + Send + Sync + Unpin + 'static> {
                AsBoxStream::new(false, |_: Returns<$of>| <$ends>::NEW)
            }

            /// Takes along the call of a function whose span lasts as long as the stream that it returns.
            #[inline]
            pub fn __prefactor_start(&self, is_recorded: bool) -> Call {
                Call::take_if(is_recorded)
            }

            /// Runs the body, and hands the call on to the stream.
            #[inline]
            pub fn __prefactor_finish(&self, call: Call, body: impl FnOnce() -> $stream<'a, $of>) -> $stream<'a, $of> {
                call.follow(body, |stream, call| Box::pin(StreamSpan::later(stream, call, false, |_: Returns<$of>| <$ends>::NEW)))
            }
        }
    };
}

boxed! {
    BoxFuture BoxStream [T: 'a, E: 'a, V: Shows<T> + 'static, F: Explains<E> + 'static] Ways<V, F>, Result<T, E>, BySides<V, F>;
    LocalBoxFuture LocalBoxStream [T: 'a, E: 'a, V: Shows<T> + 'static, F: Explains<E> + 'static] Ways<V, F>, Result<T, E>, BySides<V, F>;
    BoxFuture BoxStream [T: 'a, V: Shows<T> + 'static] BoxedWay<V>, T, AsValue<V>;
    LocalBoxFuture LocalBoxStream [T: 'a, V: Shows<T> + 'static] BoxedWay<V>, T, AsValue<V>;
}
