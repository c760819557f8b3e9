//! The way into a return type: the first type within it whose outcome is read.
//!
//! [`Reach`] goes by the types alone. [`ReachOpaque`] goes by the `impl Future` and `impl Stream` of the signature.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use futures_core::Stream;

use crate::instrument::wrap::{
    Within, WrapBox, WrapFuture, WrapOption, WrapPinBox, WrapPointer, WrapPoll, WrapStream,
};

/// A type with a `Result`, a boxed future or a boxed stream in it.
pub trait Reach {
    /// The first type on the way inwards whose outcome is read: a `Result`, or the output of a future or the item of a stream.
    type Next;
    /// [`Direct`] if that is the type itself, else [`Through`].
    type Way;
    /// The way back, added to `K`.
    type Path<K>;
}

/// The type's own outcome is read.
#[derive(Debug)]
pub struct Direct;

/// The outcome of something within is read.
#[derive(Debug)]
pub struct Through;

impl<T, E> Reach for Result<T, E> {
    type Next = Self;
    type Way = Direct;
    type Path<K> = K;
}

/// A return type with something below the type that is read first: a container of what is read, or a `Result` with something within.
pub trait Layered: Reach {}

impl<T: Reach, E> Layered for Result<T, E> {}
impl<T: Reach<Way = Through>> Layered for T {}

macro_rules! reach {
    ($([$($generics:tt)*] $container:ty, $next:ty, $path:ty;)*) => {$(
        impl<$($generics)*> Reach for $container {
            type Next = $next;
            type Way = Through;
            type Path<K> = $path;
        }
    )*};
}

