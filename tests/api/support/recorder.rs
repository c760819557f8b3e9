//! A transport that keeps what is sent and accepts it.

use std::sync::{Arc, Mutex};

use prefactor::transport::{Request, Response, SendFuture, Transport};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

#[derive(Clone)]
pub(crate) struct Recorder {
    requests: Arc<Mutex<Vec<Request>>>,
    gate: Arc<Semaphore>,
    takes_bulk: bool,
}

impl Recorder {
    /// One that answers at once.
    pub(crate) fn new() -> Self {
        let recorder = Self::holding();
        recorder.release();
        recorder
    }

    /// One that answers nothing until it is released.
    pub(crate) fn holding() -> Self {
        Self { requests: Arc::default(), gate: Arc::new(Semaphore::new(0)), takes_bulk: false }
    }

    /// As an API that takes bulk requests.
    pub(crate) fn with_bulk(mut self) -> Self {
        self.takes_bulk = true;
        self
    }

    pub(crate) fn release(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> SendFuture<'_> {
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        self.requests.lock().unwrap().push(request);
        let body = match sent["items"].as_array().filter(|_| self.takes_bulk) {
            Some(items) => {
                let outputs = items.iter().map(|item| (text(&item["idempotency_key"]), success(item)));
                json!({ "status": "success", "outputs": outputs.collect::<Map<_, _>>() })
            }
            None => success(&sent),
        };
        let body = body.to_string().into_bytes();
        Box::pin(async move {
            let _permit = self.gate.acquire().await.unwrap();
            Ok(Response::new(200, body))
        })
    }
}

fn success(sent: &Value) -> Value {
    let id =
        sent.pointer("/details/id").cloned().unwrap_or_else(|| "013xrzp12g3nqk8n0000000000000000".into());
    json!({ "status": "success", "details": { "id": id } })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
