//! Authentication by a bearer token.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header::AUTHORIZATION},
    middleware::Next,
    response::Response,
};

use crate::{app::App, error_response::ErrorResponse, fingerprint::Fingerprint};

/// A fingerprint of the caller's token: it differs between callers and discloses nothing of the token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(pub(super) Fingerprint);

pub(super) async fn require_token(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ErrorResponse> {
    let token = accepted(&app, request.headers())?;
    let caller = Caller(Fingerprint::of(token));
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Returns the bearer token of a request, if it opens this server.
pub(super) fn accepted<'a>(app: &App, headers: &'a HeaderMap) -> Result<&'a str, ErrorResponse> {
    let token = bearer(headers).ok_or_else(ErrorResponse::bad_token)?;
    if app.tokens.accepts(token) { Ok(token) } else { Err(ErrorResponse::bad_token()) }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

pub(super) fn equal(expected: &[u8], given: &[u8]) -> bool {
    let differences = expected.iter().zip(given).fold(0, |seen, (a, b)| seen | (a ^ b));
    expected.len() == given.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_equal_only_in_full() {
        assert!(equal(b"pf_a", b"pf_a"));
        for other in ["pf_b", "pf_", "pf_aa", ""] {
            assert!(!equal(b"pf_a", other.as_bytes()), "{other}");
        }
    }
}
