//! Trace contexts between processes: they are sent, read, and joined.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;

use prefactor::propagation::RemoteContext;
use prefactor::{Client, ClientBuilder, Context, DropReason, InstanceStatus, Registration, span};
use prefactor_local::Server;
use serde_json::{Map, Value, json};

use crate::support::{Recorder, TIMEOUT, Trace};
use prefactor_tests::stored::list;

/// A header of Python's OpenTelemetry, with the flags `03`.
const PYTHON: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03";

#[span("test:tool")]
fn tool(question: &str) -> usize {
    question.len()
}

/// This test binary again, as one of the `child_*` tests below.
fn child(test: &str, server: &Server) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("PREFACTOR_TEST_CHILD", "1")
        .env("PREFACTOR_API_URL", server.url())
        .env("PREFACTOR_API_TOKEN", server.token());
    command
}

/// A client of a server that accepts everything.
fn recorded(builder: ClientBuilder) -> Client {
    builder.transport(Recorder::new()).build().unwrap()
}

fn is_child() -> bool {
    std::env::var_os("PREFACTOR_TEST_CHILD").is_some()
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn child_joins() {
    if !is_child() {
        return;
    }
    let prefactor = prefactor::init().unwrap();
    let caller = RemoteContext::from_env().and_then(|caller| prefactor.join(&caller)).unwrap();
    caller.in_scope(|| tool("from the child"));
    let report = prefactor.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 1, "{report}");
    assert_eq!(report.stats.runs.created, 0, "{report}");
}

#[test]
fn child_says_what_it_was_given() {
    if is_child() {
        for name in ["TRACEPARENT", "TRACESTATE", "BAGGAGE"] {
            println!("{name}: {:?}", std::env::var(name).ok());
        }
    }
}

/// Runs two processes that make one tree. `is_known` is whether the caller knows the run's id when it starts the child.
fn two_processes(is_known: bool, trace: Trace) {
    if is_known {
        trace.instance.start();
        assert!(trace.client.flush(TIMEOUT).is_complete);
    }
    trace.instance.in_scope(|| {
        let agent = span("test:agent");
        let entered = agent.start_as_current(&json!({ "question": "why" }));
        let mut command = child("propagation::child_joins", &trace.server);
        Context::current().inject_env(&mut command);
        output(&mut command);
        drop(entered);
    });
    let stored = trace.flushed();
    assert_eq!(stored.instance["status"], "active", "the child has ended the caller's run");
    assert_eq!(stored.parent_of("test:tool"), Some("test:agent"));
    let runs = list::<Value>(&trace.server, "agent_instance");
    assert!(runs.iter().filter(|run| run["status"] == "active").count() == 1, "{runs:?}");
    let stored = trace.finish();
    assert_eq!(stored.instance["status"], "complete");
    assert_eq!(stored.spans.len(), 2);
}

#[test]
fn two_processes_that_join_make_one_tree() {
    two_processes(true, Trace::new());
}

#[test]
fn child_that_is_faster_than_the_registration_finds_the_run_by_its_trace_id() {
    two_processes(false, Trace::new());
    let mut trace = Trace::new();
    let named = Registration::new("tester").with_external_identifier("order-7_of");
    trace.instance = trace.client.register(named);
    two_processes(false, trace);
}

#[test]
fn inject_env_keeps_a_stale_tracestate_and_baggage_from_the_child() {
    let client = recorded(Client::builder().propagate_runs(false));
    let run = client.register("tester");
    let server = Server::start().unwrap();
    let mut command = child("propagation::child_says_what_it_was_given", &server);
    command.env("TRACESTATE", "stale=1").env("BAGGAGE", "stale=1").env("TRACEPARENT", "stale");
    run.in_scope(|| Context::current().inject_env(&mut command));
    let text = output(&mut command);
    assert!(text.contains(&format!("TRACEPARENT: Some(\"00-{}-", run.trace_id().unwrap())), "{text}");
    assert!(text.contains("TRACESTATE: None") && text.contains("BAGGAGE: None"), "{text}");
}

#[test]
fn current_span_is_named_by_its_w3c_ids_and_by_those_of_prefactor() {
    let trace = Trace::new();
    trace.instance.start();
    assert!(trace.client.flush(TIMEOUT).is_complete);
    let mut headers = BTreeMap::new();
    let ids = trace.instance.in_scope(|| {
        let span = span("test:agent");
        let _entered = span.start_as_current(&());
        Context::current().inject(&mut headers);
        (span.trace_id().unwrap(), span.span_id().unwrap(), span.id().unwrap())
    });
    let (trace_id, span_id, id) = ids;
    let run = trace.instance.id().unwrap();
    assert_eq!(headers["traceparent"], format!("00-{trace_id}-{span_id}-01"));
    assert_eq!(headers["tracestate"], format!("prefactor=s:{id};r:{run}"));
    let caller = RemoteContext::extract(&headers).unwrap();
    assert_eq!((caller.trace_id(), caller.span_id(), caller.run_id()), (trace_id, span_id, Some(&*run)));
    assert!(caller.is_joinable() && caller.is_sampled());
    trace.finish();
}

#[test]
fn context_that_records_nothing_leaves_the_carrier_as_it_is() {
    let client = Client::builder().disabled(true).build().unwrap();
    let given = BTreeMap::from([("traceparent".to_owned(), PYTHON.to_owned())]);
    let mut headers = given.clone();
    client.register("tester").context().inject(&mut headers);
    assert_eq!(headers, given);
}

