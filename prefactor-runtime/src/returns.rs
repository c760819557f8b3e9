//! What a function returns decides how long its span lasts: a value, or a boxed future or stream.
//!
//! The return type is asked, not its spelling: `(&&Returns::<R>::TYPE)` finds the boxed forms under any alias, by the
//! same look-up of methods as in [`payload`](crate::payload). An opaque type cannot be named, so for
//! `impl Future` and `impl Stream` the declared bound decides, and generated code calls the functions below.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::Stream;

use crate::call::{Call, Prepared};
use crate::future::{self, End, Instrumented, Later, OpenSpan};
use crate::outcome::Ends;
use crate::stream::StreamSpan;

/// As `futures` calls it.
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// As `futures` calls it.
type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;
type LocalBoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + 'a>>;

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
    fn __prefactor_run<O, E>(
        &self,
        call: Call,
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

    /// The future with its span.
    type Ended<F, O, E>: Future<Output = Self::Output>
    where
        F: Future<Output = Self::Output>,
        O: Fn(Returns<Self::Seen>) -> E + Copy + Send + 'static,
        E: Ends<Self::Seen>;

    /// Runs the body of an async function.
    fn __prefactor_run_async<F, O, E>(
        &self,
        prepare: impl FnOnce() -> Prepared,
        items: bool,
        body: F,
        outcome: O,
    ) -> Self::Ended<F, O, E>
    where
        F: Future<Output = Self::Output>,
        O: Fn(Returns<Self::Seen>) -> E + Copy + Send + 'static,
        E: Ends<Self::Seen>;
}

/// All other types: the span ends with the call.
pub trait ReturnsValue {
    /// The type itself.
    type Output;

    /// Runs the body of a function that is not async.
    fn __prefactor_run<O, E>(
        &self,
        call: Call,
        items: bool,
        body: impl FnOnce() -> Self::Output,
        outcome: O,
    ) -> Self::Output
    where
        O: Fn(Returns<Self::Output>) -> E,
        E: Ends<Self::Output>;

    /// Runs the body of an async function.
    fn __prefactor_run_async<F, O, E>(
        &self,
        prepare: impl FnOnce() -> Prepared,
        items: bool,
        body: F,
        outcome: O,
    ) -> Instrumented<F, ByValue<O>>
    where
        F: Future<Output = Self::Output>,
        O: Fn(Returns<Self::Output>) -> E,
        E: Ends<Self::Output>;
}

impl<R> ReturnsValue for Returns<R> {
    type Output = R;

    #[inline]
    fn __prefactor_run<O, E>(&self, call: Call, _: bool, body: impl FnOnce() -> R, outcome: O) -> R
    where
        O: Fn(Returns<R>) -> E,
        E: Ends<R>,
    {
        run_value(call, body, outcome)
    }

    #[inline]
    fn __prefactor_run_async<F, O, E>(
        &self,
        prepare: impl FnOnce() -> Prepared,
        _: bool,
        body: F,
        outcome: O,
    ) -> Instrumented<F, ByValue<O>>
    where
        F: Future<Output = R>,
        O: Fn(Returns<R>) -> E,
        E: Ends<R>,
    {
        run_async_value(prepare, body, outcome)
    }
}

/// Runs the body of a function that returns a value.
#[inline]
pub fn run_value<R, O, E>(call: Call, body: impl FnOnce() -> R, outcome: O) -> R
where
    O: Fn(Returns<R>) -> E,
    E: Ends<R>,
{
    let running = call.run();
    let value = body();
    if running.is_recorded() { running.end(value, &outcome(Returns::TYPE)) } else { value }
}

/// Runs the body of an async function that returns a value.
#[inline]
pub fn run_async_value<F, O, E>(
    prepare: impl FnOnce() -> Prepared,
    body: F,
    outcome: O,
) -> Instrumented<F, ByValue<O>>
where
    F: Future,
    O: Fn(Returns<F::Output>) -> E,
    E: Ends<F::Output>,
{
    Instrumented::new(body, prepare().span, ByValue(outcome))
}

