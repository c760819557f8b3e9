//! The client's transport, which sees the server's notifications about open calls.
//!
//! rmcp gives a call its progress token after the call has left the caller's hands. So the span of a call is found by the
//! `traceparent` that the call wrote into `_meta`, when the message with both passes here.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use prefactor_runtime::Span;
use rmcp::model::{
    ClientRequest, GetMeta as _, JsonRpcMessage, ProgressToken, RequestMetaObject, ServerNotification,
};
use rmcp::service::{RoleClient, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::json;

/// The spans of the calls that are open, by their `traceparent`. Written by calls, read by transports.
static OPEN: Mutex<Option<HashMap<String, Span>>> = Mutex::new(None);

fn with_open<R>(action: impl FnOnce(&mut HashMap<String, Span>) -> R) -> R {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    action(open.get_or_insert_with(HashMap::new))
}

/// Lets transports find the span of a call, until the value is dropped.
pub(crate) fn open(meta: &RequestMetaObject, span: Span) -> Option<Opened> {
    let parent = meta.0.get_traceparent()?.to_owned();
    with_open(|open| open.insert(parent.clone(), span));
    Some(Opened(parent))
}

pub(crate) struct Opened(String);

impl Drop for Opened {
    fn drop(&mut self) {
        let span = with_open(|open| open.remove(&self.0));
        drop(span);
    }
}

/// A client's transport that makes the progress of a [`call`](crate::call) events of its span.
///
/// # Examples
///
/// ```
/// use prefactor_rmcp::SpanTransport;
/// use rmcp::ServiceExt as _;
/// use rmcp::transport::async_rw::AsyncRwTransport;
///
/// async fn connect(pipe: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
///     let (read, write) = tokio::io::split(pipe);
///     let client = ().serve(SpanTransport::new(AsyncRwTransport::new_client(read, write))).await?;
///     # drop(client);
///     Ok(())
/// }
/// ```
pub struct SpanTransport<T> {
    inner: T,
    /// The calls that the server may tell progress of.
    calls: HashMap<ProgressToken, Span>,
}

impl<T> SpanTransport<T> {
    /// Wraps a transport. A type that implements only `IntoTransport` becomes one by `into_transport`.
    pub fn new(inner: T) -> Self {
        crate::work::announce();
        Self { inner, calls: HashMap::new() }
    }

    fn sends(&mut self, message: &TxJsonRpcMessage<RoleClient>) {
        let JsonRpcMessage::Request(request) = message else { return };
        let params = match &request.request {
            ClientRequest::CallToolRequest(request) => &request.params.meta,
            ClientRequest::ReadResourceRequest(request) => &request.params.meta,
            ClientRequest::GetPromptRequest(request) => &request.params.meta,
            ClientRequest::CompleteRequest(request) => &request.params.meta,
            _ => return,
        };
        let parent = params.as_ref().and_then(|meta| meta.0.get_traceparent());
        let span = parent.and_then(|parent| with_open(|open| open.get(parent).cloned()));
        let token = request.request.get_meta().get_progress_token();
        if let Some((token, span)) = token.zip(span) {
            self.calls.retain(|_, span| span.is_recording());
            self.calls.insert(token, span);
        }
    }

    fn receives(&self, message: &RxJsonRpcMessage<RoleClient>) {
        let JsonRpcMessage::Notification(notification) = message else { return };
        let ServerNotification::ProgressNotification(progress) = &notification.notification else { return };
        let told = &progress.params;
        if let Some(span) = self.calls.get(&told.progress_token) {
            let data = json!({ "progress": told.progress, "total": told.total, "message": told.message });
            span.add_event("progress", &data);
        }
    }
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for SpanTransport<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), T::Error>> + Send + 'static {
        self.sends(&message);
        self.inner.send(message)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        let message = self.inner.receive().await;
        if let Some(message) = &message {
            self.receives(message);
        }
        message
    }

    async fn close(&mut self) -> Result<(), T::Error> {
        self.inner.close().await
    }
}

impl<T> fmt::Debug for SpanTransport<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SpanTransport").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
}
