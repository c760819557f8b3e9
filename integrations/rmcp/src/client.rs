//! The calls of a client.

use prefactor_runtime::Context;
use rmcp::model::RequestMetaObject;
use rmcp::service::ServiceError;

use crate::recorded::Recorded;
use crate::transport::open;
use crate::work::{CallAnswer, CallParams, payload};

/// Makes a call with a span under the one that is current, and tells the server of it in the parameters' `_meta`.
///
/// `send` gets the parameters and calls rmcp: `Peer::call_tool`, `read_resource`, `get_prompt`, `complete`, or one of their
/// variants. Members that the caller put into `_meta` stay, except for the two of the context.
///
/// # Errors
///
/// Those of `send`.
///
/// # Cancel safety
///
/// A call that is dropped is cancelled: the span, and by rmcp the server's work.
///
/// # Examples
///
/// ```
/// use rmcp::model::{ReadResourceRequestParams, ReadResourceResult};
/// use rmcp::service::{RoleClient, ServiceError};
///
/// async fn read(client: &rmcp::Peer<RoleClient>) -> Result<ReadResourceResult, ServiceError> {
///     let params = ReadResourceRequestParams::new("file:///notes.md");
///     prefactor_rmcp::call(params, |params| client.read_resource(params)).await
/// }
/// ```
pub async fn call<P, T, F>(mut params: P, send: impl FnOnce(P) -> F) -> Result<T, ServiceError>
where
    P: CallParams,
    T: CallAnswer,
    F: Future<Output = Result<T, ServiceError>>,
{
    crate::work::announce();
    let span = prefactor_runtime::span(P::CLIENT);
    if span.is_noop() {
        return send(params).await;
    }
    let recorded = Recorded::start(span, None, &payload(&params));
    let context = recorded.context();
    let meta = params.meta_mut().get_or_insert_with(RequestMetaObject::new);
    context.inject(&mut meta.0.0);
    let opened = open(meta, recorded.span());
    let future = Context::clone(&context).in_scope(|| send(params));
    let answer = context.scope(future).await;
    drop(opened);
    match &answer {
        Ok(result) => recorded.answer(result),
        Err(ServiceError::McpError(error)) => recorded.refuse(error),
        Err(ServiceError::Cancelled { reason }) => {
            recorded.span().add_event("cancelled", &serde_json::json!({ "reason": reason }));
            recorded.cancel();
        }
        Err(error) => recorded.fail(error, kind(error)),
    }
    answer
}

fn kind(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::TransportSend(_) | ServiceError::TransportClosed => "transport",
        ServiceError::Timeout { .. } => "timeout",
        ServiceError::UnexpectedResponse => "unexpected_response",
        _ => "service",
    }
}
