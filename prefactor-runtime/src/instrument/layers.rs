//! Return types that hold something else: results within containers, and futures and streams.
//!
//! [`Reach`] finds the first type within a return type whose outcome is read. The other types say how to get there and back:
//! for each container there is one [`Finish`] that takes it apart and puts it together again.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use futures_core::Stream;

use crate::instrument::call_span::{CallSpan, FutureSpan, Returned, end_with};
use crate::instrument::finish::{Finish, WithOptions};
use crate::instrument::future::Instrumented;
use crate::instrument::outcome::{AsValue, Asked, Nothing, Pointee, ReadOutcome, Sides};
use crate::instrument::stream::InstrumentedStream;
use crate::instrument::stream_rules::StreamOptions;
use crate::manager::outcome::Outcome;

/// A type with a `Result`, a boxed future or a boxed stream in it.
pub trait Reach {
    /// The first type on the way inwards whose outcome is read: a `Result`, or what a future or stream gives.
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

/// A type that contains what the function's signature declares as `impl Future` or `impl Stream`.
///
/// `L` is the declared bound and `I` the way to it, which the compiler infers: exactly one implementation applies.
pub trait ReachOpaque<L, I> {
    /// As in [`Reach`].
    type Next;
    /// As in [`Reach`].
    type Path<K>;
    /// What is still declared within `Next`.
    type Mode;
}

/// Everything is named: types alone decide.
#[derive(Debug)]
pub struct Named;

/// Something within is declared by the bound `L`.
#[derive(Debug)]
pub struct Opaque<L, I>(PhantomData<fn() -> (L, I)>);

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

impl<T: ReachOpaque<L, I>, E, L, I> ReachOpaque<L, InOk<I>> for Result<T, E> {
    type Next = Self;
    type Path<K> = K;
    type Mode = Opaque<L, InOk<I>>;
}

impl<T: ReachOpaque<L, I>, L, I> ReachOpaque<L, InSome<I>> for Option<T> {
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

/// `impl Future<Output = T>`, with what is declared within `T`.
#[derive(Debug)]
pub struct FutureLeaf<T, M>(PhantomData<fn() -> (T, M)>);

/// `Box<impl …>`
#[derive(Debug)]
pub struct BoxLeaf<L>(PhantomData<fn() -> L>);

/// `Pin<Box<impl …>>`
#[derive(Debug)]
pub struct PinBoxLeaf<L>(PhantomData<fn() -> L>);

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

/// What a future's output declares: nothing, or an opaque type within.
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

/// Builds a [`Finish`] for a return type from that of a type within.
pub trait Rebuild<F> {
    /// The whole.
    type Finish;

    /// Builds it.
    fn rebuild(inner: F) -> Self::Finish;
}

/// The return type itself has been reached.
#[derive(Debug)]
pub struct Whole;

/// One container, then those around it.
#[derive(Debug)]
pub struct Within<W, K>(PhantomData<fn() -> (W, K)>);

impl<F> Rebuild<F> for Whole {
    type Finish = F;

    fn rebuild(inner: F) -> F {
        inner
    }
}

impl<F, W: Wrap<F>, K: Rebuild<W::Wrapped>> Rebuild<F> for Within<W, K> {
    type Finish = K::Finish;

    fn rebuild(inner: F) -> K::Finish {
        K::rebuild(W::wrap(inner))
    }
}

/// One kind of container.
pub trait Wrap<F> {
    /// The [`Finish`] of the container.
    type Wrapped;

    /// Builds it from that of its content.
    fn wrap(inner: F) -> Self::Wrapped;
}

/// The way back leads through a stream.
#[diagnostic::on_unimplemented(
    message = "`stream(…)`, `ret(items)`, `ret(fold = …)` and `err(items)` need a function that returns a stream",
    label = "remove the option, or return `impl Stream`, a boxed stream, or a `Result` with one of them"
)]
pub trait HasItems {
    /// The stream's items.
    type Item;
}

