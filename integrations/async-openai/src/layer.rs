//! The layer around async-openai's HTTP service.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};

use async_openai::middleware::HttpRequestFactory;
use async_openai::middleware::retry::{OpenAIRetry, OpenAIRetryLayer};
use prefactor_runtime::{Context, Usage};
use reqwest::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::body;
use crate::call::Call;
use crate::error;
use crate::request::ModelRequest;

type Cost = dyn Fn(&Usage) -> Option<f64> + Send + Sync;

/// A service with async-openai's retries and one span for each call, however often it is sent.
///
/// # Examples
///
/// ```
/// use async_openai::Client;
/// use async_openai::config::OpenAIConfig;
/// use async_openai::middleware::ReqwestService;
///
/// let service = prefactor_async_openai::per_call(ReqwestService::default());
/// let client = Client::with_config(OpenAIConfig::default()).with_http_service(service);
/// ```
#[must_use]
pub fn per_call<S>(service: S) -> ModelCalls<OpenAIRetry<S>> {
    ModelCallLayer::new().layer(OpenAIRetryLayer::default().layer(service))
}

/// A service with async-openai's retries and one span for each time that a request is sent.
///
/// # Examples
///
/// ```
/// use async_openai::Client;
/// use async_openai::config::OpenAIConfig;
/// use async_openai::middleware::ReqwestService;
///
/// let service = prefactor_async_openai::per_attempt(ReqwestService::default());
/// let client = Client::with_config(OpenAIConfig::default()).with_http_service(service);
/// ```
#[must_use]
pub fn per_attempt<S>(service: S) -> OpenAIRetry<ModelCalls<S>> {
    OpenAIRetryLayer::default().layer(ModelCallLayer::new().layer(service))
}

/// Makes a span of each request to a model.
///
/// Outside of a layer that tries again it makes one span for each call, inside of it one for each attempt.
///
/// # Examples
///
/// ```
/// use async_openai::middleware::ReqwestService;
/// use async_openai::middleware::retry::OpenAIRetryLayer;
/// use prefactor_async_openai::ModelCallLayer;
/// use tower_layer::Layer as _;
///
/// // One US dollar for a million tokens.
/// let spans = ModelCallLayer::new().provider("my-gateway").cost(|usage| Some(usage.total()? as f64 / 1e6));
/// let service = spans.layer(OpenAIRetryLayer::new(5).layer(ReqwestService::default()));
/// ```
#[derive(Clone, Default)]
pub struct ModelCallLayer {
    settings: Arc<Settings>,
}

#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) provider: Option<Cow<'static, str>>,
    pub(crate) cost: Option<Arc<Cost>>,
    propagates: bool,
}

impl ModelCallLayer {
    /// Spans of the kinds in the crate's documentation, under the span that is current.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }

    /// The name of the model's provider. Default: `openai`, `azure.ai.openai` or the host of the address.
    #[must_use]
    pub fn provider(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(|settings| settings.provider = Some(name.into()))
    }

    /// Computes what a call cost, in US dollars, from its tokens and its model. Without it, the cost is the one that the server states
    /// itself in `usage.cost`, as `OpenRouter` does, if it does.
    #[must_use]
    pub fn cost(self, cost: impl Fn(&Usage) -> Option<f64> + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.cost = Some(Arc::new(cost)))
    }

    /// Writes `traceparent` and `tracestate` into the requests. For servers of one's own, which record spans too.
    #[must_use]
    pub fn propagate(self) -> Self {
        self.with(|settings| settings.propagates = true)
    }
}

impl fmt::Debug for ModelCallLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ModelCallLayer")
            .field("provider", &self.settings.provider)
            .field("propagates", &self.settings.propagates)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for ModelCallLayer {
    type Service = ModelCalls<S>;

    fn layer(&self, inner: S) -> Self::Service {
        prefactor_runtime::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        ModelCalls { inner, layer: self.clone() }
    }
}

/// A service with a span for each request to a model: see [`ModelCallLayer`].
#[derive(Clone, Debug)]
pub struct ModelCalls<S> {
    inner: S,
    layer: ModelCallLayer,
}

impl<S> Service<HttpRequestFactory> for ModelCalls<S>
where
    S: Service<HttpRequestFactory, Response = Response> + Clone + Send + 'static,
    S::Error: fmt::Display + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next);
        let context = Context::current();
        let settings = Arc::clone(&self.layer.settings);
        Box::pin(recorded(inner, factory, context, settings))
    }
}

async fn recorded<S>(
    mut inner: S,
    factory: HttpRequestFactory,
    context: Context,
    settings: Arc<Settings>,
) -> Result<Response, S::Error>
where
    S: Service<HttpRequestFactory, Response = Response>,
    S::Error: fmt::Display + 'static,
{
    // The inner service meets the same error and reports it in its own words.
    let Ok(request) = factory.build().await else { return inner.call(factory).await };
    let propagates = settings.propagates;
    let call =
        ModelRequest::read(&request).and_then(|asked| context.in_scope(|| Call::start(asked, settings)));
    let Some(mut call) = call else { return inner.call(with_built(factory, request, None)).await };
    let context = call.context();
    let factory = with_built(factory, request, propagates.then(|| context.clone()));
    let answer = context.clone().in_scope(|| inner.call(factory));
    match context.scope(answer).await {
        Ok(response) => Ok(body::observed(response, call)),
        Err(error) => {
            call.fail(error::of_service(&error));
            Err(error)
        }
    }
}

/// A factory that gives the request which was built already, and builds later ones anew.
fn with_built(factory: HttpRequestFactory, request: Request, context: Option<Context>) -> HttpRequestFactory {
    let built = Mutex::new(Some(request));
    HttpRequestFactory::new(move || {
        let built = built.lock().unwrap_or_else(PoisonError::into_inner).take();
        let factory = factory.clone();
        let context = context.clone();
        async move {
            let mut request = match built {
                Some(request) => request,
                None => factory.build().await?,
            };
            if let Some(context) = context {
                context.inject(request.headers_mut());
            }
            Ok(request)
        }
    })
}
