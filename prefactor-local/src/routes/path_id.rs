//! The identifier in a path.

use axum::{
    extract::{FromRequestParts, Path, rejection::PathRejection},
    http::request::Parts,
};

use crate::error_response::ErrorResponse;

/// Returns the text in place of `{id}`. Text that is not UTF-8 names no object.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| ErrorResponse::not_found("path"))
    }
}

/// Returns the same, and empty text for a path without `{id}`.
#[derive(Debug)]
pub(crate) struct MaybePathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for MaybePathId {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        match Path::<Vec<String>>::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids.into_iter().next().unwrap_or_default())),
            Err(PathRejection::MissingPathParams(_)) => Ok(Self(String::new())),
            Err(_) => Err(ErrorResponse::not_found("path")),
        }
    }
}
