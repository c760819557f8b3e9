//! The types that stand for a return type and for what is known of it.

use super::chain::cases;
use crate::instrument::strategy::{ViaError, ViaLock, ViaSerialize};
use crate::payload::lock::{Locked, Serialized};

cases! {
    /// A return type, in mode `M`: `Named`, or `Opaque` where the signature declares `impl Future` or `impl Stream`.
    Start<R, M>;
    /// A return type without what the signature declares, or whose container `ReachOpaque` does not know.
    StartNamed<R, M>;
    /// A return type with nothing within, which may be a lock.
    StartLock<R, M>;
    /// A return type with nothing within, and no lock.
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
pub(super) type Best<T, K, M> = LockCase<T, K, M>;

/// The best strategies for a type that is no lock.
pub(super) type BestOfValue<T, K, M> = Case<ViaSerialize, ViaError, T, K, M>;

/// The best strategies for a lock: as if there were a lock behind it.
pub(super) type BestOfLock<T, K, M> = Case<ViaLock<Locked<Serialized>>, ViaError, T, K, M>;
