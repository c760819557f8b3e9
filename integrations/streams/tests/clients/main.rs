//! Each client's real stream from a stub model, through an annotated function with the reader of its module.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod anthropic_client;
mod genai_client;
mod ollama_client;
mod rig_client;

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use prefactor::testing::{RecordedSpan, Recorder};
use prefactor::transport::{Request, SendError, SendFuture, Transport};
use prefactor::{Client, SpanFutureExt as _};
use prefactor_streams as readers;
use serde_json::{Value, json};

/// Reads the stream that a body makes: at most so many items. Gives back the span.
async fn read<S: Stream>(limit: usize, body: impl AsyncFnOnce() -> S) -> RecordedSpan {
    let recorder = Recorder::new();
    recorder
        .run_async(async {
            let items = body().await;
            items.take(limit).count().await
        })
        .await;
    recorder.trace().find("agent:llm_call").clone()
}

/// Reads the streams of three calls at the same time, of each at most so many items, and sees to it that each is below its caller.
async fn read_at_once<S: Stream>(limit: usize, body: impl AsyncFn(&'static str) -> S) {
    let recorder = Recorder::new();
    let one = async |word: &'static str| {
        let caller = prefactor::span("agent:answer");
        caller.start(&json!({ "word": word }));
        async { body(word).await.take(limit).count().await }.with_span(&caller).await;
        caller.complete(&json!({}));
    };
    recorder.run_async(async { tokio::join!(one("a"), one("b"), one("c")) }).await;
    let trace = recorder.trace();
    trace.assert_outline(&["agent:answer complete", "  agent:llm_call complete"].repeat(3));
    for caller in &trace.roots {
        assert_eq!(caller.children[0].result["output"]["text"], caller.payload["word"]);
    }
}

fn error_of(span: &RecordedSpan) -> &str {
    span.error.as_ref().map_or("", |error| error.error_type.as_str())
}

/// Tells of registrations and answers nothing.
struct Heard(Mutex<Sender<Value>>);

impl Transport for Heard {
    fn send(&self, request: Request) -> SendFuture<'_> {
        if request.path.ends_with("/register") {
            let _ = self.0.lock().unwrap().send(serde_json::from_slice(&request.body).unwrap());
        }
        Box::pin(async { Err(SendError::not_sent("a test")) })
    }
}

#[test]
fn readers_are_named_in_registrations_after_the_first_answer() {
    let _ = readers::genai::Answer::default();
    let (sender, registrations) = channel();
    let client = Client::builder().transport(Heard(Mutex::new(sender))).build().unwrap();
    client.register("tester").start();
    let body = registrations.recv_timeout(Duration::from_mins(1)).unwrap();
    let _ = client.shutdown(Duration::ZERO);
    let said = &body["agent_version"]["runtime_environment"]["agent_sdk"];
    assert_eq!(*said, json!([readers::SDK_ENTRY]));
}
