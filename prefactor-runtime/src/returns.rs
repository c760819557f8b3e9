//! What a function returns decides how long its span lasts: a value, or a boxed future or stream.
//!
//! The return type is asked, not its spelling: `(&&Returns::<R>::TYPE)` finds the boxed forms under any alias, by the
//! same look-up of methods as in [`payload`](crate::payload). An opaque type cannot be named, so for
//! `impl Future` and `impl Stream` the declared bound decides, and generated code calls the functions below.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;

use crate::call::{Call, Prepared, Recording};
use crate::context::{self, Context};
use crate::future::{End, Instrumented, Later};
use crate::outcome::Outcome;
use crate::span::{self, SpanInner};
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
    fn __prefactor_run<O>(
        &self,
        call: Call,
        items: bool,
        body: impl FnOnce() -> Self::Output,
        outcome: O,
    ) -> Self::Output
    where
        O: Fn(&Self::Seen, bool) -> Outcome + Copy + Send + 'static;
}

/// As [`ReturnsBoxed`], for the value of an async function: a boxed future in it is a value like any other.
pub trait AwaitsBoxed {
    /// The type itself.
    type Output;
    /// The stream's items.
    type Seen;

    /// The future with its span.
    type Ended<F, O>: Future<Output = Self::Output>
    where
        F: Future<Output = Self::Output>,
        O: Fn(&Self::Seen, bool) -> Outcome + Copy + Send + 'static;

    /// Runs the body of an async function.
    fn __prefactor_run_async<F, O>(
        &self,
        prepare: impl FnOnce() -> Prepared,
        items: bool,
        body: F,
        outcome: O,
    ) -> Self::Ended<F, O>
    where
        F: Future<Output = Self::Output>,
        O: Fn(&Self::Seen, bool) -> Outcome + Copy + Send + 'static;
}

/// All other types: the span ends with the call.
pub trait ReturnsValue {
    /// The type itself.
    type Output;

    /// Runs the body of a function that is not async.
    fn __prefactor_run<O>(
        &self,
        call: Call,
        items: bool,
        body: impl FnOnce() -> Self::Output,
        outcome: O,
    ) -> Self::Output
    where
        O: FnOnce(&Self::Output, bool) -> Outcome;

    /// Runs the body of an async function.
    fn __prefactor_run_async<F, O>(
        &self,
        prepare: impl FnOnce() -> Prepared,
        items: bool,
        body: F,
        outcome: O,
    ) -> Instrumented<F, ByValue<O>>
    where
        F: Future<Output = Self::Output>,
        O: Fn(&Self::Output, bool) -> Outcome;
}

impl<R> ReturnsValue for Returns<R> {
    type Output = R;

    #[inline]
    fn __prefactor_run<O>(&self, call: Call, _: bool, body: impl FnOnce() -> R, outcome: O) -> R
    where
        O: FnOnce(&R, bool) -> Outcome,
    {
        run_value(call, body, outcome)
    }

    #[inline]
    fn __prefactor_run_async<F, O>(
        &self,
        prepare: impl FnOnce() -> Prepared,
        _: bool,
        body: F,
        outcome: O,
    ) -> Instrumented<F, ByValue<O>>
    where
        F: Future<Output = R>,
        O: Fn(&R, bool) -> Outcome,
    {
        run_async_value(prepare, body, outcome)
    }
}

/// Runs the body of a function that returns a value.
#[inline]
pub fn run_value<R>(call: Call, body: impl FnOnce() -> R, outcome: impl FnOnce(&R, bool) -> Outcome) -> R {
    match call.recording {
        Some(recording) => record_value(recording, body, outcome),
        None => body(),
    }
}

// Out of the way of callers without a client.
#[inline(never)]
fn record_value<R>(
    recording: Recording,
    body: impl FnOnce() -> R,
    outcome: impl FnOnce(&R, bool) -> Outcome,
) -> R {
    let Some(span) = recording.begin() else { return body() };
    let (returned, context) = context::run_in(Context::of_span(span), body);
    let span = context.into_span();
    match returned {
        Ok(value) => {
            if let Some(span) = span {
                span.finish_with(|| outcome(&value, true));
                span::keep(span);
            }
            value
        }
        Err(panic) => {
            if let Some(span) = span {
                span.finish_panicked(&*panic);
            }
            std::panic::resume_unwind(panic)
        }
    }
}

