//! Boxed futures and streams, one implementation for each form of `Box<dyn Future>` and `Box<dyn Stream>`.

use std::future::Future;
use std::pin::Pin;

use futures_core::Stream;

use crate::instrument::call_span::{CallSpan, FutureSpan};
use crate::instrument::finish::{Finish, WithOptions};
use crate::instrument::future::Instrumented;
use crate::instrument::outcome::ReadOutcome;
use crate::instrument::reach::{Reach, Through};
use crate::instrument::stream::InstrumentedStream;
use crate::instrument::stream_rules::StreamOptions;
use crate::instrument::wrap::{OfBoxedFuture, OfBoxedStream, Within, WrapBoxedFuture, WrapBoxedStream};

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
