//! What a function returns decides how long its span lasts: a value, or a boxed future or stream.
//!
//! The return type is asked, not its spelling: `(&&Returns::<R>::TYPE)` finds the boxed forms under any alias, by the
//! same look-up of methods as in [`payload`](crate::payload). An opaque type cannot be named, so for
//! `impl Future` and `impl Stream` the declared bound decides, and generated code calls the functions below.

use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;

use crate::instrument::active_call::Running;
use crate::instrument::future::{End, Instrumented, Later, OpenSpan, end_with};
use crate::instrument::outcome::Ends;
use crate::instrument::pending_call::Call;
use crate::instrument::stream::StreamSpan;

/// As `futures` calls it.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// As `futures` calls it.
pub(crate) type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
pub(crate) type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;
pub(crate) type LocalBoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + 'a>>;

/// A return type.
#[derive(Debug)]
pub struct Returns<R>(PhantomData<fn() -> R>);

impl<R> Returns<R> {
    /// The type, to call methods on.
    pub const TYPE: Self = Self(PhantomData);
}

/// Return types that hold what lasts longer than the call.
pub trait ReturnsBoxed {
    /// The type itself.
    type Output;
    /// What the outcome is read from: the future's value, or the stream's items.
    type Seen;

    /// Runs the body of a function that is not async. `items` asks for the first failed item of a stream.
    fn __prefactor_run_by<O, E>(
        &self,
        is_recorded: bool,
        items: bool,
        body: impl FnOnce() -> Self::Output,
        outcome: O,
    ) -> Self::Output
    where
        O: Fn(Returns<Self::Seen>) -> E + Copy + Send + 'static,
        E: Ends<Self::Seen>;
}

/// As [`ReturnsBoxed`], for the value of an async function: a boxed future in it is a value like any other.
pub trait AwaitsBoxed {
    /// The type itself.
    type Output;
    /// The stream's items.
    type Seen;

    /// What hands the span on to the stream.
    fn __prefactor_end_by<O, E>(&self, items: bool, outcome: O) -> AsBoxStream<O>
    where
        O: Fn(Returns<Self::Seen>) -> E + Copy + Send + 'static,
        E: Ends<Self::Seen>;
}

/// All other types: the span ends with the call.
pub trait ReturnsValue {
    /// The type itself.
    type Output;

    /// Runs the body of a function that is not async.
    fn __prefactor_run_by<O, E>(
        &self,
        is_recorded: bool,
        items: bool,
        body: impl FnOnce() -> Self::Output,
        outcome: O,
    ) -> Self::Output
    where
        O: Fn(Returns<Self::Output>) -> E,
        E: Ends<Self::Output>;

    /// What ends the span of an async function.
    fn __prefactor_end_by<O, E>(&self, items: bool, outcome: O) -> ByValue<O>
    where
        O: Fn(Returns<Self::Output>) -> E + Copy,
        E: Ends<Self::Output>;
}

impl<R> ReturnsValue for Returns<R> {
    type Output = R;

    #[inline]
    fn __prefactor_run_by<O, E>(&self, is_recorded: bool, _: bool, body: impl FnOnce() -> R, outcome: O) -> R
    where
        O: Fn(Returns<R>) -> E,
        E: Ends<R>,
    {
        run_value(is_recorded, body, outcome)
    }

    #[inline]
    fn __prefactor_end_by<O, E>(&self, _: bool, outcome: O) -> ByValue<O>
    where
        O: Fn(Returns<R>) -> E + Copy,
        E: Ends<R>,
    {
        ByValue(outcome)
    }
}

/// Runs the body of a function that returns a value.
#[inline]
pub fn run_value<R, O, E>(is_recorded: bool, body: impl FnOnce() -> R, outcome: O) -> R
where
    O: Fn(Returns<R>) -> E,
    E: Ends<R>,
{
    let running = Running::start(is_recorded);
    running.finish(body(), outcome(Returns::TYPE))
}

/// Runs the body of a function that does not return.
///
/// Up to some version after 1.85, rustc warns in the user's code of whatever follows a call that has no value.
pub fn run_never<O, E>(is_recorded: bool, body: impl FnOnce() -> Infallible, outcome: O) -> !
where
    O: Fn(Returns<Infallible>) -> E,
    E: Ends<Infallible>,
{
    match run_value(is_recorded, body, outcome) {}
}

/// Runs the body of a function that returns `impl Future`.
///
/// `T` is written out by generated code, where the declared bound says it: the body alone may leave it open.
pub fn run_future<T, B, F, O, E>(call: Call, body: B, outcome: O) -> Later<F, O>
where
    B: FnOnce() -> F,
    F: Future<Output = T>,
    O: Fn(Returns<T>) -> E,
    E: Ends<T>,
{
    Later::new(body(), call, outcome)
}

/// Runs the body of a function that returns `impl Stream`.
pub fn run_stream<T, B, S, O, E>(call: Call, items: bool, body: B, outcome: O) -> StreamSpan<S, O>
where
    B: FnOnce() -> S,
    S: Stream<Item = T>,
    O: Fn(Returns<T>) -> E,
    E: Ends<T>,
{
    StreamSpan::later(body(), call, items, outcome)
}