/// Runs the body of a function that returns `impl Future`.
///
/// `T` is written out by generated code, where the declared bound says it: the body alone may leave it open.
pub fn run_future<T, B, F, O, E>(call: Call, body: B, outcome: O) -> Later<F, ByValue<O>>
where
    B: FnOnce() -> F,
    F: Future<Output = T>,
    O: Fn(Returns<T>) -> E,
    E: Ends<T>,
{
    Later::new(body(), call, ByValue(outcome))
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

/// Runs the body of an async function that returns `impl Stream`.
pub fn run_async_stream<T, F, S, O, E>(
    is_recorded: bool,
    prepare: impl FnOnce() -> Prepared,
    items: bool,
    body: F,
    outcome: O,
) -> Instrumented<F, AsStream<O>>
where
    F: Future<Output = S>,
    S: Stream<Item = T>,
    O: Fn(Returns<T>) -> E + Copy,
    E: Ends<T>,
{
    let span = if is_recorded { prepare().span } else { None };
    Instrumented::new(body, span, AsStream { items, outcome })
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
#[derive(Debug)]
pub struct ByValue<O>(O);

impl<T, O, E> End<T> for ByValue<O>
where
    O: Fn(Returns<T>) -> E,
    E: Ends<T>,
{
    type Output = T;

    #[inline]
    fn poll(
        &self,
        future: Pin<&mut dyn Future<Output = T>>,
        task: &mut Task<'_>,
        span: &mut OpenSpan,
    ) -> Poll<T> {
        future::poll_value(future, task, span, &(self.0)(Returns::TYPE))
    }
}

/// Passes the span on to the stream that a future returns.
#[derive(Debug)]
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

    fn poll(
        &self,
        future: Pin<&mut dyn Future<Output = S>>,
        task: &mut Task<'_>,
        span: &mut OpenSpan,
    ) -> Poll<StreamSpan<S, O>> {
        let (polled, span) = future::poll_in(future, task, span);
        polled.map(|stream| StreamSpan::running(stream, span, self.items, self.outcome))
    }
}

/// The same, in a box of the type that the function returns.
#[derive(Debug)]
pub struct AsBoxStream<O>(AsStream<O>);

macro_rules! boxed_forms {
    ($($future:ident $stream:ident;)*) => {$(
        impl<'a, T: 'a> ReturnsBoxed for &Returns<$future<'a, T>> {
            type Output = $future<'a, T>;
            type Seen = T;

            fn __prefactor_run<O, E>(&self, call: Call, _: bool, body: impl FnOnce() -> $future<'a, T>, outcome: O) -> $future<'a, T>
            where
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>,
            {
                // Not to box twice for nothing.
                if call.is_recorded() { Box::pin(run_future(call, body, outcome)) } else { body() }
            }
        }

        impl<'a, T: 'a> ReturnsBoxed for &Returns<$stream<'a, T>> {
            type Output = $stream<'a, T>;
            type Seen = T;

            fn __prefactor_run<O, E>(&self, call: Call, items: bool, body: impl FnOnce() -> $stream<'a, T>, outcome: O) -> $stream<'a, T>
            where
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>,
            {
                if call.is_recorded() { Box::pin(run_stream(call, items, body, outcome)) } else { body() }
            }
        }

        impl<'a, T: 'a, O, E> End<$stream<'a, T>> for AsBoxStream<O>
        where
            O: Fn(Returns<T>) -> E + Copy + Send + 'static,
            E: Ends<T>,
        {
            type Output = $stream<'a, T>;

            fn poll(
                &self,
                future: Pin<&mut dyn Future<Output = $stream<'a, T>>>,
                task: &mut Task<'_>,
                span: &mut OpenSpan,
            ) -> Poll<$stream<'a, T>> {
                let (polled, span) = future::poll_in(future, task, span);
                let AsStream { items, outcome } = self.0;
                // Not to box twice for nothing.
                polled.map(|stream| -> $stream<'a, T> {
                    match span {
                        Some(span) => Box::pin(StreamSpan::running(stream, Some(span), items, outcome)),
                        None => stream,
                    }
                })
            }
        }

        impl<'a, T: 'a> AwaitsBoxed for &Returns<$stream<'a, T>> {
            type Output = $stream<'a, T>;
            type Seen = T;
            type Ended<F, O, E> = Instrumented<F, AsBoxStream<O>>
            where
                F: Future<Output = Self::Output>,
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>;

            fn __prefactor_run_async<F, O, E>(&self, prepare: impl FnOnce() -> Prepared, items: bool, body: F, outcome: O) -> Self::Ended<F, O, E>
            where
                F: Future<Output = Self::Output>,
                O: Fn(Returns<T>) -> E + Copy + Send + 'static,
                E: Ends<T>,
            {
                Instrumented::new(body, prepare().span, AsBoxStream(AsStream { items, outcome }))
            }
        }
    )*};
}

boxed_forms! {
    BoxFuture BoxStream;
    LocalBoxFuture LocalBoxStream;
}
