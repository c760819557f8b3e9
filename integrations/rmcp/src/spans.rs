//! Where the spans of a server's calls go, and how they end.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use prefactor_runtime::propagation::RemoteContext;
use prefactor_runtime::{AgentInstance, Client, Context, Registration};
use rmcp::ErrorData;
use rmcp::model::RequestMetaObject;
use serde_json::{Map, Value, json};

use crate::recorded::Recorded;
use crate::work::{CallAnswer, CallParams, payload};

type Run = dyn Fn(&Map<String, Value>) -> Registration + Send + Sync;

/// The settings of both wrappers of a server.
#[derive(Clone, Default)]
pub(crate) struct Spans {
    pub(crate) joins: Option<Client>,
    pub(crate) run: Option<(Client, Arc<Run>)>,
}

impl Spans {
    /// Starts the span of a call. `None` where nobody would record it.
    pub(crate) fn begin<P: CallParams>(&self, params: &P, meta: &RequestMetaObject) -> Option<Recorded> {
        let caller = RemoteContext::extract(&meta.0.0);
        let mut payload = payload(params);
        let (context, run) = self.place(&payload, caller.as_ref());
        let span = context.in_scope(|| prefactor_runtime::span(P::SERVER));
        if span.is_noop() {
            return None;
        }
        if let Some(caller) = caller {
            let ids = json!({ "trace_id": caller.trace_id(), "span_id": caller.span_id() });
            payload.insert("remote_parent".to_owned(), ids);
        }
        Some(Recorded::start(span, run, &payload))
    }

    /// The context of a call, and the run that was made for it.
    fn place(
        &self,
        payload: &Map<String, Value>,
        caller: Option<&RemoteContext>,
    ) -> (Context, Option<AgentInstance>) {
        let joined = self.joins.as_ref().zip(caller).and_then(|(client, caller)| client.join(caller));
        if let Some(joined) = joined {
            return (joined, None);
        }
        let Some((client, run)) = &self.run else { return (Context::current(), None) };
        let run = match caller {
            Some(caller) => client.register_linked(run(payload), caller),
            None => client.register(run(payload)),
        };
        run.start();
        (run.context(), Some(run))
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Spans")
            .field("joins", &self.joins.is_some())
            .field("run_per_call", &self.run.is_some())
            .finish()
    }
}

/// Runs a handler in the span of its call. `cancelled` ends when the caller does not wait any more; the handler goes on.
pub(crate) async fn answered<T, F>(
    recorded: Recorded,
    cancelled: impl Future<Output = ()>,
    handle: impl FnOnce() -> F,
) -> Result<T, ErrorData>
where
    T: CallAnswer,
    F: Future<Output = Result<T, ErrorData>>,
{
    let span = recorded.span();
    let context = recorded.context();
    let handler = context.clone().in_scope(handle);
    let mut handler = pin!(context.scope(handler));
    let mut cancelled = pin!(cancelled);
    let mut is_cancelled = false;
    let answer = poll_fn(|task| {
        if !is_cancelled && cancelled.as_mut().poll(task).is_ready() {
            is_cancelled = true;
            span.add_event("cancelled", &json!({}));
        }
        handler.as_mut().poll(task)
    })
    .await;
    match &answer {
        _ if is_cancelled => recorded.cancel(),
        Ok(answer) => recorded.answer(answer),
        Err(error) => recorded.refuse(error),
    }
    answer
}
