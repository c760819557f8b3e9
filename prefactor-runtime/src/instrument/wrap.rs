//! The way back out of a return type: the [`Finish`] of the whole, built from that of a type within.
//!
//! [`Within`] is a list of containers, the innermost first. For each container there is one `Wrap…`, which stands in the
//! list, and one [`Finish`], which takes the container apart and puts it together again (`containers.rs`, `boxed.rs`).
//!
//! [`Finish`]: crate::instrument::finish::Finish

use std::marker::PhantomData;

use crate::instrument::outcome::{AsValue, Asked, Pointee, Sides};

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
        pub struct $finish<F>(pub(super) F);

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
    pub(super) error: O,
    pub(super) value: F,
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
pub struct OfStream<F>(pub(super) F);

/// The [`Finish`] of a boxed stream.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedStream<F>(pub(super) F);

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
