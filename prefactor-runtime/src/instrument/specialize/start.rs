//! Begins with a return type, and goes to the type that is read first.

use super::cases::{Best, BestOfLock, BestOfValue, Case, Start, StartLock, StartNamed, StartValue};
use super::chain::deref_chain;
use super::strategies::HasLock;
use crate::instrument::outcome::Returns;
use crate::instrument::reach::{Layered, Named, Opaque, Plain, ReachOpaque, Unreached};
use crate::instrument::wrap::Whole;

/// Begins with a return type.
#[inline]
#[must_use]
pub const fn returning<R>() -> StartNamed<R, Named> {
    StartNamed::CASE
}

/// Begins with a return type that cannot be named, in which the signature declares `M`.
#[inline]
#[must_use]
pub const fn returning_in<M, R>(_: Returns<R>) -> Start<R, M> {
    Start::CASE
}

deref_chain!([R, M] Start<R, M> => StartNamed<R, M> => StartLock<R, M> => StartValue<R, M>);

impl<R, L, I> Start<R, Opaque<L, I>>
where
    R: ReachOpaque<L, I>,
{
    /// Goes to the type that is read first.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> Best<R::Next, R::Path<Whole>, R::Mode> {
        Best::CASE
    }
}

impl<R: Layered, M: Unreached> StartNamed<R, M> {
    /// Goes to the type that is read first.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> Best<R::Next, R::Path<Whole>, Named> {
        Best::CASE
    }
}

impl<R: HasLock, M: Unreached> StartLock<R, M> {
    /// Stays at the lock.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> BestOfLock<R, Whole, Plain> {
        Case::CASE
    }
}

impl<R, M: Unreached> StartValue<R, M> {
    /// Stays at the type.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> BestOfValue<R, Whole, Plain> {
        Case::CASE
    }
}
