//! From an HTTP request to an action on the store, and back.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    handler::Handler,
    routing::{MethodRouter, post},
};
use tokio::task::spawn_blocking;

use super::{
    auth::Caller,
    body::{self, Unread},
    path_id::PathId,
    reply::Reply,
};
use crate::{
    app::App,
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    store::{Request, Store},
};

/// One action as asked for, by a request of its own or by an item of a bulk request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) store: &'a Store,
    pub(super) caller: Caller,
    /// The identifier in the path; empty where the path has none.
    pub(super) id: &'a str,
    pub(super) body: &'a Fields<'a>,
}

impl Call<'_> {
    /// Closes the reading of the fields and names this request for idempotency.
    pub(super) fn request(
        &self,
        endpoint: String,
        key: Option<String>,
        errors: Errors,
    ) -> Result<Request, ErrorResponse> {
        errors.check()?;
        Ok(Request { caller: self.caller.0, endpoint, key })
    }
}

/// Answers with the text of a JSON envelope.
pub(super) type Action = fn(&Call<'_>) -> Result<String, ErrorResponse>;

/// `POST` on a collection.
pub(super) fn act(action: Action) -> MethodRouter<Arc<App>> {
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

async fn perform(
    app: Arc<App>,
    caller: Caller,
    id: String,
    body: Unread,
    action: Action,
) -> Result<Reply, ErrorResponse> {
    let text = body::read(body.take()).await?;
    blocking(app, move |store| {
        let body = &Fields::parse(&text)?;
        action(&Call { store, caller, id: &id, body })
    })
    .await
}

/// Runs `work` where waiting for the disk holds nobody up.
pub(crate) async fn blocking(
    app: Arc<App>,
    work: impl FnOnce(&Store) -> Result<String, ErrorResponse> + Send + 'static,
) -> Result<Reply, ErrorResponse> {
    spawn_blocking(move || work(&app.store)).await.map_err(ErrorResponse::internal)?.map(Reply)
}
