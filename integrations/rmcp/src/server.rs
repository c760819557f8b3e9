//! The calls that a server answers.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use prefactor_runtime::propagation::RemoteContext;
use prefactor_runtime::{AgentInstance, Client, Context, Registration, Span};
use rmcp::ErrorData;
use rmcp::model::{
    ClientNotification, ClientRequest, ProgressNotificationParam, ProtocolVersion, RequestMetaObject,
    ServerResult,
};
use rmcp::service::{
    NotificationContext, Peer, RequestContext, RoleServer, Service, ServiceError, ServiceRole,
};
use serde_json::json;

use crate::recorded::Recorded;
use crate::work::{CallParams, payload};

type Run = dyn Fn(&ClientRequest) -> Registration + Send + Sync;

/// A server's handler with a span for each call that it answers. See the crate's documentation.
///
/// # Examples
///
/// A run for each call, but for callers that are in a run of their own:
///
/// ```
/// use prefactor::Client;
/// use prefactor_rmcp::SpanServer;
/// use rmcp::ServerHandler;
///
/// struct Handler;
///
/// impl ServerHandler for Handler {}
///
/// fn server(client: &Client) -> SpanServer<Handler> {
///     SpanServer::new(Handler).join_callers(client).run_per_call(client, |_| "search-server".into())
/// }
/// ```
#[derive(Clone)]
pub struct SpanServer<S> {
    inner: S,
    joins: Option<Client>,
    run: Option<(Client, Arc<Run>)>,
}

impl<S> SpanServer<S> {
    /// Spans in the default run.
    #[must_use]
    pub const fn new(inner: S) -> Self {
        Self { inner, joins: None, run: None }
    }

    /// Puts spans into the caller's run where the caller names one, under the caller's span. For callers of one's own only, such
    /// as the process that started this one: see [`Client::join`].
    #[must_use]
    pub fn join_callers(mut self, client: &Client) -> Self {
        self.joins = Some(client.clone());
        self
    }

    /// Makes a run for each call that joins no caller's. It ends with the call, and is linked to the caller by its ids.
    #[must_use]
    pub fn run_per_call(
        mut self,
        client: &Client,
        run: impl Fn(&ClientRequest) -> Registration + Send + Sync + 'static,
    ) -> Self {
        self.run = Some((client.clone(), Arc::new(run)));
        self
    }

    /// `None` for a request that is no span, or where nobody would record it.
    fn begin(&self, request: &ClientRequest, meta: &RequestMetaObject) -> Option<Recorded> {
        match request {
            ClientRequest::CallToolRequest(call) => self.begin_with(&call.params, request, meta),
            ClientRequest::ReadResourceRequest(call) => self.begin_with(&call.params, request, meta),
            ClientRequest::GetPromptRequest(call) => self.begin_with(&call.params, request, meta),
            ClientRequest::CompleteRequest(call) => self.begin_with(&call.params, request, meta),
            _ => None,
        }
    }

    fn begin_with<P: CallParams>(
        &self,
        params: &P,
        request: &ClientRequest,
        meta: &RequestMetaObject,
    ) -> Option<Recorded> {
        let caller = RemoteContext::extract(&meta.0.0);
        let (context, run) = self.place(request, caller.as_ref());
        let span = context.in_scope(|| prefactor_runtime::span(P::SERVER));
        if span.is_noop() {
            return None;
        }
        let mut payload = payload(params);
        if let Some(caller) = caller {
            let ids = json!({ "trace_id": caller.trace_id(), "span_id": caller.span_id() });
            payload.insert("remote_parent".to_owned(), ids);
        }
        Some(Recorded::start(span, run, &payload))
    }

    /// The context of a call, and the run that was made for it.
    fn place(
        &self,
        request: &ClientRequest,
        caller: Option<&RemoteContext>,
    ) -> (Context, Option<AgentInstance>) {
        let joined = self.joins.as_ref().zip(caller).and_then(|(client, caller)| client.join(caller));
        if let Some(joined) = joined {
            return (joined, None);
        }
        let Some((client, run)) = &self.run else { return (Context::current(), None) };
        let run = match caller {
            Some(caller) => client.register_linked(run(request), caller),
            None => client.register(run(request)),
        };
        run.start();
        (run.context(), Some(run))
    }
}

impl<S: Service<RoleServer>> Service<RoleServer> for SpanServer<S> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        let Some(recorded) = self.begin(&request, &context.meta) else {
            return self.inner.handle_request(request, context).await;
        };
        let span = recorded.span();
        let token = context.ct.clone();
        let place = recorded.context();
        let handler = place.clone().in_scope(|| self.inner.handle_request(request, context));
        let mut handler = pin!(place.scope(handler));
        let mut token = pin!(token.cancelled());
        let mut is_cancelled = false;
        let answer = poll_fn(|task| {
            if !is_cancelled && token.as_mut().poll(task).is_ready() {
                is_cancelled = true;
                span.add_event("cancelled", &json!({}));
            }
            handler.as_mut().poll(task)
        })
        .await;
        match &answer {
            _ if is_cancelled => recorded.cancel(),
            Ok(result) => recorded.answer(result),
            Err(error) => recorded.refuse(error),
        }
        answer
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.inner.handle_notification(notification, context).await
    }

    fn get_info(&self) -> <RoleServer as ServiceRole>::Info {
        self.inner.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }
}

impl<S: fmt::Debug> fmt::Debug for SpanServer<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SpanServer")
            .field("inner", &self.inner)
            .field("joins", &self.joins.is_some())
            .field("run_per_call", &self.run.is_some())
            .finish()
    }
}

/// Tells the caller of progress, and makes it an event of the span that is current.
///
/// # Errors
///
/// Those of `Peer::notify_progress`.
///
/// # Examples
///
/// ```
/// use rmcp::model::ProgressNotificationParam;
/// use rmcp::service::{RequestContext, RoleServer};
///
/// async fn halfway(context: &RequestContext<RoleServer>) {
///     if let Some(token) = context.meta.get_progress_token() {
///         let progress = ProgressNotificationParam::new(token, 0.5).with_total(1.0);
///         // A caller that does not listen is none of the tool's business.
///         let _ = prefactor_rmcp::notify_progress(&context.peer, progress).await;
///     }
/// }
/// ```
pub async fn notify_progress(
    peer: &Peer<RoleServer>,
    progress: ProgressNotificationParam,
) -> Result<(), ServiceError> {
    let data = json!({ "progress": progress.progress, "total": progress.total, "message": progress.message });
    Span::current().add_event("progress", &data);
    peer.notify_progress(progress).await
}
