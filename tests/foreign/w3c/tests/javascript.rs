//! OpenTelemetry for JavaScript as a service in the middle: it reads our headers, and we read its own.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use prefactor::propagation::{Baggage, RemoteContext};
use prefactor::{AgentInstance, Client, Context, InstanceStatus, span};
use prefactor_local::Server;
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(60);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// The span that the peer makes.
const PEERS_SPAN: &str = "b7ad6b7169203331";
/// The characters of a `tracestate` that the peer keeps.
const MAX_CHARACTERS: usize = 512;

type Headers = BTreeMap<String, String>;

/// Returns the peer's report of each of these calls, or `None` where it cannot run.
fn asked(calls: &[Value]) -> Option<Vec<Value>> {
    let folders = prefactor_foreign_support::folders!();
    let modules = folders.install()?.remove(1);
    let mut command = Command::new("node");
    command.arg(folders.source("peer.mjs")).arg(modules);
    let mut peer = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = peer.stdin.take().unwrap();
    for call in calls {
        writeln!(input, "{call}").unwrap();
    }
    drop(input);
    let output = peer.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let said: Vec<Value> = lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
    assert_eq!(said.len(), calls.len());
    Some(said)
}

fn onward(said: &Value) -> Headers {
    serde_json::from_value(said["onward"].clone()).unwrap()
}

struct Case {
    server: Server,
    client: Client,
    run: AgentInstance,
}

impl Case {
    fn new() -> Self {
        let server = Server::start().unwrap();
        let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
        let run = client.register("caller");
        run.start();
        assert!(client.flush(TIMEOUT).is_complete);
        Self { server, client, run }
    }

    /// The headers of a call within a span, and the span's id.
    fn call(&self) -> (Headers, String) {
        self.run.in_scope(|| {
            let call = span("agent:call");
            let _entered = call.start_as_current(&());
            let mut headers = Headers::new();
            Context::current().inject(&mut headers);
            (headers, call.span_id().unwrap())
        })
    }

    fn spans(&self) -> Vec<Value> {
        let path = format!("{}/api/v1/agent_spans", self.server.url());
        let token = format!("Bearer {}", self.server.token());
        let mut answer = ureq::get(path).header("authorization", token).call().unwrap();
        let body: Value = answer.body_mut().read_json().unwrap();
        body["summaries"].as_array().unwrap().clone()
    }
}

#[test]
fn javascript_service_in_the_midst_continues_the_trace_and_keeps_our_member() {
    let case = Case::new();
    let (headers, span_id) = case.call();
    let Some(said) = asked(&[json!({ "headers": headers, "set": { "js": "1" } })]) else { return };
    let caller = &said[0]["caller"];
    assert_eq!(
        (&caller["traceId"], &caller["spanId"]),
        (&json!(case.run.trace_id().unwrap()), &json!(span_id))
    );
    assert_eq!((&caller["traceFlags"], &caller["isRemote"]), (&json!(1), &json!(true)));
    assert_eq!(caller["traceState"], headers["tracestate"], "as it was written");

    let behind = onward(&said[0]);
    let ours = &headers["tracestate"];
    assert_eq!(behind["tracestate"], format!("js=1,{ours}"));
    let remote = RemoteContext::extract(&behind).unwrap();
    assert_eq!((remote.trace_id(), remote.span_id()), (case.run.trace_id().unwrap(), PEERS_SPAN.to_owned()));
    assert_eq!((remote.is_sampled(), remote.run_id()), (true, case.run.id().as_deref()));
    let joining =
        Client::builder().api_url(case.server.url()).api_token(case.server.token()).build().unwrap();
    let mut further = Headers::new();
    joining.join(&remote).unwrap().in_scope(|| {
        let tool = span("agent:tool_call");
        let _entered = tool.start_as_current(&());
        Context::current().inject(&mut further);
    });
    assert!(joining.shutdown(TIMEOUT).is_complete);
    assert!(
        further["tracestate"].starts_with("prefactor=s:") && further["tracestate"].ends_with(",js=1"),
        "{further:?}"
    );

    case.run.finish(InstanceStatus::Complete);
    assert!(case.client.shutdown(TIMEOUT).is_complete);
    let spans = case.spans();
    let of = |name: &str| spans.iter().find(|span| span["schema_name"] == name).unwrap();
    assert_eq!(of("agent:tool_call")["parent_span_id"], of("agent:call")["id"]);
    assert_eq!(of("agent:tool_call")["agent_instance_id"], of("agent:call")["agent_instance_id"]);
    assert_eq!(spans.len(), 2);
}

