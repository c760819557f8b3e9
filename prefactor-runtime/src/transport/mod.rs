//! The seam between delivery and the wire: one request out, one answer in.

#[cfg(feature = "http")]
pub(crate) mod http;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// Carries requests of the Prefactor API to wherever they are to go.
///
/// The worker calls it on its own thread, inside its own tokio runtime, and never again for a request that
/// has been answered. An implementation must not retry (the delivery layer does, with the same bytes and the
/// same idempotency key), must bound each request in time, and need not catch its panics.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the deadline of a shutdown comes first. The outcome of the request then
    /// counts as unknown.
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>>;
}

/// One call of the API.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// How it is made.
    pub method: Method,
    /// The path below the base address, as in `/api/v1/agent_spans`.
    pub path: String,
    /// The JSON body; empty for a `GET`.
    pub body: Vec<u8>,
}

/// The HTTP method of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Asks without changing anything.
    Get,
    /// Sends a body.
    Post,
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body is the user's data and has no place in logs.
        let mut debug = formatter.debug_struct("Request");
        debug
            .field("method", &self.method)
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// What came back for a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The server answered.
    #[non_exhaustive]
    Response {
        /// The HTTP status.
        status: u16,
        /// The whole body.
        body: Vec<u8>,
        /// How long the server asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// No answer, or only a part of one: the server may or may not have applied the request.
    #[non_exhaustive]
    Unknown {
        /// What happened, without address or payload.
        cause: String,
    },
    /// The connection ended before there was any answer, as connections do that a server takes for idle at the moment of
    /// their next use. It may or may not have applied the request, which is sent again: the first time at once.
    #[non_exhaustive]
    Closed {
        /// What happened, without address or payload.
        cause: String,
    },
}

impl Answer {
    /// An answer with that HTTP status and body.
    #[must_use]
    pub fn response(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Response { status, body: body.into(), retry_after: None }
    }

    /// No answer, for that cause.
    #[must_use]
    pub fn unknown(cause: impl Into<String>) -> Self {
        Self::Unknown { cause: cause.into() }
    }

    /// No answer, for the connection ended before it, for that cause.
    #[must_use]
    pub fn closed(cause: impl Into<String>) -> Self {
        Self::Closed { cause: cause.into() }
    }
}
