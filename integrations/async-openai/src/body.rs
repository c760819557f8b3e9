//! The body of an answer, which reports its parts to the span.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use reqwest::{Response, ResponseBuilderExt as _};

use crate::call::Call;
use crate::error;

/// The same response, whose body ends the span.
pub(crate) fn observed(response: Response, mut call: Call) -> Response {
    call.respond(response.status(), response.headers());
    // The conversion to `http::Response` and back loses the address.
    let address = http::Response::builder().url(response.url().clone()).body(());
    let response = http::Response::<reqwest::Body>::from(response);
    let mut response = response.map(|inner| reqwest::Body::wrap(Observed { inner, call }));
    if let Ok(address) = address {
        response.extensions_mut().extend(address.into_parts().0.extensions);
    }
    Response::from(response)
}

pin_project! {
    struct Observed {
        #[pin]
        inner: reqwest::Body,
        call: Call,
    }
}

impl Body for Observed {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    this.call.read(bytes);
                }
                if this.inner.is_end_stream() {
                    this.call.end();
                }
            }
            Some(Err(failed)) => {
                let kind = error::of_connection(failed);
                this.call.fail(prefactor_runtime::SpanError::new(failed.to_string()).with_type(kind));
            }
            None => this.call.end(),
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

impl fmt::Debug for Observed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Observed").field("call", &self.call).finish_non_exhaustive()
    }
}
