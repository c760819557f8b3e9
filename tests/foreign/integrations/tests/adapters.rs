//! Integrations name themselves in registrations from their first use on.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use async_openai::middleware::ReqwestService;
use prefactor::Client;
use prefactor::transport::{Request, SendError, SendFuture, Transport};
use serde_json::Value;
use tower_layer::Layer as _;
use tracing_subscriber::Registry;

const TIMEOUT: Duration = Duration::from_mins(1);

/// A transport that passes registrations to the test, and answers nothing.
struct Heard(Mutex<Sender<Value>>);

impl Transport for Heard {
    fn send(&self, request: Request) -> SendFuture<'_> {
        if request.path.ends_with("/register") {
            let _ = self.0.lock().unwrap().send(serde_json::from_slice(&request.body).unwrap());
        }
        Box::pin(async { Err(SendError::not_sent("a test")) })
    }
}

/// The adapters in the registration of a run that begins now.
fn named() -> Vec<String> {
    let (sender, registrations) = channel();
    let client = Client::builder().transport(Heard(Mutex::new(sender))).build().unwrap();
    client.register("tester").start();
    let body = registrations.recv_timeout(TIMEOUT).unwrap();
    let _ = client.shutdown(Duration::ZERO);
    serde_json::from_value(body["agent_version"]["runtime_environment"]["agent_sdk"].clone())
        .unwrap_or_default()
}

#[derive(Clone)]
struct Handler;

impl rmcp::ServerHandler for Handler {}

/// The test is one, because the names are those of the process.
#[test]
fn integrations_are_named_once_they_are_used_and_not_before() {
    assert_eq!(named(), Vec::<String>::new(), "they are linked, and nobody uses them yet");
    let uses: [(&str, fn()); 5] = [
        (prefactor::tracing::SDK_ENTRY, || drop(prefactor::tracing::layer::<Registry>())),
        (prefactor::tower::SDK_ENTRY, || drop(prefactor::tower::ClientLayer::new().layer(()))),
        (prefactor::async_openai::SDK_ENTRY, || {
            drop(prefactor::async_openai::per_call(ReqwestService::default()));
        }),
        (prefactor::rmcp::SDK_ENTRY, || drop(prefactor::rmcp::SpanServer::new(Handler))),
        (prefactor::tower::SDK_ENTRY, || drop(prefactor::tower::ServerLayer::new().layer(()))),
    ];
    let mut expected: Vec<String> = Vec::new();
    for (entry, make) in uses {
        make();
        if !expected.iter().any(|other| other == entry) {
            expected.push(entry.to_owned());
        }
        assert_eq!(named(), expected);
    }
    let entries = Client::builder().sdk_entry(prefactor::rmcp::SDK_ENTRY);
    let (sender, registrations) = channel();
    let client = entries.transport(Heard(Mutex::new(sender))).build().unwrap();
    client.register("tester").start();
    let body = registrations.recv_timeout(TIMEOUT).unwrap();
    let _ = client.shutdown(Duration::ZERO);
    let said = &body["agent_version"]["runtime_environment"]["agent_sdk"];
    assert_eq!((&said[0], said.as_array().unwrap().len()), (&prefactor::rmcp::SDK_ENTRY.into(), 4), "{said}");
}
