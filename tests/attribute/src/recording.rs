//! A client whose transport keeps its requests.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use prefactor::transport::{Request, Response, SendFuture, Transport};
use prefactor::{AgentInstance, Client};
use serde_json::Value;

/// An instance that records into memory; without `enabled` it records nothing.
#[derive(Debug)]
pub struct Recording {
    /// The client of the instance.
    pub client: Client,
    /// The instance that the functions under test run in.
    pub instance: AgentInstance,
    sent: Sent,
}

/// The recorded spans, in the order of their creation.
#[derive(Debug)]
pub struct Spans(Vec<Value>);

#[derive(Clone, Debug, Default)]
struct Sent(Arc<Mutex<Vec<Request>>>);

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}

impl Recording {
    /// Makes an instance.
    ///
    /// # Panics
    ///
    /// When the client cannot be built.
    #[must_use]
    pub fn new() -> Self {
        let sent = Sent::default();
        let client = Client::builder().transport(sent.clone()).build().expect("a transport is all it needs");
        let instance = client.register("twins");
        Self { client, instance, sent }
    }

    /// Returns the shared instance of tests that do not read spans.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Recording> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    /// Runs a closure in the instance.
    pub fn in_scope<T>(&self, body: impl FnOnce() -> T) -> T {
        self.instance.in_scope(body)
    }

    /// Runs a closure in an instance of its own, and returns its spans.
    pub fn of<T>(body: impl FnOnce() -> T) -> Spans {
        let recording = Self::new();
        recording.in_scope(body);
        recording.spans()
    }

    /// Returns the spans up to now.
    ///
    /// # Panics
    ///
    /// When the delivery does not end.
    #[must_use]
    pub fn spans(&self) -> Spans {
        assert!(self.client.flush(Duration::from_secs(60)).is_complete, "the transport answers at once");
        let mut spans: Vec<Value> = Vec::new();
        for request in self.sent.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            if request.path == "/api/v1/agent_spans" {
                spans.push(body["details"].clone());
            } else if let Some(id) = span_finished(&request.path) {
                let span = spans.iter_mut().find(|span| span["id"] == id).expect("it was created before");
                span["status"] = body["status"].clone();
                span["result_payload"] = body["result_payload"].clone();
            }
        }
        Spans(spans)
    }
}

fn span_finished(path: &str) -> Option<&str> {
    path.strip_prefix("/api/v1/agent_spans/")?.strip_suffix("/finish")
}

impl Spans {
    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one span of that schema name.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
    #[must_use]
    pub fn one(&self, schema_name: &str) -> &Value {
        let mut named = self.0.iter().filter(|span| span["schema_name"] == schema_name);
        let span = named.next().unwrap_or_else(|| panic!("no span {schema_name} in {:#?}", self.0));
        assert!(named.next().is_none(), "more than one span {schema_name}");
        span
    }

    /// The status of that span.
    #[must_use]
    pub fn status(&self, schema_name: &str) -> &str {
        self.one(schema_name)["status"].as_str().unwrap_or_default()
    }

    /// The arguments of that span.
    #[must_use]
    pub fn payload(&self, schema_name: &str) -> &Value {
        &self.one(schema_name)["payload"]
    }

    /// The result of that span.
    #[must_use]
    pub fn result(&self, schema_name: &str) -> &Value {
        &self.one(schema_name)["result_payload"]
    }

    /// The schema name of that span's parent.
    #[must_use]
    pub fn parent(&self, schema_name: &str) -> Option<&str> {
        let parent = &self.one(schema_name)["parent_span_id"];
        self.0.iter().find(|span| span["id"] == *parent)?["schema_name"].as_str()
    }
}

impl Transport for Sent {
    fn send(&self, request: Request) -> SendFuture<'_> {
        // Bulk requests are refused, so that each request holds one call.
        let answer = if request.path.ends_with("/bulk") {
            Response::new(404, r#"{"status":"error","code":"not_found","message":"no such path"}"#)
        } else {
            Response::accepting(&request)
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Box::pin(std::future::ready(Ok(answer)))
    }
}
