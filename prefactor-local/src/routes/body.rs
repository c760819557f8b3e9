//! Request bodies, up to a limit of bytes and of time.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::body::{Body, HttpBody};
use tokio::time::timeout;

use crate::refusal::Refusal;

const LIMIT: usize = 8 << 20;

/// What is read and thrown away of a body over the limit. A client that is still sending would see a
/// reset connection instead of the answer; one that sends even more than this may.
const PATIENCE: usize = 64 << 20;

/// For the whole body, so that a client that trickles cannot hold its connection for long.
const TIME: Duration = Duration::from_secs(30);

/// The body as text; JSON is UTF-8.
pub(crate) async fn read(body: Body) -> Result<String, Refusal> {
    let bytes = timeout(TIME, gather(body)).await.map_err(|_| Refusal::timeout())??;
    String::from_utf8(bytes).map_err(|_| Refusal::bad_request("the body must be UTF-8"))
}

async fn gather(mut body: Body) -> Result<Vec<u8>, Refusal> {
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| Refusal::bad_request(error.to_string()))?;
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
    if seen > LIMIT { Err(Refusal::too_large()) } else { Ok(kept) }
}
