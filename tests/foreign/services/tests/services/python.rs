//! A Python process with OpenTelemetry behind a Rust one, and the other way around: linked by their ids.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use prefactor::Client;
use prefactor::export::MemoryProcessor;
use prefactor::propagation::RemoteContext;
use prefactor::testing::Recorder;
use serde_json::Value;

/// Returns the process's own account of its span, when it is called with these headers.
fn call(python: &str, headers: &HashMap<String, String>) -> Value {
    let folders = prefactor_foreign_support::folders!();
    let mut child = Command::new(python)
        .arg(folders.source("callee.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(headers).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn python_process_continues_the_trace_and_its_caller_is_linked_by_its_ids() {
    let Some(printed) = prefactor_foreign_support::folders!().install() else { return };
    let python = &printed[0];
    let memory = MemoryProcessor::new();
    let recorder = Recorder::with(Client::builder().processor(memory.clone()));
    let (seen, trace, parent) = recorder.run(|| {
        let span = prefactor::span("agent:call_service");
        let mut headers = HashMap::new();
        span.context().inject(&mut headers);
        (call(python, &headers), span.trace_id().unwrap(), span.span_id().unwrap())
    });
    assert_eq!(seen["trace_id"], trace.as_str());
    assert_eq!(seen["parent_id"], parent.as_str());

    let headers: HashMap<String, String> = serde_json::from_value(seen["headers"].clone()).unwrap();
    let caller = RemoteContext::extract(&headers).unwrap();
    assert_eq!(caller.span_id(), seen["span_id"]);
    assert!(caller.is_joinable(), "tracestate went through: {headers:?}");

    let seen = call(python, &HashMap::new());
    let headers: HashMap<String, String> = serde_json::from_value(seen["headers"].clone()).unwrap();
    assert!(headers["traceparent"].ends_with("-03"), "Python says by it that its trace ids are random");
    let caller = RemoteContext::extract(&headers).unwrap();
    assert!(recorder.client().join(&caller).is_none());
    drop(recorder.client().register_linked("worker", &caller).span("agent:work"));
    let _ = recorder.trace();
    let linked =
        memory.traces().into_iter().find(|run| run.metadata_json().contains("remote_parent")).unwrap();
    let linked = &linked.metadata::<Value>().unwrap()["remote_parent"];
    assert_eq!(linked["trace_id"], seen["trace_id"]);
    assert_eq!(linked["span_id"], seen["span_id"]);
}

#[prefactor::span("tool:worker", skip_all)]
async fn worker(mut command: tokio::process::Command) -> (Value, String) {
    prefactor::Context::current().inject_env(command.as_std_mut());
    let output = command.output().await.unwrap();
    assert!(output.status.success());
    (serde_json::from_slice(&output.stdout).unwrap(), prefactor::Span::current().span_id().unwrap())
}

#[tokio::test]
async fn child_of_tokio_continues_the_trace_of_the_span_that_started_it() {
    let folders = prefactor_foreign_support::folders!();
    let Some(printed) = folders.install() else { return };
    let recorder = Recorder::new();
    let mut command = tokio::process::Command::new(&printed[0]);
    // The process may have inherited the TRACESTATE of another trace.
    command.arg(folders.source("callee.py")).arg("environment").env("TRACESTATE", "stale=1");
    let (seen, parent) = recorder.run_async(worker(command)).await;
    assert_eq!(seen["trace_id"].as_str(), recorder.instance().trace_id().as_deref());
    assert_eq!(seen["parent_id"], parent.as_str());
    assert!(!seen["headers"]["tracestate"].as_str().unwrap().contains("stale"), "{seen}");
}
