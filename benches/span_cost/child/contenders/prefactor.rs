//! `#[prefactor::span]` as it is without options, into a transport that accepts every request at once.

use std::fmt::Write as _;
use std::time::Duration;

use memchr::{memchr, memmem};
use ::prefactor::transport::{Request, Response, SendFuture, Transport};
use ::prefactor::{Client, ShutdownGuard};

use super::Backend;
use crate::work::{Completion, Error, levels};

levels!(
    #[::prefactor::span("agent:llm_call")]
    (model, prompt, temperature)
);

/// Within which everything must have arrived.
const PATIENCE: Duration = Duration::from_secs(60);

/// Room for eight threads.
const QUEUE: (usize, usize) = (100_000, 1 << 30);

struct Installed(ShutdownGuard);

pub(super) fn backend() -> Box<dyn Backend> {
    let guard = Client::builder().transport(Accepting).max_queue_operations(QUEUE.0).max_queue_bytes(QUEUE.1).install();
    Box::new(Installed(guard.expect("nobody has installed a client")))
}

impl Backend for Installed {
    fn settle(&self) {
        let report = self.0.client().flush(PATIENCE);
        assert!(report.is_complete, "{report}");
    }

    fn arrived(&self) -> Option<u64> {
        let stats = self.0.client().stats();
        assert_eq!(stats.dropped_total(), 0, "{stats}");
        Some(stats.acknowledged)
    }
}

/// An API that is done with a request as soon as it has it.
struct Accepting;

impl Transport for Accepting {
    fn send(&self, request: Request) -> SendFuture<'_> {
        let answer = if request.path.ends_with("/bulk") {
            accepted_items(&request.body)
        } else {
            return Box::pin(std::future::ready(Ok(Response::accepting(&request))));
        };
        Box::pin(std::future::ready(Ok(Response::new(200, answer))))
    }
}

/// Each item under its key, with the id that it has. Found and not parsed: what an API does is not to be measured.
fn accepted_items(body: &[u8]) -> String {
    let mut outputs = String::with_capacity(body.len() / 4);
    let mut rest = body;
    while let Some((_, item)) = text_after(rest, br#""_type":""#) {
        let (id, item) = text_after(item, br#"id":""#).expect("an item has an id");
        let (key, next) = text_after(item, br#""idempotency_key":""#).expect("an item has a key");
        let separator = if outputs.is_empty() { "" } else { "," };
        let _ = write!(
            outputs,
            r#"{separator}"{key}":{{"status":"success","details":{{"id":"{id}"}}}}"#
        );
        rest = next;
    }
    format!(r#"{{"status":"success","outputs":{{{outputs}}}}}"#)
}

/// The text between some bytes and the quote after them, and what follows.
fn text_after<'a>(body: &'a [u8], bytes: &[u8]) -> Option<(&'a str, &'a [u8])> {
    let rest = &body[memmem::find(body, bytes)? + bytes.len()..];
    let (text, rest) = rest.split_at(memchr(b'"', rest)?);
    Some((std::str::from_utf8(text).ok()?, rest))
}
