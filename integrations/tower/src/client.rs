//! The layer of a client.

use std::borrow::Cow;
use std::fmt;
use std::task::{Context as TaskContext, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::SpanBody;
use crate::exchange::{Exchange, Side, payload};
use crate::response::ResponseFuture;

/// Makes a span of each request that a client sends, and tells the server of it by `traceparent` and `tracestate`.
///
/// Inside of a layer that tries again it makes one span for each attempt, outside of it one for each call.
///
/// # Examples
///
/// ```
/// use prefactor_tower::ClientLayer;
/// use tower_layer::Layer as _;
///
/// # fn wrapped<S>(http_client: S) -> impl Sized {
/// let client = ClientLayer::new().schema_name("crm:request").layer(http_client);
/// # client
/// # }
/// # wrapped(());
/// ```
#[derive(Clone, Debug)]
pub struct ClientLayer {
    schema_name: Cow<'static, str>,
}

impl ClientLayer {
    /// Spans of the kind `http:client` under the span that is current.
    #[must_use]
    pub const fn new() -> Self {
        Self { schema_name: Cow::Borrowed("http:client") }
    }

    /// Another schema name than `http:client`.
    #[must_use]
    pub fn schema_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.schema_name = name.into();
        self
    }
}

impl Default for ClientLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        prefactor_runtime::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        ClientService { inner, layer: self.clone() }
    }
}

/// A client with a span for each request: see [`ClientLayer`].
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    layer: ClientLayer,
}

impl<S, B, R> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Display,
    R: Body,
{
    type Response = Response<SpanBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let span = prefactor_runtime::span(self.layer.schema_name.clone());
        let payload = payload(request.method(), request.uri(), None, request.headers());
        let exchange = Exchange::start(span, None, Side::Client, &payload);
        let context = exchange.context();
        context.inject(request.headers_mut());
        let future = context.in_scope(|| self.inner.call(request));
        ResponseFuture::new(future, exchange)
    }
}
