//! OpenTelemetry for Python as caller and as callee: which ids each of them knows.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prefactor::propagation::{Baggage, RemoteContext};
use prefactor::{Client, Context, InstanceStatus, span};
use prefactor_local::Server;
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(60);
const VALUES: [&str; 5] = ["New York", "1+1", "100%", "a,b;c=d", "é漢"];

/// The interpreter, or `None` where the peer cannot run.
fn python() -> Option<PathBuf> {
    Some(prefactor_foreign_support::folders!().install()?.remove(0).into())
}

fn peer(python: PathBuf, arguments: &[&str]) -> Child {
    let program = prefactor_foreign_support::folders!().source("peer.py");
    let mut command = Command::new(python);
    command.arg(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().unwrap()
}

fn said(peer: Child) -> Value {
    let output = peer.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Answers one request, and gives its headers.
fn headers_of_one_request(listener: &TcpListener) -> BTreeMap<String, String> {
    let (connection, _) = listener.accept().unwrap();
    let mut headers = BTreeMap::new();
    for line in BufReader::new(&connection).lines().map(Result::unwrap).take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_owned(), value.to_owned());
        }
    }
    (&connection).write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
    headers
}

#[span("agent:answer")]
fn answer(question: &str) -> usize {
    question.len()
}

#[test]
fn python_process_with_plain_w3c_headers_is_linked_by_its_ids() {
    let Some(python) = python() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let caller = peer(python, &["call", &url]);
    let headers = headers_of_one_request(&listener);
    let ids = said(caller);

    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let remote = RemoteContext::extract(&headers).unwrap();
    assert_eq!(json!({ "trace_id": remote.trace_id(), "span_id": remote.span_id() }), ids);
    assert!(remote.is_sampled() && !remote.is_joinable() && client.join(&remote).is_none(), "{remote:?}");
    let run = client.register_linked("callee", &remote);
    run.in_scope(|| answer("why?"));
    run.finish(InstanceStatus::Complete);
    assert!(client.shutdown(TIMEOUT).is_complete);

    let path = format!("{}/api/v1/agent_spans", server.url());
    let token = format!("Bearer {}", server.token());
    let spans: Value =
        ureq::get(path).header("authorization", token).call().unwrap().body_mut().read_json().unwrap();
    let stored = &spans["summaries"][0];
    assert_eq!(stored["payload"], json!({ "question": "why?", "metadata": { "remote_parent": ids } }));
    assert_ne!(run.trace_id().unwrap(), remote.trace_id(), "a run of its own is a trace of its own");

    let baggage = Baggage::extract(&headers);
    let read: Vec<_> = baggage.iter().map(|(_, value)| value).collect();
    // Python writes a plus for a space; every other parser reads a plus.
    assert_eq!(read, VALUES.map(|value| if value == "New York" { "New+York" } else { value }));
}

#[test]
fn python_process_continues_the_trace_of_a_run_and_reads_its_baggage() {
    let Some(python) = python() else { return };
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let run = client.register("caller");
    let (mut headers, mut ids) = (BTreeMap::new(), None);
    run.in_scope(|| {
        let call = span("agent:call");
        let _entered = call.start_as_current(&());
        Context::current().inject(&mut headers);
        ids = Some((run.trace_id().unwrap(), call.span_id().unwrap()));
    });
    let baggage = VALUES
        .iter()
        .enumerate()
        .fold(Baggage::new(), |baggage, (number, value)| baggage.with(format!("key{number}"), *value));
    baggage.inject(&mut headers);

    let mut callee = peer(python, &["read"]);
    serde_json::to_writer(callee.stdin.take().unwrap(), &headers).unwrap();
    let read = said(callee);
    let (trace_id, span_id) = ids.unwrap();
    assert_eq!((&read["trace_id"], &read["parent"]), (&json!(trace_id), &json!(span_id)));
    assert_eq!(read["is_sampled"], true);
    assert!(read["state"]["prefactor"].as_str().unwrap().starts_with("s:"), "{read}");
    let values: Vec<_> =
        (0..VALUES.len()).map(|number| read["baggage"][format!("key{number}")].clone()).collect();
    assert_eq!(values, VALUES);
    assert!(client.shutdown(TIMEOUT).is_complete);
}
