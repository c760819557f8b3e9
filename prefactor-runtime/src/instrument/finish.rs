//! [`Finish`]: how a call goes on once its function has returned a value.

use crate::instrument::call_span::{CallSpan, end_with};
use crate::instrument::outcome::{AsValue, Asked, Pointee, ReadOutcome, Returns, Sides};
use crate::instrument::strategy::{CaptureError, CaptureValue};

/// Ends the span of a call with the returned value, or hands the span on to a future or stream within it.
///
/// Implemented by types without values, which [`specialize`](crate::instrument::specialize) builds for each return type.
/// `N` holds the closures of the function's options.
pub trait Finish<R, N>: Copy {
    /// The value that the caller gets: `R`, with opaque futures and streams replaced by those that hold the span.
    type Output;

    /// Finishes the call whose span is current.
    fn finish<C: CallSpan>(self, returned: R, span: &mut C, options: N) -> Self::Output;
}

macro_rules! finish_by_reading {
    ($([$($generics:tt)*] $reads:ty, $returned:ty, $options:ty;)*) => {$(
        impl<$($generics)*> Finish<$returned, $options> for $reads
        where
            Self: ReadOutcome<$returned, $options>,
        {
            type Output = $returned;

            #[inline]
            fn finish<C: CallSpan>(self, returned: $returned, span: &mut C, options: $options) -> $returned {
                end_with(returned, span, self, options)
            }
        }
    )*};
}

finish_by_reading! {
    [T, E, N, V: CaptureValue<T>, F: CaptureError<E>] Sides<V, F>, Result<T, E>, N;
    [T, N, V: CaptureValue<T>] AsValue<V>, T, N;
    [T, N] Asked, T, N;
    [T, N, F] Pointee<F>, T, N;
}

/// A [`Finish`] together with the closures of the function's options.
#[derive(Clone, Copy, Debug)]
pub struct WithOptions<F, N> {
    pub(crate) finish: F,
    pub(crate) options: N,
}

/// Combines both.
#[inline]
pub const fn with_options<F, N>(finish: F, options: N) -> WithOptions<F, N> {
    WithOptions { finish, options }
}

impl<R, N: Copy, F: Finish<R, N>> Finish<R, ()> for WithOptions<F, N> {
    type Output = F::Output;

    #[inline]
    fn finish<C: CallSpan>(self, returned: R, span: &mut C, (): ()) -> F::Output {
        self.finish.finish(returned, span, self.options)
    }
}

/// A [`Finish`] that is chosen by a type which only the body of the function determines.
#[derive(Clone, Copy, Debug)]
pub struct ByValue<O>(pub(crate) O);

impl<R, O, F> Finish<R, ()> for ByValue<O>
where
    O: Fn(Returns<R>) -> F + Copy,
    F: Finish<R, ()>,
{
    type Output = F::Output;

    #[inline]
    fn finish<C: CallSpan>(self, returned: R, span: &mut C, (): ()) -> F::Output {
        (self.0)(Returns::TYPE).finish(returned, span, ())
    }
}