/// The future of an async function that returns an opaque value, which only its body says.
#[inline]
pub fn await_value<F, O, E>(future: F, is_recorded: bool, outcome: O) -> Instrumented<F, ByValue<O>>
where
    F: Future,
    O: Fn(Returns<F::Output>) -> E + Copy,
    E: Ends<F::Output>,
{
    Instrumented { future, span: OpenSpan::new(is_recorded), end: ByValue(outcome) }
}

/// The future of an async function that returns `impl Stream`.
#[inline]
pub fn await_stream<T, F, S, O, E>(
    future: F,
    is_recorded: bool,
    items: bool,
    outcome: O,
) -> Instrumented<F, AsStream<O>>
where
    F: Future<Output = S>,
    S: Stream<Item = T>,
    O: Fn(Returns<T>) -> E + Copy,
    E: Ends<T>,
{
    Instrumented { future, span: OpenSpan::new(is_recorded), end: AsStream { items, outcome } }
}

/// `boxed`: the type ends here, for the compiler's walk through what a future holds.
pub fn boxed<'a, F>(future: F) -> BoxFuture<'a, F::Output>
where
    F: Future + Send + 'a,
{
    Box::pin(future)
}

/// `boxed(local)`
pub fn boxed_local<'a, F>(future: F) -> LocalBoxFuture<'a, F::Output>
where
    F: Future + 'a,
{
    Box::pin(future)
}

/// Ends the span with the value of a future.
#[derive(Clone, Copy, Debug)]
pub struct ByValue<O>(O);

impl<T, O, E> End<T> for ByValue<O>
where
    O: Fn(Returns<T>) -> E + Copy,
    E: Ends<T>,
{
    type Output = T;

    #[inline]
    fn end(self, polled: Poll<T>, span: &mut OpenSpan) -> Poll<T> {
        end_with(polled, span, || (self.0)(Returns::TYPE))
    }
}

/// Passes the span on to the stream that a future returns.
#[derive(Clone, Copy, Debug)]
pub struct AsStream<O> {
    items: bool,
    outcome: O,
}

impl<S, O, E> End<S> for AsStream<O>
where
    S: Stream,
    O: Fn(Returns<S::Item>) -> E + Copy,
    E: Ends<S::Item>,
{
    type Output = StreamSpan<S, O>;

    fn end(self, polled: Poll<S>, span: &mut OpenSpan) -> Poll<StreamSpan<S, O>> {
        span.hand_on(polled).map(|(stream, span)| StreamSpan::running(stream, span, self.items, self.outcome))
    }
}

/// The same, in a box of the type that the function returns.
#[derive(Clone, Copy, Debug)]
pub struct AsBoxStream<O>(AsStream<O>);

impl<O> AsBoxStream<O> {
    pub(crate) const fn new(items: bool, outcome: O) -> Self {
        Self(AsStream { items, outcome })
    }
}

macro_rules! boxed_forms {
    ($($future:ident $stream:ident;)*) => {$(
        impl<'a, T: 'a> ReturnsBoxed for &Returns<$future<'a, T>> {
            type Output = $future<'a, T>;
            type Seen = T;

            fn __prefactor_run_by<O, E>(&self, is_recorded: bool, _: bool, body: impl FnOnce() -> $future<'a, T>, outcome: O) -> $future<'a, T>
            where
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>,
            {
                Call::take_if(is_recorded).follow(body, |future, call| Box::pin(Later::new(future, call, outcome)))
            }
        }

        impl<'a, T: 'a> ReturnsBoxed for &Returns<$stream<'a, T>> {
            type Output = $stream<'a, T>;
            type Seen = T;

            fn __prefactor_run_by<O, E>(&self, is_recorded: bool, items: bool, body: impl FnOnce() -> $stream<'a, T>, outcome: O) -> $stream<'a, T>
            where
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>,
            {
                Call::take_if(is_recorded).follow(body, |stream, call| Box::pin(StreamSpan::later(stream, call, items, outcome)))
            }
        }

        impl<'a, T: 'a, O, E> End<$stream<'a, T>> for AsBoxStream<O>
        where
            O: Fn(Returns<T>) -> E + Copy + Send + 'static,
            E: Ends<T>,
        {
            type Output = $stream<'a, T>;

            fn end(self, polled: Poll<$stream<'a, T>>, span: &mut OpenSpan) -> Poll<$stream<'a, T>> {
                span.hand_on(polled).map(|handed| -> $stream<'a, T> {
                    // Not to box twice for nothing.
                    match handed {
                        (stream, None) => stream,
                        (stream, span) => Box::pin(StreamSpan::running(stream, span, self.0.items, self.0.outcome)),
                    }
                })
            }
        }

        impl<'a, T: 'a> AwaitsBoxed for &Returns<$stream<'a, T>> {
            type Output = $stream<'a, T>;
            type Seen = T;

            #[inline]
            fn __prefactor_end_by<O, E>(&self, items: bool, outcome: O) -> AsBoxStream<O>
            where
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>,
            {
                AsBoxStream::new(items, outcome)
            }
        }
    )*};
}

boxed_forms! {
    BoxFuture BoxStream;
    LocalBoxFuture LocalBoxStream;
}
