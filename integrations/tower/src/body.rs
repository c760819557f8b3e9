//! A body whose end is the end of a span.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::exchange::Exchange;

pin_project! {
    /// The body of a response. It runs in the context of the request's span, which ends with it.
    #[derive(Debug)]
    pub struct SpanBody<B> {
        #[pin]
        inner: B,
        exchange: Exchange,
    }
}

impl<B: Body> SpanBody<B> {
    pub(crate) fn new(inner: B, mut exchange: Exchange) -> Self {
        if inner.is_end_stream() {
            exchange.end();
        }
        Self { inner, exchange }
    }
}

impl<B> Body for SpanBody<B>
where
    B: Body,
    B::Error: fmt::Display,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.exchange.context().in_scope(|| this.inner.as_mut().poll_frame(context)));
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, bytes::Buf::remaining);
                this.exchange.count(bytes as u64);
                if let Some(trailers) = frame.trailers_ref() {
                    this.exchange.trail(trailers);
                }
                if this.inner.is_end_stream() {
                    this.exchange.end();
                }
            }
            Some(Err(error)) => this.exchange.fail(error, "body"),
            None => this.exchange.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