macro_rules! wrappers {
    ($($wrap:ident => $finish:ident: $doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $wrap;

        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $finish<F>(F);

        impl<F> Wrap<F> for $wrap {
            type Wrapped = $finish<F>;

            fn wrap(inner: F) -> $finish<F> {
                $finish(inner)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<K: HasItems> HasItems for Within<$wrap, K> {
            type Item = K::Item;
        }
    )*};
}

wrappers! {
    WrapOption => InOption: "`Option`";
    WrapPoll => InPoll: "`Poll`";
    WrapFuture => OfFuture: "A future whose type only the function's body determines.";
    WrapBoxedFuture => OfBoxedFuture: "A boxed `dyn Future`";
    WrapBox => InBox: "`Box<impl …>`";
    WrapPinBox => InPinBox: "`Pin<Box<impl …>>`";
}

/// `&Result`, `Box`, `Rc` or `Arc` of one.
#[derive(Debug)]
pub struct WrapPointer;

impl<F> Wrap<F> for WrapPointer {
    type Wrapped = Pointee<F>;

    fn wrap(inner: F) -> Pointee<F> {
        Pointee(inner)
    }
}

/// A `Result` whose error `O` reads.
#[derive(Debug)]
pub struct WrapResult<O>(PhantomData<fn() -> O>);

/// The [`Finish`] of a `Result`: the error ends the call, the value goes on.
#[derive(Clone, Copy, Debug)]
pub struct InResult<O, F> {
    error: O,
    value: F,
}

impl<F, O: Reading> Wrap<F> for WrapResult<O> {
    type Wrapped = InResult<O, F>;

    fn wrap(value: F) -> InResult<O, F> {
        InResult { error: O::READING, value }
    }
}

#[diagnostic::do_not_recommend]
impl<O, K: HasItems> HasItems for Within<WrapResult<O>, K> {
    type Item = K::Item;
}

/// A stream whose type only the function's body determines.
#[derive(Debug)]
pub struct WrapStream<I>(PhantomData<fn() -> I>);

/// A boxed `dyn Stream`
#[derive(Debug)]
pub struct WrapBoxedStream<I>(PhantomData<fn() -> I>);

/// The [`Finish`] of an opaque stream.
#[derive(Clone, Copy, Debug)]
pub struct OfStream<F>(F);

/// The [`Finish`] of a boxed stream.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedStream<F>(F);

impl<F, I> Wrap<F> for WrapStream<I> {
    type Wrapped = OfStream<F>;

    fn wrap(inner: F) -> OfStream<F> {
        OfStream(inner)
    }
}

impl<F, I> Wrap<F> for WrapBoxedStream<I> {
    type Wrapped = OfBoxedStream<F>;

    fn wrap(inner: F) -> OfBoxedStream<F> {
        OfBoxedStream(inner)
    }
}

#[diagnostic::do_not_recommend]
impl<I, K> HasItems for Within<WrapStream<I>, K> {
    type Item = I;
}

#[diagnostic::do_not_recommend]
impl<I, K> HasItems for Within<WrapBoxedStream<I>, K> {
    type Item = I;
}

/// A way to read an outcome that is a type without values.
pub trait Reading: Copy {
    /// The only value.
    const READING: Self;
}

impl<V, F> Reading for Sides<V, F> {
    const READING: Self = Self::NEW;
}

impl<V> Reading for AsValue<V> {
    const READING: Self = Self::NEW;
}

impl Reading for Asked {
    const READING: Self = Self;
}

impl<T, E, N: Copy, O, F> Finish<Result<T, E>, N> for InResult<O, F>
where
    O: ReadOutcome<Result<T, E>, N>,
    F: Finish<T, N>,
{
    type Output = Result<F::Output, E>;

    fn finish<C: CallSpan>(self, returned: Result<T, E>, span: &mut C, options: N) -> Self::Output {
        let mut returned = Returned(returned);
        if span.is_recorded() && returned.0.is_err() {
            span.end(&mut returned, self.error, options);
        }
        returned.0.map(|value| self.value.finish(value, span, options))
    }
}

impl<T, E, N: Copy, O, F> ReadOutcome<Result<T, E>, N> for InResult<O, F>
where
    O: ReadOutcome<Result<T, E>, N>,
    F: ReadOutcome<T, N>,
{
    fn read(self, value: &Result<T, E>, options: N, is_wanted: bool) -> Outcome {
        match value {
            Ok(value) => self.value.read(value, options, is_wanted),
            Err(_) => self.error.read(value, options, is_wanted),
        }
    }
}

macro_rules! one_of_two {
    ($($finish:ident $container:ident: $some:pat => $value:ident, $rebuilt:expr; $none:pat => $empty:expr;)*) => {$(
        impl<T, N: Copy, F: Finish<T, N>> Finish<$container<T>, N> for $finish<F> {
            type Output = $container<F::Output>;

            fn finish<C: CallSpan>(self, returned: $container<T>, span: &mut C, options: N) -> Self::Output {
                match returned {
                    $some => {
                        let $value = self.0.finish($value, span, options);
                        $rebuilt
                    }
                    $none => {
                        end_with((), span, Nothing::NEW, options);
                        $empty
                    }
                }
            }
        }

        impl<T, N: Copy, F: ReadOutcome<T, N>> ReadOutcome<$container<T>, N> for $finish<F> {
            fn read(self, value: &$container<T>, options: N, is_wanted: bool) -> Outcome {
                match value {
                    $some => self.0.read($value, options, is_wanted),
                    $none => Outcome::Complete(None),
                }
            }
        }
    )*};
}

one_of_two! {
    InOption Option: Some(value) => value, Some(value); None => None;
    InPoll Poll: Poll::Ready(value) => value, Poll::Ready(value); Poll::Pending => Poll::Pending;
}

impl<T, N: Copy, F> Finish<Box<T>, N> for InBox<F>
where
    F: Finish<Box<T>, N>,
{
    type Output = Box<F::Output>;

    fn finish<C: CallSpan>(self, returned: Box<T>, span: &mut C, options: N) -> Self::Output {
        Box::new(self.0.finish(returned, span, options))
    }
}

impl<T, N: Copy, F> Finish<Pin<Box<T>>, N> for InPinBox<F>
where
    F: Finish<Pin<Box<T>>, N>,
{
    type Output = Pin<Box<F::Output>>;

    fn finish<C: CallSpan>(self, returned: Pin<Box<T>>, span: &mut C, options: N) -> Self::Output {
        Box::pin(self.0.finish(returned, span, options))
    }
}

impl<T: Future, N: Copy, F: Finish<T::Output, N>> Finish<T, N> for OfFuture<F> {
    type Output = Instrumented<T, WithOptions<F, N>>;

    fn finish<C: CallSpan>(self, future: T, span: &mut C, options: N) -> Self::Output {
        Instrumented::new(future, span.detach(), WithOptions { finish: self.0, options })
    }
}

impl<S: Stream, N: StreamOptions<S::Item>, F: ReadOutcome<S::Item, N>> Finish<S, N> for OfStream<F> {
    type Output = InstrumentedStream<S, F, N, N::State>;

    fn finish<C: CallSpan>(self, stream: S, span: &mut C, options: N) -> Self::Output {
        InstrumentedStream::new(stream, span.detach(), self.0, options)
    }
}

macro_rules! boxed {
    ($([$($auto:ident)*] $pinned:tt;)*) => {$(
        boxed!(@ $pinned [$(+ $auto)*]);
    )*};
    (@ pin [$($auto:tt)*]) => {
        boxed!(@@ [Pin<Box<dyn Future<Output = T> $($auto)* + 'a>>] [Pin<Box<dyn Stream<Item = T> $($auto)* + 'a>>] [Box::pin] [$($auto)*]);
    };
    (@ unpin [$($auto:tt)*]) => {
        boxed!(@@ [Box<dyn Future<Output = T> $($auto)* + 'a>] [Box<dyn Stream<Item = T> $($auto)* + 'a>] [Box::new] [$($auto)*]);
    };
    (@@ [$future:ty] [$stream:ty] [$new:path] [$($auto:tt)*]) => {
        impl<'a, T: 'a> Reach for $future {
            type Next = T;
            type Way = Through;
            type Path<K> = Within<WrapBoxedFuture, K>;
        }

        impl<'a, T: 'a> Reach for $stream {
            type Next = T;
            type Way = Through;
            type Path<K> = Within<WrapBoxedStream<T>, K>;
        }

        impl<'a, T: 'a, N, F> Finish<$future, N> for OfBoxedFuture<F>
        where
            N: Copy + Send + Sync + Unpin + 'static,
            F: Finish<T, N, Output = T> + Send + Sync + Unpin + 'static,
        {
            type Output = $future;

            fn finish<C: CallSpan>(self, future: $future, span: &mut C, options: N) -> $future {
                match detach(span) {
                    // The function's own box, where nothing is recorded.
                    None => future,
                    Some(span) => $new(Instrumented::new(future, span, WithOptions { finish: self.0, options })),
                }
            }
        }

        impl<'a, T: 'a, N, F> Finish<$stream, N> for OfBoxedStream<F>
        where
            N: StreamOptions<T, State: Send + 'static> + Send + Sync + Unpin + 'static,
            F: ReadOutcome<T, N> + Send + Sync + Unpin + 'static,
        {
            type Output = $stream;

            fn finish<C: CallSpan>(self, stream: $stream, span: &mut C, options: N) -> $stream {
                match detach(span) {
                    None => stream,
                    Some(span) => $new(InstrumentedStream::new(stream, span, self.0, options)),
                }
            }
        }
    };
}

boxed! {
    [] pin;
    [Send] pin;
    [Sync] pin;
    [Send Sync] pin;
    [Unpin] pin;
    [Send Unpin] pin;
    [Sync Unpin] pin;
    [Send Sync Unpin] pin;
    [Unpin] unpin;
    [Send Unpin] unpin;
    [Sync Unpin] unpin;
    [Send Sync Unpin] unpin;
}

fn detach(span: &mut impl CallSpan) -> Option<FutureSpan> {
    if span.is_recorded() { Some(span.detach()).filter(FutureSpan::is_suspended) } else { None }
}

macro_rules! unread {
    ($($finish:ident)*) => {$(
        /// Seen by reference, a future or stream says nothing.
        impl<T, N, F: Copy> ReadOutcome<T, N> for $finish<F> {
            fn read(self, _: &T, _: N, _: bool) -> Outcome {
                Outcome::Complete(None)
            }
        }
    )*};
}

unread! { OfFuture OfStream OfBoxedFuture OfBoxedStream InBox InPinBox }
