//! Turns an HTTP request into an action on the store, and its result into an answer.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    routing::{MethodFilter, MethodRouter, get, on},
};

use super::{
    auth::Caller,
    body::{self, Unread},
    path_id::{MaybePathId, PathId},
    query::Query,
};
use crate::{
    app::App,
    error_response::{ErrorResponse, Errors},
    fields::{self, Fields},
    reply::Reply,
    store::{Effect, Reader, Request, Work},
};

pub(super) const POST: MethodFilter = MethodFilter::POST;
pub(super) const PUT: MethodFilter = MethodFilter::PUT;
const DELETE: MethodFilter = MethodFilter::DELETE;

/// One action, from a request of its own or from an item of a bulk request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) caller: Caller,
    /// The identifier in the path; empty where the path has none.
    pub(super) id: &'a str,
    pub(super) body: &'a Fields<'a>,
    /// The key in the header `Idempotency-Key`, for a request that has none in its body.
    pub(super) header_key: Option<&'a str>,
}

impl Call<'_> {
    /// Returns the fields of an object to create or to change, which stand in an object of their own.
    pub(super) fn details(&self) -> Result<Fields<'_>, ErrorResponse> {
        self.body.inner("details")?.ok_or_else(|| ErrorResponse::invalid("details", "can't be blank"))
    }

    /// Ends the reading of the fields, and names this request for idempotency.
    pub(super) fn request(
        &self,
        endpoint: &str,
        key: Option<String>,
        mut errors: Errors,
    ) -> Result<Request, ErrorResponse> {
        let header = self.header_key.filter(|_| key.is_none());
        let key = key.or_else(|| header.map(|key| fields::checked_key(key.to_owned(), &mut errors)));
        errors.check()?;
        Ok(Request { scope: self.caller.0.and(endpoint), key })
    }

    /// Does the same as [`request`](Self::request) for an action on the object in the path, with the key in the body.
    pub(super) fn request_on(
        &self,
        resource: &str,
        action: &str,
        mut errors: Errors,
    ) -> Result<Request, ErrorResponse> {
        let key = self.body.idempotency_key(&mut errors);
        self.request(&[resource, "/", self.id, "/", action].concat(), key, errors)
    }
}

/// The job of the writer for a request.
pub(super) trait Apply: Send + 'static {
    /// Applies the request, each part of it as a whole or not at all, and returns the text of a JSON envelope.
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse>;
}

impl Apply for Effect {
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse> {
        work.once(self)
    }
}

/// Reads the fields of a request, before the writer gets its job.
pub(super) type Action<T = Effect> = fn(&Call<'_>) -> Result<T, ErrorResponse>;

/// Handles a request that changes something.
pub(super) fn act<T: Apply>(method: MethodFilter, action: Action<T>) -> MethodRouter<Arc<App>> {
    on(
        method,
        async move |State(app): State<Arc<App>>,
                    Extension(caller): Extension<Caller>,
                    MaybePathId(id): MaybePathId,
                    headers: HeaderMap,
                    Extension(body): Extension<Unread>| {
            let text = body::read_json(&headers, body.take()).await?;
            let header_key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
            let call = Call { caller, id: &id, body: &Fields::parse(&text)?, header_key };
            let prepared = action(&call)?;
            let bytes = text.len();
            drop(text);
            app.store.write_in_parts(bytes, move |work| prepared.apply(work)).await.map(Reply)
        },
    )
}

/// The reading job of a request, on one view of the database.
pub(super) struct Lookup(Box<Find>);

type Find = dyn FnOnce(&Reader<'_>) -> Result<String, ErrorResponse> + Send;

impl Lookup {
    pub(super) fn new(
        find: impl FnOnce(&Reader<'_>) -> Result<String, ErrorResponse> + Send + 'static,
    ) -> Self {
        Self(Box::new(find))
    }
}

impl Apply for Lookup {
    fn apply(self, work: &mut Work<'_>) -> Result<String, ErrorResponse> {
        (self.0)(work)
    }
}

/// Reads the query of a request, before the database is read.
pub(super) type View = fn(&Query, id: &str) -> Result<Lookup, ErrorResponse>;

/// The same as [`View`] for a request without a query.
pub(super) type Show = fn(id: &str) -> Lookup;

/// Handles a `GET` on one object.
pub(super) fn show(show: Show) -> MethodRouter<Arc<App>> {
    get(async move |State(app): State<Arc<App>>, PathId(id): PathId| app.read(show(&id).0).await)
}

/// Handles a `GET` with a query.
pub(super) fn view(view: View) -> MethodRouter<Arc<App>> {
    get(async move |State(app): State<Arc<App>>, MaybePathId(id): MaybePathId, query: Query| {
        let lookup = view(&query, &id)?;
        app.read(lookup.0).await
    })
}

/// Routes the three requests on one object.
pub(super) fn object(shown: Show, update: Action, delete: Action) -> MethodRouter<Arc<App>> {
    show(shown).merge(act(PUT, update)).merge(act(DELETE, delete))
}