/// Runs the body of an async function that returns a value.
#[inline]
pub fn run_async_value<F, O>(
    prepare: impl FnOnce() -> Prepared,
    body: F,
    outcome: O,
) -> Instrumented<F, ByValue<O>>
where
    F: Future,
    O: Fn(&F::Output, bool) -> Outcome,
{
    Instrumented::new(body, prepare().span, ByValue(outcome))
}

/// Runs the body of a function that returns `impl Future`.
///
/// `T` is written out by generated code, where the declared bound says it: the body alone may leave it open.
pub fn run_future<T, B, F, O>(call: Call, body: B, outcome: O) -> Later<F, ByValue<O>>
where
    B: FnOnce() -> F,
    F: Future<Output = T>,
    O: Fn(&T, bool) -> Outcome,
{
    Later::new(body(), call, ByValue(outcome))
}

/// Runs the body of a function that returns `impl Stream`.
pub fn run_stream<T, B, S, O>(call: Call, items: bool, body: B, outcome: O) -> StreamSpan<S, O>
where
    B: FnOnce() -> S,
    S: Stream<Item = T>,
    O: Fn(&T, bool) -> Outcome,
{
    StreamSpan::later(body(), call, items, outcome)
}

/// Runs the body of an async function that returns `impl Stream`.
pub fn run_async_stream<T, F, S, O>(
    is_recorded: bool,
    prepare: impl FnOnce() -> Prepared,
    items: bool,
    body: F,
    outcome: O,
) -> Instrumented<F, AsStream<O>>
where
    F: Future<Output = S>,
    S: Stream<Item = T>,
    O: Fn(&T, bool) -> Outcome + Copy,
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

impl<T, O: Fn(&T, bool) -> Outcome> End<T> for ByValue<O> {
    type Output = T;

    #[inline]
    fn end(&self, span: Option<Arc<SpanInner>>, value: T) -> T {
        if let Some(span) = span {
            span.finish_with(|| (self.0)(&value, true));
            span::keep(span);
        }
        value
    }
}

/// Passes the span on to the stream that a future returns.
#[derive(Debug)]
pub struct AsStream<O> {
    items: bool,
    outcome: O,
}

impl<S: Stream, O: Fn(&S::Item, bool) -> Outcome + Copy> End<S> for AsStream<O> {
    type Output = StreamSpan<S, O>;

    fn end(&self, span: Option<Arc<SpanInner>>, stream: S) -> StreamSpan<S, O> {
        StreamSpan::running(stream, span, self.items, self.outcome)
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

            fn __prefactor_run<O>(&self, call: Call, _: bool, body: impl FnOnce() -> $future<'a, T>, outcome: O) -> $future<'a, T>
            where
                O: Fn(&T, bool) -> Outcome + Copy + Send + 'static,
            {
                // Not to box twice for nothing.
                match call.recording {
                    Some(_) => Box::pin(run_future(call, body, outcome)),
                    None => body(),
                }
            }
        }

        impl<'a, T: 'a> ReturnsBoxed for &Returns<$stream<'a, T>> {
            type Output = $stream<'a, T>;
            type Seen = T;

            fn __prefactor_run<O>(&self, call: Call, items: bool, body: impl FnOnce() -> $stream<'a, T>, outcome: O) -> $stream<'a, T>
            where
                O: Fn(&T, bool) -> Outcome + Copy + Send + 'static,
            {
                match call.recording {
                    Some(_) => Box::pin(run_stream(call, items, body, outcome)),
                    None => body(),
                }
            }
        }

        impl<'a, T: 'a, O> End<$stream<'a, T>> for AsBoxStream<O>
        where
            O: Fn(&T, bool) -> Outcome + Copy + Send + 'static,
        {
            type Output = $stream<'a, T>;

            fn end(&self, span: Option<Arc<SpanInner>>, stream: $stream<'a, T>) -> $stream<'a, T> {
                if span.is_some() { Box::pin(self.0.end(span, stream)) } else { stream }
            }
        }

        impl<'a, T: 'a> AwaitsBoxed for &Returns<$stream<'a, T>> {
            type Output = $stream<'a, T>;
            type Seen = T;
            type Ended<F, O> = Instrumented<F, AsBoxStream<O>>
            where
                F: Future<Output = Self::Output>,
                O: Fn(&T, bool) -> Outcome + Copy + Send + 'static;

            fn __prefactor_run_async<F, O>(&self, prepare: impl FnOnce() -> Prepared, items: bool, body: F, outcome: O) -> Self::Ended<F, O>
            where
                F: Future<Output = Self::Output>,
                O: Fn(&T, bool) -> Outcome + Copy + Send + 'static,
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
