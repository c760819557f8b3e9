//! The future of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use prefactor_runtime::WithContext;

use crate::body::SpanBody;
use crate::exchange::Exchange;

pin_project! {
    /// The future of a response. Dropped before the response has come, it ends the span as `cancelled`.
    pub struct ResponseFuture<F> {
        #[pin]
        inner: WithContext<F>,
        exchange: Option<Exchange>,
    }
}

impl<F: Future> ResponseFuture<F> {
    pub(crate) fn new(inner: F, exchange: Exchange) -> Self {
        Self { inner: exchange.context().scope(inner), exchange: Some(exchange) }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: fmt::Display,
{
    type Output = Result<Response<SpanBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(context));
        let mut exchange = this.exchange.take().expect("a future is not polled after its end");
        Poll::Ready(match response {
            Ok(response) => {
                exchange.respond(response.status(), response.headers());
                Ok(response.map(|body| SpanBody::new(body, exchange)))
            }
            Err(error) => {
                exchange.fail(&error, "service");
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResponseFuture").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}
