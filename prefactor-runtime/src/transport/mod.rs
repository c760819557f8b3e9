//! The interface between delivery and HTTP: one request out, one answer in.

#[cfg(feature = "http")]
pub(crate) mod http;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// Sends requests of the Prefactor API and returns the server's responses.
///
/// The worker calls it on its own thread, inside its own tokio runtime. An implementation must bound each request in time
/// and must not retry: delivery does, with the same bytes and the same idempotency key. A panic in it counts as an
/// unanswered request.
///
/// # Examples
///
/// ```
/// // Counts the bytes that another transport sends.
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use prefactor::transport::{Request, SendFuture, Transport};
///
/// struct Counted<T> {
///     inner: T,
///     bytes: AtomicUsize,
/// }
///
/// impl<T: Transport> Transport for Counted<T> {
///     fn send(&self, request: Request) -> SendFuture<'_> {
///         self.bytes.fetch_add(request.body.len(), Ordering::Relaxed);
///         self.inner.send(request)
///     }
///
///     fn reset(&self) {
///         self.inner.reset();
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    ///
    /// # Errors
    ///
    /// [`SendError`] when no complete response came.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the deadline of a shutdown comes first. The outcome of the request then
    /// counts as unknown.
    fn send(&self, request: Request) -> SendFuture<'_>;

    /// Lets go of all connections, so that the next request uses a new one.
    ///
    /// Delivery calls it after a response that is not the API's answer to the request: a proxy may have mixed up the
    /// responses of the connection. By default it does nothing.
    fn reset(&self) {}
}

/// The future of [`Transport::send`].
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = SendResult> + Send + 'a>>;

/// The output of [`Transport::send`].
pub type SendResult = Result<Response, SendError>;

/// One call of the API.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path below the base address, as in `/api/v1/agent_spans`.
    pub path: String,
    /// The JSON body; empty for a `GET` and a `DELETE`.
    pub body: Vec<u8>,
}

/// The HTTP method of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Reads without a change.
    Get,
    /// Sends a body.
    Post,
    /// Replaces an object by the body. Sent by the typed client only.
    Put,
    /// Deletes an object. Sent by the typed client only.
    Delete,
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Request");
        debug
            .field("method", &self.method)
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// A complete HTTP response to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// How long the server asked not to be sent the request again, from its `Retry-After` header.
    pub retry_after: Option<Duration>,
}

impl Response {
    /// A response with that HTTP status and body, and without `Retry-After`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::transport::Response;
    ///
    /// let busy = Response::new(429, "{}").with_retry_after(Duration::from_secs(2));
    /// assert_eq!(busy.retry_after, Some(Duration::from_secs(2)));
    /// ```
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), retry_after: None }
    }

    /// Sets how long the server asked not to be sent the request again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }
}

/// A request that got no complete response: the server may or may not have applied it.
///
/// Delivery sends it again, with the same bytes and the same idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    kind: Kind,
    cause: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unanswered,
    TimedOut,
    ConnectionClosed,
    NotSent,
}

impl SendError {
    /// No response, or only a part of one. `cause` is logged: leave out addresses and payloads.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::transport::SendError;
    ///
    /// let error = SendError::unanswered("the proxy is gone");
    /// assert!(!error.is_connection_closed() && !error.is_timed_out());
    /// ```
    #[must_use]
    pub fn unanswered(cause: impl Into<String>) -> Self {
        Self { kind: Kind::Unanswered, cause: cause.into() }
    }

    /// No response within the time that a request may take. Delivery repeats it in smaller requests.
    #[must_use]
    pub fn timed_out(cause: impl Into<String>) -> Self {
        Self { kind: Kind::TimedOut, cause: cause.into() }
    }

    /// The connection ended before any byte of a response, as a kept-alive connection does when the server closes it at the
    /// moment of its next use. Delivery repeats such a request at once, the first time.
    #[must_use]
    pub fn connection_closed(cause: impl Into<String>) -> Self {
        Self { kind: Kind::ConnectionClosed, cause: cause.into() }
    }

    /// No connection: no byte of the request was sent. Spans of such requests that are given up count as dropped; those of
    /// all others count as unknown, for the server may have them.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::transport::SendError;
    ///
    /// /// The error of a program's own transport for a connection that failed.
    /// fn error_of(failure: &std::io::Error) -> SendError {
    ///     use std::io::ErrorKind::{ConnectionRefused, ConnectionReset, TimedOut};
    ///     match failure.kind() {
    ///         ConnectionRefused => SendError::not_sent("the connection was refused"),
    ///         ConnectionReset => SendError::connection_closed("the connection was closed"),
    ///         TimedOut => SendError::timed_out("no answer in time"),
    ///         other => SendError::unanswered(other.to_string()),
    ///     }
    /// }
    ///
    /// let refused = error_of(&std::io::ErrorKind::ConnectionRefused.into());
    /// assert!(refused.is_not_sent() && !refused.is_timed_out());
    /// ```
    #[must_use]
    pub fn not_sent(cause: impl Into<String>) -> Self {
        Self { kind: Kind::NotSent, cause: cause.into() }
    }

    /// Whether the connection ended before any byte of a response.
    #[must_use]
    pub fn is_connection_closed(&self) -> bool {
        self.kind == Kind::ConnectionClosed
    }

    /// Whether no response came within the time that a request may take.
    #[must_use]
    pub fn is_timed_out(&self) -> bool {
        self.kind == Kind::TimedOut
    }

    /// Whether no byte of the request was sent.
    #[must_use]
    pub fn is_not_sent(&self) -> bool {
        self.kind == Kind::NotSent
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.cause)
    }
}

impl std::error::Error for SendError {}
