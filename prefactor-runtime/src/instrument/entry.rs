//! Entry points of generated code: run a body, or a future, in the span of its call.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use crate::instrument::active_call::ActiveCall;
use crate::instrument::call_span::FutureSpan;
use crate::instrument::finish::{ByValue, Finish};
use crate::instrument::future::Instrumented;
use crate::instrument::outcome::Returns;

/// Runs the body of a function whose span was started, if `is_recorded`.
#[inline]
pub fn run<R, F>(is_recorded: bool, finish: F, body: impl FnOnce() -> R) -> F::Output
where
    F: Finish<R, ()>,
{
    let mut call = ActiveCall::new(is_recorded);
    finish.finish(body(), &mut call, ())
}

/// As [`run`], where only the body determines the type of the value.
#[inline]
pub fn run_by_value<R, O, F>(is_recorded: bool, body: impl FnOnce() -> R, finish: O) -> F::Output
where
    O: Fn(Returns<R>) -> F + Copy,
    F: Finish<R, ()>,
{
    run(is_recorded, ByValue(finish), body)
}

/// As [`run`], for a function that does not return.
///
/// A function of its own: up to some version after 1.85, rustc warns in the user's code of any statement after a call that
/// has no value.
pub fn run_never<F>(is_recorded: bool, finish: F, body: impl FnOnce() -> Infallible) -> !
where
    F: Finish<Infallible, (), Output = Infallible>,
{
    match run(is_recorded, finish, body) {}
}

/// The future of an async function. Its first poll starts the span, if `is_recorded`.
///
/// A closure chooses the way to finish: the compiler inlines the choice there. In an async body it would emit a call with a landing pad for
/// each step.
#[inline]
pub fn run_async<F, E>(is_recorded: bool, finish: impl FnOnce() -> E, future: F) -> Instrumented<F, E>
where
    F: Future,
    E: Finish<F::Output, ()>,
{
    Instrumented::new(future, FutureSpan::new(is_recorded), finish())
}

/// As [`run_async`], where only the body determines the type of the value.
#[inline]
pub const fn run_async_by_value<F, O, E>(
    is_recorded: bool,
    future: F,
    finish: O,
) -> Instrumented<F, ByValue<O>>
where
    F: Future,
    O: Fn(Returns<F::Output>) -> E + Copy,
    E: Finish<F::Output, ()>,
{
    Instrumented::new(future, FutureSpan::new(is_recorded), ByValue(finish))
}

/// `boxed`: hides the type of a future from the compiler's walk through the types that hold it.
pub fn boxed<'a, F>(future: F) -> Pin<Box<dyn Future<Output = F::Output> + Send + 'a>>
where
    F: Future + Send + 'a,
{
    Box::pin(future)
}

/// `boxed(local)`
pub fn boxed_local<'a, F>(future: F) -> Pin<Box<dyn Future<Output = F::Output> + 'a>>
where
    F: Future + 'a,
{
    Box::pin(future)
}

/// Chooses, at compile time, the way to finish a call of a function with a certain return type.
///
/// Where only the body determines the type, its arguments are a mode and a `Returns`.
#[doc(hidden)]
#[macro_export]
macro_rules! returning {
    ($returned:ty) => {
        $crate::returning!(@ $crate::macro_support::returning::<$returned>())
    };
    ($mode:ty, $returns:expr) => {
        $crate::returning!(@ $crate::macro_support::returning_in::<$mode, _>($returns))
    };
    (@ $start:expr) => {
        $start
            .__prefactor_layer()
            .__prefactor_outcome()
            .__prefactor_layer()
            .__prefactor_outcome()
            .__prefactor_layer()
            .__prefactor_outcome()
            .__prefactor_finish()
    };
}
