//! One call of the API: alone in a request, or as an item of a bulk request, with the same fields both times.

use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;

use crate::payload::Payload;
use crate::transport::{Method, Request};

/// A call whose bytes are fixed: however often it is sent, it says the same under the same key.
#[derive(Debug)]
pub(crate) struct EncodedCall {
    target: Target,
    /// A JSON object: the item of a bulk request. The members that a single request leaves out come first.
    item: Bytes,
    /// Where the rest of it begins.
    rest: usize,
    /// Where the idempotency key is, if it is to be told apart from others in a bulk answer.
    key: Range<usize>,
    payloads: Payloads,
}

/// Where the payloads of a span are in its call, so that nobody has to keep them beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Payloads {
    pub(super) start: Range<usize>,
    pub(super) result: Range<usize>,
    /// Whether there are marks of sensitive values in one of them.
    pub(super) have_marks: bool,
}

/// The kind of the call.
#[derive(Debug)]
pub(super) enum Target {
    /// A call of an instance, by its path. It always goes alone.
    Instance(String),
    /// A question about an instance, by its path. It always goes alone.
    Question(String),
    CreateSpan,
    /// With the place of its id in the item.
    FinishSpan(Range<usize>),
}

/// The body of a bulk request. An item is copied as soon as it is encoded: it is in the cache then.
#[derive(Debug)]
pub(crate) struct Bulk {
    body: Vec<u8>,
}

impl EncodedCall {
    pub(super) fn of_instance(path: String, body: &impl Serialize) -> Self {
        let item = serde_json::to_vec(body).unwrap_or_default().into();
        Self { target: Target::Instance(path), item, rest: 1, key: 0..0, payloads: Payloads::default() }
    }

    pub(super) fn of_question(path: String) -> Self {
        let payloads = Payloads::default();
        Self { target: Target::Question(path), item: Bytes::new(), rest: 0, key: 0..0, payloads }
    }

    pub(super) fn of_span(
        target: Target,
        item: Bytes,
        rest: usize,
        key: Range<usize>,
        payloads: Payloads,
    ) -> Self {
        Self { target, item, rest, key, payloads }
    }

    /// The payload that a span was started with, as it is in the call.
    pub(crate) fn payload(&self) -> Payload {
        self.payload_at(&self.payloads.start)
    }

    /// The result of a span, as it is in the call.
    pub(crate) fn result(&self) -> Payload {
        self.payload_at(&self.payloads.result)
    }

    fn payload_at(&self, place: &Range<usize>) -> Payload {
        let json = self.item.get(place.clone()).unwrap_or_default();
        Payload::of_rendered(json, self.payloads.have_marks)
    }

    /// The idempotency key, under which a bulk answer has the outcome of a span.
    pub(crate) fn key(&self) -> &str {
        self.text(&self.key)
    }

    /// The body of a call of an instance.
    #[cfg(feature = "spool")]
    pub(crate) fn instance_body(&self) -> &[u8] {
        &self.item
    }

    /// Bytes that it adds to a bulk request.
    pub(crate) fn size(&self) -> usize {
        self.item.len() + 1
    }

    /// A request of its own.
    pub(crate) fn single_request(&self) -> Request {
        let path = match &self.target {
            Target::Question(path) => {
                return Request { method: Method::Get, path: path.clone(), body: Vec::new() };
            }
            Target::Instance(path) => path.clone(),
            Target::CreateSpan => "/api/v1/agent_spans".into(),
            Target::FinishSpan(id) => format!("/api/v1/agent_spans/{}/finish", self.text(id)),
        };
        let rest = self.item.get(self.rest..).unwrap_or_default();
        Request { method: Method::Post, path, body: [b"{", rest].concat() }
    }

    fn text(&self, range: &Range<usize>) -> &str {
        let bytes = self.item.get(range.clone()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

const BEGIN: &[u8] = br#"{"items":["#;
const END: &[u8] = b"]}";

impl Bulk {
    /// One that will have about so many bytes.
    pub(crate) fn of_about(bytes: usize) -> Self {
        let mut body = Vec::with_capacity(bytes);
        body.extend_from_slice(BEGIN);
        Self { body }
    }

    pub(crate) fn size(&self) -> usize {
        self.body.len() + END.len()
    }

    pub(crate) fn push(&mut self, message: &EncodedCall) {
        if self.body.len() > BEGIN.len() {
            self.body.push(b',');
        }
        self.body.extend_from_slice(&message.item);
    }

    /// `POST /bulk`.
    pub(crate) fn request(self) -> Request {
        let mut body = self.body;
        body.extend_from_slice(END);
        Request { method: Method::Post, path: "/api/v1/bulk".into(), body }
    }
}
