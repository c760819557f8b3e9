//! Ends a call whose result, future or stream is inside another type.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;

use crate::instrument::call_span::{CallSpan, Returned, end_with};
use crate::instrument::finish::{Finish, WithOptions};
use crate::instrument::future::Instrumented;
use crate::instrument::outcome::{Nothing, ReadOutcome};
use crate::instrument::stream::InstrumentedStream;
use crate::instrument::stream_rules::StreamOptions;
use crate::instrument::wrap::{
    InBox, InOption, InPinBox, InPoll, InResult, OfBoxedFuture, OfBoxedStream, OfFuture, OfStream,
};
use crate::manager::outcome::Outcome;

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
