//! The page's session, for a server with a prescribed token: a browser shows the token once.
//!
//! The page sends the token in the `Authorization` header and gets a cookie that scripts cannot read and that other
//! sites' requests do not carry. The cookie holds another secret, because browsers send it to every port of this
//! machine.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{COOKIE, SET_COOKIE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
    routing::post,
};

use super::super::auth;
use crate::{app::App, error_response::ErrorResponse};

/// The secret in the cookie. It is made at the first request for it, and ends with the server.
#[derive(Clone, Default)]
pub(super) struct Sessions(Arc<OnceLock<String>>);

impl Sessions {
    fn secret(&self) -> Result<&str, ErrorResponse> {
        if let Some(secret) = self.0.get() {
            return Ok(secret);
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let secret = format!("{:032x}", u128::from_be_bytes(bytes));
        Ok(self.0.get_or_init(|| secret))
    }

    fn is_open(&self, app: &App, headers: &HeaderMap) -> bool {
        let Some(secret) = self.0.get() else { return false };
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs
            .any(|(name, value)| name == cookie_name(app) && auth::equal(secret.as_bytes(), value.as_bytes()))
    }
}

pub(super) fn router(sessions: Sessions) -> Router<Arc<App>> {
    let open = async move |State(app): State<Arc<App>>,
                           headers: HeaderMap|
                -> Result<Response, ErrorResponse> {
        auth::accepted(&app, &headers)?;
        let cookie =
            [&cookie_name(&app), "=", sessions.secret()?, "; Path=/page; HttpOnly; SameSite=Strict"].concat();
        let cookie = HeaderValue::from_str(&cookie).map_err(ErrorResponse::internal)?;
        Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
    };
    Router::new().route("/page/session", post(open))
}

/// Lets requests pass that carry the cookie or the token; all requests where any token is accepted.
pub(super) async fn require(
    State((app, sessions)): State<(Arc<App>, Sessions)>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorResponse> {
    let headers = request.headers();
    if app.is_token_prescribed && !sessions.is_open(&app, headers) {
        auth::accepted(&app, headers)?;
    }
    Ok(next.run(request).await)
}

/// Names the cookie by the port, so that two servers on one machine have different ones.
fn cookie_name(app: &App) -> String {
    format!("prefactor_page_{}", app.address.port())
}