reach! {
    [T: Reach] Option<T>, T::Next, T::Path<Within<WrapOption, K>>;
    [T: Reach] Poll<T>, T::Next, T::Path<Within<WrapPoll, K>>;
    ['a, T, E] &'a Result<T, E>, Result<T, E>, Within<WrapPointer, K>;
    [T, E] Box<Result<T, E>>, Result<T, E>, Within<WrapPointer, K>;
    [T, E] Rc<Result<T, E>>, Result<T, E>, Within<WrapPointer, K>;
    [T, E] Arc<Result<T, E>>, Result<T, E>, Within<WrapPointer, K>;
}

/// A type that contains the `impl Future` or `impl Stream` of the function's signature.
///
/// `L` is the declared bound and `I` the way to it, which the compiler infers: exactly one implementation applies.
pub trait ReachOpaque<L, I> {
    /// As in [`Reach`].
    type Next;
    /// As in [`Reach`].
    type Path<K>;
    /// The declared types within `Next`.
    type Mode;
}

/// Everything is named: types alone decide.
#[derive(Debug)]
pub struct Named;

/// Something within is declared by the bound `L`.
#[derive(Debug)]
pub struct Opaque<L, I>(PhantomData<fn() -> (L, I)>);

/// The mode of a return type with nothing within.
#[derive(Debug)]
pub struct Plain;

/// A mode in which there may be something within.
pub trait Followed {}

impl Followed for Named {}
impl<L, I> Followed for Opaque<L, I> {}

/// A declaration that may lead nowhere. The compiler infers its indices all the same, for here each of them has one solution.
pub trait Unreached {}

impl Unreached for Named {}
impl<L: Unreached> Unreached for Opaque<L, Here> {}
impl<I> Unreached for StreamLeaf<I> {}
impl<T, M: Unreached> Unreached for FutureLeaf<T, M> {}
impl<L: Unreached> Unreached for BoxLeaf<L> {}
impl<L: Unreached> Unreached for PinBoxLeaf<L> {}
impl<L: Unreached> Unreached for WithinLeaf<L> {}

/// The index of a type that is the declared one itself.
#[derive(Debug)]
pub struct Here;

/// The index of a `Result`.
#[derive(Debug)]
pub struct InOk<I>(PhantomData<fn() -> I>);

/// The index of an `Option`.
#[derive(Debug)]
pub struct InSome<I>(PhantomData<fn() -> I>);

impl<T, L: Leaf<T>> ReachOpaque<L, Here> for T {
    type Next = L::Next;
    type Path<K> = L::Path<K>;
    type Mode = L::Mode;
}

impl<T: ReachOpaque<L, I>, E, L: Innermost, I> ReachOpaque<L, InOk<I>> for Result<T, E> {
    type Next = Self;
    type Path<K> = K;
    type Mode = Opaque<L, InOk<I>>;
}

impl<T: ReachOpaque<L, I>, L: Innermost, I> ReachOpaque<L, InSome<I>> for Option<T> {
    type Next = T::Next;
    type Path<K> = T::Path<Within<WrapOption, K>>;
    type Mode = T::Mode;
}

impl<T: ReachOpaque<L, I>, E, L, I> ReachOpaque<WithinLeaf<L>, InOk<I>> for Result<T, E> {
    type Next = Self;
    type Path<K> = K;
    type Mode = Opaque<L, InOk<I>>;
}

impl<T: ReachOpaque<L, I>, L, I> ReachOpaque<WithinLeaf<L>, InSome<I>> for Option<T> {
    type Next = T::Next;
    type Path<K> = T::Path<Within<WrapOption, K>>;
    type Mode = T::Mode;
}

/// A declared bound.
pub trait Leaf<T> {
    /// As in [`Reach`].
    type Next;
    /// As in [`Reach`].
    type Path<K>;
    /// As in [`ReachOpaque`].
    type Mode;
}

/// `impl Stream<Item = I>`
#[derive(Debug)]
pub struct StreamLeaf<I>(PhantomData<fn() -> I>);

/// `impl Future<Output = T>`, with the declared types within `T`.
#[derive(Debug)]
pub struct FutureLeaf<T, M>(PhantomData<fn() -> (T, M)>);

/// `Box<impl …>`
#[derive(Debug)]
pub struct BoxLeaf<L>(PhantomData<fn() -> L>);

/// `Pin<Box<impl …>>`
#[derive(Debug)]
pub struct PinBoxLeaf<L>(PhantomData<fn() -> L>);

/// `Name<impl …>`: at least one container stands around the declared type. The whole may be a future or stream itself, such as
/// `Fuse<impl Stream>`. It is left as it is then, because the signature names its type.
#[derive(Debug)]
pub struct WithinLeaf<L>(PhantomData<fn() -> L>);

/// A declared bound without a name around it. There may be containers, where a name stands for several.
pub trait Innermost {}

impl<I> Innermost for StreamLeaf<I> {}
impl<T, M> Innermost for FutureLeaf<T, M> {}
impl<L> Innermost for BoxLeaf<L> {}
impl<L> Innermost for PinBoxLeaf<L> {}

impl<I, S: Stream<Item = I>> Leaf<S> for StreamLeaf<I> {
    type Next = I;
    type Path<K> = Within<WrapStream<I>, K>;
    type Mode = Named;
}

impl<T, M: Declares<T>, F: Future<Output = T>> Leaf<F> for FutureLeaf<T, M> {
    type Next = M::Next;
    type Path<K> = M::Path<Within<WrapFuture, K>>;
    type Mode = M::Mode;
}

impl<T, L: Leaf<Box<T>>> Leaf<Box<T>> for BoxLeaf<L> {
    type Next = L::Next;
    type Path<K> = L::Path<Within<WrapBox, K>>;
    type Mode = L::Mode;
}

impl<T, L: Leaf<Pin<Box<T>>>> Leaf<Pin<Box<T>>> for PinBoxLeaf<L> {
    type Next = L::Next;
    type Path<K> = L::Path<Within<WrapPinBox, K>>;
    type Mode = L::Mode;
}

/// The declared type of a future's output: none, or an opaque type.
pub trait Declares<T> {
    /// As in [`Reach`].
    type Next;
    /// As in [`Reach`].
    type Path<K>;
    /// As in [`ReachOpaque`].
    type Mode;
}

impl<T> Declares<T> for Named {
    type Next = T;
    type Path<K> = K;
    type Mode = Self;
}

impl<L, I, T: ReachOpaque<L, I>> Declares<T> for Opaque<L, I> {
    type Next = T::Next;
    type Path<K> = T::Path<K>;
    type Mode = T::Mode;
}
