//! One call of the API: alone in a request, or as an item of a bulk request, with the same fields both times.

use serde::Serialize;

use crate::transport::{Method, Request};

/// A call whose bytes are fixed: however often it is sent, it says the same under the same key.
#[derive(Debug)]
pub(crate) struct Message {
    target: Target,
    key: String,
    /// A JSON object.
    body: Vec<u8>,
}

/// What is called, with the id that the path names.
#[derive(Debug)]
pub(super) enum Target {
    Register,
    StartInstance(String),
    FinishInstance(String),
    CreateSpan,
    FinishSpan(String),
}

/// The body of a bulk request, item by item.
#[derive(Debug)]
pub(crate) struct Bulk {
    body: Vec<u8>,
}

impl Message {
    pub(super) fn new(target: Target, key: String, body: &impl Serialize) -> Self {
        // Maps with text keys and plain values: nothing here can fail to serialize.
        Self::encoded(target, key, serde_json::to_vec(body).unwrap_or_default())
    }

    pub(super) fn encoded(target: Target, key: String, body: Vec<u8>) -> Self {
        Self { target, key, body }
    }

    /// The idempotency key, under which a bulk answer tells what became of it.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Bytes that it adds to a bulk request.
    pub(crate) fn size(&self) -> usize {
        self.body.len() + 96
    }

    /// A request of its own.
    pub(crate) fn alone(&self) -> Request {
        let path = match &self.target {
            Target::Register => "/api/v1/agent_instance/register".into(),
            Target::StartInstance(id) => format!("/api/v1/agent_instance/{id}/start"),
            Target::FinishInstance(id) => format!("/api/v1/agent_instance/{id}/finish"),
            Target::CreateSpan => "/api/v1/agent_spans".into(),
            Target::FinishSpan(id) => format!("/api/v1/agent_spans/{id}/finish"),
        };
        Request { method: Method::Post, path, body: self.body.clone() }
    }

    /// The type of a bulk item, and the id that the path would name.
    fn item(&self) -> (&'static str, Option<&str>) {
        match &self.target {
            Target::Register => ("agent_instances/register", None),
            Target::StartInstance(id) => ("agent_instances/start", Some(id)),
            Target::FinishInstance(id) => ("agent_instances/finish", Some(id)),
            Target::CreateSpan => ("agent_spans/create", None),
            Target::FinishSpan(id) => ("agent_spans/finish", Some(id)),
        }
    }
}

impl Bulk {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut body = Vec::with_capacity(bytes);
        body.extend_from_slice(br#"{"items":["#);
        Self { body }
    }

    pub(crate) fn size(&self) -> usize {
        self.body.len()
    }

    pub(crate) fn push(&mut self, message: &Message) {
        if self.body.last() == Some(&b'}') {
            self.body.push(b',');
        }
        let (kind, id) = message.item();
        self.body.extend_from_slice(br#"{"_type":""#);
        self.body.extend_from_slice(kind.as_bytes());
        if let Some(id) = id {
            // Ours, or one of the server's that is safe in a path: nothing in it needs escaping.
            self.body.extend_from_slice(br#"","id":""#);
            self.body.extend_from_slice(id.as_bytes());
        }
        self.body.extend_from_slice(br#"","#);
        self.body.extend_from_slice(message.body.get(1..).unwrap_or_default());
    }

    /// `POST /bulk`.
    pub(crate) fn request(mut self) -> Request {
        self.body.extend_from_slice(b"]}");
        Request { method: Method::Post, path: "/api/v1/bulk".into(), body: self.body }
    }
}
