//! Picks the strategies by which a type is read, for its value and for its error.

use super::cases::{Best, BestOfLock, BestOfValue, Case, Done, LockCase, Read, ValueCase};
use super::chain::deref_chain;
use crate::instrument::outcome::{AsValue, Asked, Sides};
use crate::instrument::reach::{Followed, Plain};
use crate::instrument::strategy::{
    CaptureError, CaptureValue, ViaAsRef, ViaAsRefSend, ViaDebug, ViaDisplay, ViaError, ViaLock, ViaNothing,
    ViaSerialize,
};
use crate::manager::outcome::Outcome;
use crate::payload::lock::{Debugged, Lock, Locked, Serialized};

/// A lock, or a `Result` of one.
pub trait HasLock {}

impl<T: Lock> HasLock for T {}
impl<T: Lock, E> HasLock for Result<T, E> {}

impl<T: HasLock, K, M> LockCase<T, K, M> {
    /// Goes on to the strategies for locks, in the next round: other types never come by them.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(self) -> BestOfLock<T, K, M> {
        Case::CASE
    }
}

impl<T, K, M> BestOfLock<T, K, M> {
    /// Stays at the type.
    #[inline]
    #[must_use]
    pub const fn __prefactor_layer(self) -> Self {
        Self::CASE
    }
}

deref_chain!([T, K, M] LockCase<T, K, M> => BestOfValue<T, K, M>);

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

impl<V, F, T, E, K, M: Followed> Case<V, F, Result<T, E>, K, M>
where
    V: CaptureValue<T>,
    F: CaptureError<E>,
{
    /// Reads both sides of a `Result`.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(self) -> Read<Result<T, E>, Sides<V, F>, K, M> {
        Read::CASE
    }
}

impl<V, T, K, M: Followed> ValueCase<V, T, K, M>
where
    V: CaptureValue<T>,
{
    /// Reads any value.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(self) -> Read<T, AsValue<V>, K, M> {
        Read::CASE
    }
}

impl<V, F, T, E, K> Case<V, F, Result<T, E>, K, Plain>
where
    V: CaptureValue<T>,
    F: CaptureError<E>,
{
    /// Reads both sides of a `Result`, and ends there.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(self) -> Done<Sides<V, F>, K, Plain> {
        Done::CASE
    }
}

impl<V, T, K> ValueCase<V, T, K, Plain>
where
    V: CaptureValue<T>,
{
    /// Reads any value, and ends there.
    #[inline]
    #[must_use]
    pub const fn __prefactor_outcome(self) -> Done<AsValue<V>, K, Plain> {
        Done::CASE
    }
}

impl<T, K, M> Best<T, K, M> {
    /// Reads by the closure of the function's options.
    #[inline]
    #[must_use]
    pub const fn __prefactor_asked(self) -> Read<T, Asked, K, M> {
        Read::CASE
    }

    /// The closure of the function's options, whose parameter is the type here.
    #[inline]
    pub fn __prefactor_read_by<O: Fn(&T, bool) -> Outcome + Copy>(self, read: O) -> O {
        read
    }
}

impl<V, F, T, K> Case<V, F, T, K, Plain> {
    /// Reads by the closure of the function's options, and ends there.
    #[inline]
    #[must_use]
    pub const fn __prefactor_asked(self) -> Done<Asked, K, Plain> {
        Done::CASE
    }

    /// The closure of the function's options, whose parameter is the return type.
    #[inline]
    pub fn __prefactor_read_by<O: Fn(&T, bool) -> Outcome + Copy>(self, read: O) -> O {
        read
    }
}
