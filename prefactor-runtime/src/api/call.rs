//! One request of the typed client.

use serde_json::{Map, Value};

use crate::api::fields::Fields;
use crate::platform::random;
use crate::transport::{Method, Request};
use crate::wire;
use crate::wire::classify::RetryCause;

/// One request to the API. A repeat has the same bytes.
pub(super) struct Call {
    /// Its purpose, as errors name it: "create an agent".
    pub(super) what: &'static str,
    pub(super) method: Method,
    path: String,
    body: Option<Map<String, Value>>,
    /// Whether a second one does nothing that the first did not do.
    is_idempotent: bool,
    /// Whether the answer is a document, which does not say that it is a success.
    pub(super) is_document: bool,
}

impl Call {
    pub(super) fn get(what: &'static str, path: impl Into<String>) -> Self {
        Self {
            what,
            method: Method::Get,
            path: path.into(),
            body: None,
            is_idempotent: true,
            is_document: false,
        }
    }

    /// A request for a document: any JSON object.
    pub(super) fn document(what: &'static str, path: impl Into<String>) -> Self {
        Self { is_document: true, ..Self::get(what, path) }
    }

    pub(super) fn put(what: &'static str, path: impl Into<String>, details: &Fields) -> Self {
        let body = Some(details.wrapped().0);
        Self { what, method: Method::Put, path: path.into(), body, is_idempotent: true, is_document: false }
    }

    pub(super) fn delete(what: &'static str, path: impl Into<String>) -> Self {
        Self {
            what,
            method: Method::Delete,
            path: path.into(),
            body: None,
            is_idempotent: true,
            is_document: false,
        }
    }

    /// A request that the API does once for each key.
    pub(super) fn once(what: &'static str, path: impl Into<String>, body: Fields) -> Self {
        let mut call = Self::each_time(what, path, body);
        call.body.get_or_insert_default().insert("idempotency_key".to_owned(), new_key().into());
        call.is_idempotent = true;
        call
    }

    /// A request that has its keys already.
    pub(super) fn with_keys(what: &'static str, path: impl Into<String>, body: Fields) -> Self {
        Self { is_idempotent: true, ..Self::each_time(what, path, body) }
    }

    /// A request that makes something each time it arrives.
    pub(super) fn each_time(what: &'static str, path: impl Into<String>, body: Fields) -> Self {
        Self {
            what,
            method: Method::Post,
            path: path.into(),
            body: Some(body.0),
            is_idempotent: false,
            is_document: false,
        }
    }

    pub(super) fn request(&self) -> Request {
        let body = self.body.as_ref().map(|body| serde_json::to_vec(body).unwrap_or_default());
        Request { method: self.method, path: format!("/api/v1{}", self.path), body: body.unwrap_or_default() }
    }

    pub(super) fn may_be_repeated(&self, cause: &RetryCause) -> bool {
        self.is_idempotent || !cause.may_have_arrived()
    }
}

/// A key that no other request has.
pub(super) fn new_key() -> String {
    let (high, low) = random::bits();
    format!("{high:016x}{low:016x}")
}

/// A path with an id of the program's in it.
pub(super) fn path_of(collection: &str, id: impl std::fmt::Display, action: &str) -> String {
    format!("{collection}/{}{action}", wire::percent_encoded(&id.to_string()))
}