#[test]
fn flags_go_both_ways() {
    let context = |flags: &str| json!({ "traceparent": format!("00-{TRACE}-00f067aa0ba902b7-{flags}") });
    let calls: Vec<_> = [0, 1, 2, 3].map(|flags| json!({ "headers": context("01"), "flags": flags })).into();
    let Some(said) = asked(&calls) else { return };
    let sampled: Vec<_> =
        said.iter().map(|said| RemoteContext::extract(&onward(said)).unwrap().is_sampled()).collect();
    assert_eq!(sampled, [false, true, false, true]);

    for (rate, flags) in [(0.0, 0), (1.0, 1)] {
        let client =
            Client::builder().api_url("http://127.0.0.1:9").api_token("t").sample_rate(rate).build().unwrap();
        let mut headers = Headers::new();
        client.register("caller").in_scope(|| Context::current().inject(&mut headers));
        let said = asked(&[json!({ "headers": headers })]).unwrap();
        assert_eq!(said[0]["caller"]["traceFlags"], flags, "{headers:?}");
        let _ = client.shutdown(Duration::ZERO);
    }
}

#[test]
fn our_member_survives_the_limits_of_the_peer() {
    let case = Case::new();
    let (headers, _) = case.call();
    let ours = &headers["tracestate"];
    let member = |number: usize, length: usize| format!("k{number}={}", "v".repeat(length));
    for (count, length) in [(31, 1), (60, 1), (10, 200)] {
        let others: Vec<_> = (0..count).map(|number| member(number, length)).collect();
        let given = Headers::from([
            ("traceparent".to_owned(), headers["traceparent"].clone()),
            ("tracestate".to_owned(), format!("{},{ours}", others[..5].join(","))),
        ]);
        let mut written = Headers::new();
        let joined = case.client.join(&RemoteContext::extract(&given).unwrap()).unwrap();
        joined.in_scope(|| Context::current().inject(&mut written));
        assert!(written["tracestate"].starts_with("prefactor="), "{written:?}");
        let state = format!("{ours},{}", others.join(","));
        let Some(said) = asked(&[
            json!({ "headers": written }),
            json!({ "headers": { "traceparent": headers["traceparent"], "tracestate": state } }),
        ]) else {
            return;
        };
        for said in &said {
            let kept = said["caller"]["traceState"].as_str().unwrap();
            assert!(kept.starts_with("prefactor=") && kept.len() <= MAX_CHARACTERS, "{kept}");
            let back = RemoteContext::extract(&onward(said)).unwrap();
            assert_eq!(back.run_id(), case.run.id().as_deref(), "{kept}");
        }
    }
    assert!(case.client.shutdown(TIMEOUT).is_complete);
}

#[test]
fn contexts_that_are_none_are_none_for_both() {
    let parents = [
        "",
        "nonsense",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
        "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01-more",
        "00-0AF7651916CD43DD8448EB211C80319C-00f067aa0ba902b7-01",
        "cc-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01-later",
    ];
    let calls: Vec<_> = parents.map(|parent| json!({ "headers": { "traceparent": parent } })).into();
    let Some(said) = asked(&calls) else { return };
    for (parent, said) in parents.iter().zip(said) {
        let read = RemoteContext::extract(&Headers::from([("traceparent".to_owned(), (*parent).to_owned())]));
        assert_eq!(read.is_some(), !said["caller"].is_null(), "{parent}");
    }
}

#[test]
fn baggage_goes_both_ways() {
    let values = ["New York", "1+1", "100%", "a,b;c=d", "é漢"];
    let baggage = values
        .iter()
        .enumerate()
        .fold(Baggage::new(), |baggage, (number, value)| baggage.with(format!("key{number}"), *value));
    let mut headers = Headers::from([("traceparent".to_owned(), format!("00-{TRACE}-00f067aa0ba902b7-01"))]);
    baggage.inject(&mut headers);
    let Some(said) = asked(&[json!({ "headers": headers })]) else { return };
    for (number, value) in values.iter().enumerate() {
        assert_eq!(said[0]["baggage"][format!("key{number}")], *value);
    }
    let back = Baggage::extract(&onward(&said[0]));
    assert_eq!(back.iter().map(|(_, value)| value).collect::<Vec<_>>(), values);
}
