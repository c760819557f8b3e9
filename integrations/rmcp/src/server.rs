//! The calls that a server answers.

use std::borrow::Cow;

use prefactor_runtime::Span;
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
use crate::spans::{Spans, answered};

macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name<S> {
            pub(crate) inner: S,
            pub(crate) spans: Spans,
        }

        impl<S> $name<S> {
            /// Spans in the default run.
            #[must_use]
            pub fn new(inner: S) -> Self {
                crate::work::announce();
                Self { inner, spans: Spans::default() }
            }

            /// Puts spans into the caller's run where the caller names one, under the caller's span. For callers of one's own only,
            /// such as the process that started this one: see [`Client::join`](prefactor_runtime::Client::join).
            #[must_use]
            pub fn join_callers(mut self, client: &prefactor_runtime::Client) -> Self {
                self.spans.joins = Some(client.clone());
                self
            }

            /// Makes a run for each call that joins no caller's. It ends with the call and its status, `cancelled` included, and is linked to
            /// the caller by its ids. `run` gets the call's payload: `method`, `name` and the other parameters.
            #[must_use]
            pub fn run_per_call(
                mut self,
                client: &prefactor_runtime::Client,
                run: impl Fn(&serde_json::Map<String, serde_json::Value>) -> prefactor_runtime::Registration
                + Send + Sync + 'static,
            ) -> Self {
                self.spans.run = Some((client.clone(), std::sync::Arc::new(run)));
                self
            }
        }
    };
}
pub(crate) use wrapper;

wrapper! {
    /// A server with a span for each call that it answers, over any transport that `serve` takes. See the crate's documentation.
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
    SpanServer
}

impl<S> SpanServer<S> {
    /// `None` for a request that is no span, or where nobody would record it.
    fn begin(&self, request: &ClientRequest, meta: &RequestMetaObject) -> Option<Recorded> {
        match request {
            ClientRequest::CallToolRequest(call) => self.spans.begin(&call.params, meta),
            ClientRequest::ReadResourceRequest(call) => self.spans.begin(&call.params, meta),
            ClientRequest::GetPromptRequest(call) => self.spans.begin(&call.params, meta),
            ClientRequest::CompleteRequest(call) => self.spans.begin(&call.params, meta),
            _ => None,
        }
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
        let token = context.ct.clone();
        let cancelled = async move { token.cancelled().await };
        answered(recorded, cancelled, || self.inner.handle_request(request, context)).await
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