#[test]
fn run_that_is_left_out_is_said_to_be_unsampled_and_cannot_be_joined() {
    let client = recorded(Client::builder().sample_rate(0.0));
    let mut headers = BTreeMap::new();
    client.register("tester").context().inject(&mut headers);
    assert!(headers["traceparent"].ends_with("-00"), "{headers:?}");
    assert!(!headers.contains_key("tracestate"), "{headers:?}");
}

#[test]
fn json_maps_and_header_maps_carry_a_context() {
    let client = recorded(Client::builder());
    let run = client.register("tester");
    let mut meta: Map<String, Value> = Map::new();
    meta.insert("progressToken".into(), json!(1));
    run.context().inject(&mut meta);
    assert_eq!(RemoteContext::extract(&meta).map(|caller| caller.trace_id()), run.trace_id());
    meta.insert("traceparent".into(), json!({ "not": "a text" }));
    assert_eq!(RemoteContext::extract(&meta), None);

    let mut headers = http::HeaderMap::new();
    headers.append("tracestate", "stale=1".parse().unwrap());
    headers.append("tracestate", "stale=2".parse().unwrap());
    run.context().inject(&mut headers);
    assert_eq!(headers.get_all("tracestate").iter().count(), 1);
    assert_eq!(RemoteContext::extract(&headers).map(|caller| caller.trace_id()), run.trace_id());

    let mut spelt = HashMap::from([("Traceparent".to_owned(), PYTHON.to_owned())]);
    assert!(
        RemoteContext::extract(&spelt).is_some_and(|caller| !caller.is_joinable() && caller.is_sampled())
    );
    run.context().inject(&mut spelt);
    assert_eq!(spelt.len(), 2, "{spelt:?}");
}

#[test]
fn caller_with_plain_w3c_headers_is_linked_by_its_ids() {
    let trace = Trace::new();
    let headers = BTreeMap::from([("traceparent".to_owned(), PYTHON.to_owned())]);
    let caller = RemoteContext::extract(&headers).unwrap();
    assert!(trace.client.join(&caller).is_none());
    let run = trace.client.register_linked("callee", &caller);
    run.in_scope(|| {
        let outer = span("test:outer");
        let _entered = outer.start_as_current(&json!({ "question": "why" }));
        tool("inner");
    });
    run.finish(InstanceStatus::Complete);
    assert!(trace.client.flush(TIMEOUT).is_complete);
    let stored = trace.stored_of(&run);
    let remote = json!({ "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331" });
    assert_eq!(
        stored.span("test:outer").payload,
        json!({ "question": "why", "metadata": { "remote_parent": remote } })
    );
    assert_eq!(stored.span("test:tool").payload, json!({ "question": "inner" }));
    let mut onward = BTreeMap::new();
    run.context().inject(&mut onward);
    assert!(
        onward["traceparent"].contains(&run.trace_id().unwrap()),
        "a run of its own is a trace of its own"
    );
}

#[test]
fn joined_context_is_passed_on_with_the_members_of_others() {
    let client = recorded(Client::builder());
    let run = "01jd6qkq1m3nqk8n0000000000000000";
    let given = BTreeMap::from([
        ("traceparent".to_owned(), PYTHON.replace("-03", "-00")),
        ("tracestate".to_owned(), format!("dd=s:1,prefactor=r:{run},rojo=2")),
    ]);
    let caller = RemoteContext::extract(&given).unwrap();
    let joined = client.join(&caller).unwrap();
    let mut onward = BTreeMap::new();
    let id = joined.in_scope(|| {
        let span = span("test:tool");
        let _entered = span.start_as_current(&());
        Context::current().inject(&mut onward);
        span.span_id().unwrap()
    });
    assert_eq!(onward["traceparent"], format!("00-{}-{id}-00", caller.trace_id()));
    let state = &onward["tracestate"];
    assert!(
        state.starts_with("prefactor=s:") && state.ends_with(&format!(";r:{run},dd=s:1,rojo=2")),
        "{state}"
    );
}

#[test]
fn spans_of_a_run_that_the_api_does_not_know_are_counted_as_dropped() {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let headers = BTreeMap::from([
        ("traceparent".to_owned(), PYTHON.to_owned()),
        ("tracestate".to_owned(), "prefactor=r:01jd6qkq1m3nqk8n0000000000000000".to_owned()),
    ]);
    let joined = client.join(&RemoteContext::extract(&headers).unwrap()).unwrap();
    joined.in_scope(|| tool("lost"));
    let report = client.shutdown(TIMEOUT);
    assert_eq!((report.stats.created, report.stats.dropped(DropReason::Rejected)), (1, 1), "{report}");
    assert_eq!(list::<Value>(&server, "agent_instance").len(), 0);
}

#[test]
fn threads_tasks_and_closures_carry_the_current_span() {
    let stored = Trace::of_async(async {
        let agent = span("test:agent");
        agent.start(&());
        agent
            .scope(async {
                let thread = prefactor::thread::spawn(|| span("test:thread").complete(&()));
                let task = prefactor::task::spawn(async { span("test:task").complete(&()) });
                let blocking = prefactor::task::spawn_blocking(|| span("test:blocking").complete(&()));
                let closure = Context::current().wrap(|| span("test:closure").complete(&()));
                task.await.unwrap();
                blocking.await.unwrap();
                tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap();
                std::thread::spawn(closure).join().unwrap();
            })
            .await;
    });
    for child in ["test:thread", "test:task", "test:blocking", "test:closure"] {
        assert_eq!(stored.parent_of(child), Some("test:agent"), "{child}");
    }
}
