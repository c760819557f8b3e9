//! The bytes that leave the process for the values of spans.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prefactor::transport::{Request, Response, SendFuture, Transport};
use prefactor::{Client, ClientBuilder, SpanError, span};
use serde_json::{Value, json};

/// A value of a span.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// In the payload's member `value`.
    Value(Value),
    /// In the message of an error.
    Error(String),
}

/// Returns the bytes that are sent of each value, with the built-in rules.
pub(crate) fn sent(given: &[Given]) -> Vec<Value> {
    sent_by(Client::builder(), given)
}

/// Returns the bytes that are sent of each value, by a client with those settings.
pub(crate) fn sent_by(builder: ClientBuilder, given: &[Given]) -> Vec<Value> {
    let memory = Memory::default();
    let client = builder.transport(memory.clone()).build().unwrap();
    client.register("tester").in_scope(|| {
        for (number, given) in given.iter().enumerate() {
            let span = span("test:given");
            match given {
                Given::Value(value) => span.start(&json!({ "number": number, "value": value })),
                Given::Error(message) => {
                    span.start(&json!({ "number": number }));
                    span.set_error(SpanError::new(message));
                }
            }
            span.finish();
            if number % 500 == 0 {
                assert!(client.flush(Duration::from_secs(60)).is_complete);
            }
        }
    });
    let report = client.shutdown(Duration::from_secs(60));
    assert!(report.is_complete && report.stats.dropped_total() == 0, "{report}");
    let spans = memory.0.lock().unwrap();
    assert_eq!(spans.len(), given.len());
    spans.values().cloned().collect()
}

/// Keeps the bytes of each span by its number, and accepts it.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<u64, Value>>>);

impl Memory {
    fn keep(&self, item: &Value) {
        let payload = item.pointer("/details/payload").unwrap_or(&Value::Null);
        if let Some(number) = payload["number"].as_u64() {
            let result = item.pointer("/details/result_payload").cloned().unwrap_or_default();
            let value = payload.get("value").cloned().unwrap_or(result);
            self.0.lock().unwrap().insert(number, value);
        }
    }
}

impl Transport for Memory {
    fn send(&self, request: Request) -> SendFuture<'_> {
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match sent["items"].as_array() {
            Some(items) => items.iter().for_each(|item| self.keep(item)),
            None => self.keep(&sent),
        }
        Box::pin(async move { Ok(Response::accepting(&request)) })
    }
}
