//! The first check of every request: it must come from this machine, under this machine's name.
//!
//! A web page in the developer's own browser reaches the loopback address as well. A foreign `Host` is a name that was
//! rebound to this address; a foreign `Origin` is a page of another site.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};

use crate::{app::App, error_response::ErrorResponse};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub(super) async fn same_machine(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorResponse> {
    let headers = request.headers();
    if !names_us(only(headers, &HOST), &app) {
        return Err(ErrorResponse::forbidden(
            "the Host header must be 127.0.0.1, localhost or [::1] with the port; allow another name by --allow-host",
        ));
    }
    if headers.contains_key(ORIGIN) && !is_ours(only(headers, &ORIGIN), &app) {
        return Err(ErrorResponse::forbidden("requests from other origins are refused"));
    }
    Ok(next.run(request).await)
}

/// Headers of every answer, because a browser may open any of them.
pub(super) async fn response_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Returns the value of a header that is present exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn names_us(host: Option<&str>, app: &App) -> bool {
    let Some(host) = host else { return false };
    // An allowed name counts with any port or none, because a container may map ports.
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    };
    let is = |ours: &str| name.eq_ignore_ascii_case(ours);
    if app.hosts.iter().any(|allowed| is(allowed)) {
        return true;
    }
    ["127.0.0.1", "localhost", "[::1]"].into_iter().any(is)
        && port == Some(app.address.port().to_string().as_str())
}

fn is_ours(origin: Option<&str>, app: &App) -> bool {
    names_us(origin.and_then(|origin| origin.strip_prefix("http://")), app)
}
