//! Goes on from a type that is read to the one within, until nothing is left.

use std::marker::PhantomData;

use super::cases::{Best, Done, Read, ReadThrough};
use super::chain::deref_chain;
use crate::instrument::reach::{InOk, Named, Opaque, Reach, ReachOpaque, Through};
use crate::instrument::stream_rules::Items;
use crate::instrument::wrap::{HasItems, Reading, Rebuild, Within, WrapResult};

/// The way back from the value of a `Result` that `O` reads.
type ToResult<O, K> = Within<WrapResult<O>, K>;

deref_chain!([T, O, K, M] Read<T, O, K, M> => ReadThrough<T, O, K, M> => Done<O, K, M>);

impl<T: Reach, E, O, K> Read<Result<T, E>, O, K, Named> {
    /// Goes on with the value of the `Result`.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> Best<T::Next, T::Path<ToResult<O, K>>, Named> {
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
    pub const fn __prefactor_layer(self) -> Best<T::Next, T::Path<ToResult<O, K>>, T::Mode> {
        Best::CASE
    }
}

impl<T: Reach<Way = Through>, O, K, M> ReadThrough<T, O, K, M> {
    /// Goes on to the type within. The container itself has no outcome.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> Best<T::Next, T::Path<K>, Named> {
        Best::CASE
    }
}

impl<O, K, M> Done<O, K, M> {
    /// There is nothing within.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> Self {
        Self::CASE
    }

    /// The outcome is read already.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(self) -> Self {
        Self::CASE
    }

    /// The way to finish a call of the function.
    #[inline]
    #[must_use]
    pub fn __prefactor_finish(self) -> K::Finish
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
