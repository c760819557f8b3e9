//! The identifier in a path.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::refusal::Refusal;

/// What stands for `{id}`. Text that is not UTF-8 names nothing that exists.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Refusal::not_found("path"))
    }
}
