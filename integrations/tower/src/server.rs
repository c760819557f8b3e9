//! The layer of a server.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use prefactor_runtime::propagation::RemoteContext;
use prefactor_runtime::{AgentInstance, Client, Context, Registration};
use serde_json::json;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::SpanBody;
use crate::exchange::{Exchange, Side, payload};
use crate::response::ResponseFuture;

type Route = dyn Fn(&Parts) -> Option<String> + Send + Sync;
type Run = dyn Fn(&Parts) -> Registration + Send + Sync;

/// Makes a span of each request that a service answers.
///
/// # Examples
///
/// A run for each request, which a caller of one's own may ask to join:
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use prefactor::Client;
/// use prefactor_tower::ServerLayer;
///
/// fn app(client: &Client) -> Router {
///     let layer = ServerLayer::new().join_callers(client).run_per_request(client, |_| "answerer".into());
///     Router::new().route("/answer", get(|| async { "because" })).layer(layer)
/// }
/// ```
#[derive(Clone)]
pub struct ServerLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
struct Settings {
    schema_name: Cow<'static, str>,
    route: Option<Arc<Route>>,
    joins: Option<Client>,
    run: Option<(Client, Arc<Run>)>,
}

impl ServerLayer {
    /// Spans of the kind `http:request` in the run that is current, or in the default run.
    #[must_use]
    pub fn new() -> Self {
        let schema_name = Cow::Borrowed("http:request");
        Self { settings: Arc::new(Settings { schema_name, route: None, joins: None, run: None }) }
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }

    /// Another schema name than `http:request`.
    ///
    /// # Examples
    ///
    /// ```
    /// let layer = prefactor_tower::ServerLayer::new().schema_name("chat:request");
    /// # drop(layer);
    /// ```
    #[must_use]
    pub fn schema_name(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(|settings| settings.schema_name = name.into())
    }

    /// Names spans by their route, such as `/answer/{id}`, instead of by their path. With axum's `MatchedPath` for example, which
    /// is there in layers that were added to a `Router`.
    #[must_use]
    pub fn route(self, route: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.route = Some(Arc::new(route)))
    }

    /// Puts spans into the caller's run where the caller names one, under the caller's span. For callers of one's own only: see
    /// [`Client::join`].
    #[must_use]
    pub fn join_callers(self, client: &Client) -> Self {
        self.with(|settings| settings.joins = Some(client.clone()))
    }

    /// Makes a run for each request that joins no caller's. It ends with the response: as `failed` where the request failed, and
    /// as [`InstanceStatus::Cancelled`](prefactor_runtime::InstanceStatus::Cancelled) where the caller went away.
    #[must_use]
    pub fn run_per_request(
        self,
        client: &Client,
        run: impl Fn(&Parts) -> Registration + Send + Sync + 'static,
    ) -> Self {
        self.with(|settings| settings.run = Some((client.clone(), Arc::new(run))))
    }
}

impl Default for ServerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings {
    fn begin(&self, parts: &Parts) -> Exchange {
        let caller = RemoteContext::extract(&parts.headers);
        let (context, run) = self.place(parts, caller.as_ref());
        let span = context.in_scope(|| prefactor_runtime::span(self.schema_name.clone()));
        let route = self.route.as_ref().and_then(|route| route(parts));
        let mut payload = payload(&parts.method, &parts.uri, route.as_deref(), &parts.headers);
        if let Some(route) = route {
            payload.insert("route".to_owned(), route.into());
        }
        if let Some(caller) = caller {
            let ids = json!({ "trace_id": caller.trace_id(), "span_id": caller.span_id() });
            payload.insert("remote_parent".to_owned(), ids);
        }
        Exchange::start(span, run, Side::Server, &payload)
    }

    /// The context of a request, and the run that was made for it.
    fn place(&self, parts: &Parts, caller: Option<&RemoteContext>) -> (Context, Option<AgentInstance>) {
        let joined = self.joins.as_ref().zip(caller).and_then(|(client, caller)| client.join(caller));
        if let Some(joined) = joined {
            return (joined, None);
        }
        let Some((client, run)) = &self.run else { return (Context::current(), None) };
        let run = match caller {
            Some(caller) => client.register_linked(run(parts), caller),
            None => client.register(run(parts)),
        };
        run.start();
        (run.context(), Some(run))
    }
}

impl fmt::Debug for ServerLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerLayer")
            .field("schema_name", &self.settings.schema_name)
            .field("joins", &self.settings.joins.is_some())
            .field("run_per_request", &self.settings.run.is_some())
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        prefactor_runtime::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        ServerService { inner, layer: self.clone() }
    }
}

/// A service with a span for each request: see [`ServerLayer`].
#[derive(Clone, Debug)]
pub struct ServerService<S> {
    inner: S,
    layer: ServerLayer,
}

impl<S, B, R> Service<Request<B>> for ServerService<S>
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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let exchange = self.layer.settings.begin(&parts);
        let request = Request::from_parts(parts, body);
        let future = exchange.context().in_scope(|| self.inner.call(request));
        ResponseFuture::new(future, exchange)
    }
}
