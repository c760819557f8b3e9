//! Request bodies, up to a limit of bytes and of time.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
    middleware::Next,
    response::Response,
};
use tokio::time::timeout;

use crate::error_response::ErrorResponse;

const LIMIT: usize = 8 << 20;

/// The bytes of a body over the limit that are read and thrown away. A client that is still sending would see a reset
/// connection instead of the answer; beyond these bytes it may.
const PATIENCE: usize = 64 << 20;

/// The time for a whole body, so that a slow client cannot hold its connection for long.
const TIME: Duration = Duration::from_secs(30);

/// The body of a request, for the handler that takes it, else for [`read_first`].
#[derive(Clone, Debug)]
pub(super) struct Unread(Arc<Mutex<Option<Body>>>);

impl Unread {
    /// Takes the body; `None` from the second time on.
    pub(super) fn take(&self) -> Body {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

/// Reads the rest of a request before it is answered. A client that is still sending would otherwise see a reset
/// instead of the answer, because the connection is closed with unread bytes.
pub(super) async fn read_first(mut request: Request, next: Next) -> Response {
    let body = Unread(Arc::new(Mutex::new(Some(std::mem::take(request.body_mut())))));
    request.extensions_mut().insert(body.clone());
    let response = next.run(request).await;
    let _ = timeout(TIME, gather(body.take())).await;
    response
}

/// Content types that a page of another site cannot send without a preflight request, which this server refuses.
const JSON: [&str; 3] = ["application/json", "application/jsonl", "application/x-ndjson"];

/// Reads the body of a request that changes something: JSON with its content type, or nothing.
pub(super) async fn read_json(headers: &HeaderMap, body: Body) -> Result<String, ErrorResponse> {
    let named = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if named(CONTENT_ENCODING).is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity")) {
        return Err(ErrorResponse::unsupported(
            "send the body without Content-Encoding: none is decoded here",
        ));
    }
    let text = read(body).await?;
    let kind = named(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if text.is_empty() || JSON.iter().any(|json| kind.eq_ignore_ascii_case(json)) {
        return Ok(text);
    }
    Err(ErrorResponse::unsupported("send the body with Content-Type: application/json"))
}

/// The body as text; JSON is UTF-8.
pub(crate) async fn read(body: Body) -> Result<String, ErrorResponse> {
    let bytes = timeout(TIME, gather(body)).await.map_err(|_| ErrorResponse::timeout())??;
    String::from_utf8(bytes).map_err(|_| ErrorResponse::bad_request("the body must be UTF-8"))
}

async fn gather(mut body: Body) -> Result<Vec<u8>, ErrorResponse> {
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| ErrorResponse::bad_request(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen > PATIENCE {
            break;
        }
        if seen > LIMIT {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&data);
        }
    }
    if seen > LIMIT { Err(ErrorResponse::too_large()) } else { Ok(kept) }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream::{self, StreamExt};
    use tokio::runtime;

    use super::*;

    /// In time that passes at once where nothing else is to be done.
    fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
        let runtime = runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn body_that_stops_or_drips_is_given_up() {
        let given_up = async |body| timeout(Duration::from_secs(60), read(body)).await.unwrap().unwrap_err();
        in_virtual_time(async {
            let stops = Body::from_stream(stream::pending::<io::Result<Vec<u8>>>());
            assert_eq!(given_up(stops).await.http, 408);
            let drips = stream::repeat(()).then(async |()| {
                tokio::time::sleep(Duration::from_secs(1)).await;
                io::Result::Ok(b" ".to_vec())
            });
            assert_eq!(given_up(Body::from_stream(drips)).await.http, 408);
        });
    }
}
