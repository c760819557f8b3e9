//! From an HTTP request to an action on the store, and back.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    handler::Handler,
    routing::{MethodRouter, post},
};

use super::{
    auth::Caller,
    body::{self, Unread},
    path_id::PathId,
};
use crate::{
    app::App,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    reply::Reply,
    store::{Effect, Request, Work},
};

/// One action as asked for, by a request of its own or by an item of a bulk request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) caller: Caller,
    /// The identifier in the path; empty where the path has none.
    pub(super) id: &'a str,
    pub(super) body: &'a Fields<'a>,
}

impl Call<'_> {
    /// Closes the reading of the fields and names this request for idempotency.
    pub(super) fn request(
        &self,
        endpoint: &str,
        key: Option<String>,
        errors: Errors,
    ) -> Result<Request, ErrorResponse> {
        errors.check()?;
        Ok(Request { scope: self.caller.0.and(endpoint), key })
    }
}

/// What the writer is to do for a request.
pub(super) trait Apply: Send + 'static {
    /// Does it, each part of it as a whole or not at all, and gives the text of a JSON envelope.
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse>;
}

impl Apply for Effect {
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse> {
        work.atomically(|work| work.once(self))
    }
}

/// Reads the fields of a request, before the writer is asked for anything.
pub(super) type Action<T = Effect> = fn(&Call<'_>) -> Result<T, ErrorResponse>;

/// `POST` on a collection.
pub(super) fn act<T: Apply>(action: Action<T>) -> MethodRouter<Arc<App>> {
    route(
        async move |State(app): State<Arc<App>>,
                    Extension(caller): Extension<Caller>,
                    Extension(body): Extension<Unread>| {
            perform(app, caller, String::new(), body, action).await
        },
    )
}

/// `POST` on one object.
pub(super) fn act_on(action: Action) -> MethodRouter<Arc<App>> {
    route(
        async move |State(app): State<Arc<App>>,
                    Extension(caller): Extension<Caller>,
                    PathId(id): PathId,
                    Extension(body): Extension<Unread>| {
            perform(app, caller, id, body, action).await
        },
    )
}

fn route<T: 'static>(handler: impl Handler<T, Arc<App>>) -> MethodRouter<Arc<App>> {
    post(handler)
}

async fn perform<T: Apply>(
    app: Arc<App>,
    caller: Caller,
    id: String,
    body: Unread,
    action: Action<T>,
) -> Result<Reply, ErrorResponse> {
    let text = body::read(body.take()).await?;
    let prepared = action(&Call { caller, id: &id, body: &Fields::parse(&text)? })?;
    let bytes = text.len();
    // The fields have been copied out of it; the queue may be long.
    drop(text);
    app.store.write_in_parts(bytes, move |work| prepared.apply(work)).await.map(Reply)
}
