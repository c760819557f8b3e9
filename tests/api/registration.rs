//! Facts about a run: in the registration, in the payload of its top spans, and in records.

use prefactor::export::MemoryProcessor;
use prefactor::{Agent, Client, Purpose, Registration, span};
use prefactor_local::Server;
use prefactor_local::oracle::Oracle;
use prefactor_tests::stored::list;
use serde_json::{Value, json};

use crate::support::{Recorder, TIMEOUT, Trace};

fn registration() -> Registration {
    Registration::new(Agent::new("researcher").with_version("2.1.0"))
        .with_session_id("chat-7")
        .with_user_id("u-1")
        .with_group_id("team")
        .with_name("triage")
        .with_tag("beta")
        .with_tag("eu")
        .with_metadata(&json!({ "plan": "gold", "session_id": "replaced" }))
}

#[test]
fn facts_of_a_run_are_in_its_record() {
    let memory = MemoryProcessor::new();
    let client = Client::builder().processor(memory.clone()).build().unwrap();
    client
        .register(registration().with_external_identifier("order-17"))
        .in_scope(|| span("test:top").complete(&()));
    assert!(client.shutdown(TIMEOUT).is_complete);
    let trace = &memory.traces()[0];
    let texts = [&trace.session_id, &trace.user_id, &trace.group_id, &trace.name, &trace.external_identifier];
    let texts: Vec<_> = texts.into_iter().map(|text| text.as_deref().unwrap()).collect();
    assert_eq!(texts, ["chat-7", "u-1", "team", "triage", "order-17"]);
    assert_eq!(trace.tags, ["beta", "eu"]);
    assert_eq!(trace.metadata::<Value>().unwrap(), json!({ "plan": "gold", "session_id": "replaced" }));
    assert_eq!(memory.spans()[0].trace.session_id.as_deref(), Some("chat-7"));
}

#[test]
fn facts_of_a_run_are_sent_with_its_top_spans_alone() {
    let trace = Trace::new();
    let run = trace.client.register(registration());
    run.in_scope(|| {
        let outer = span("test:outer");
        let _entered = outer.start_as_current(&json!({ "question": "why" }));
        span("test:inner").complete(&());
    });
    run.in_scope(|| span("test:own").start(&json!({ "metadata": "mine" })));
    let _ = trace.flushed();
    let stored = trace.stored_of(&run);
    let facts = json!({
        "plan": "gold", "session_id": "chat-7", "user_id": "u-1", "group_id": "team", "workflow_name": "triage",
        "tags": ["beta", "eu"],
    });
    assert_eq!(stored.span("test:outer").payload, json!({ "question": "why", "metadata": facts }));
    assert_eq!(
        stored.span("test:own").payload,
        json!({ "metadata": "mine", "run": facts }),
        "nothing is replaced"
    );
    assert_eq!(stored.span("test:inner").payload, json!({}));
}

#[test]
fn registration_names_what_was_set() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let id = "013xrzp12g3nqk8n0000000000000000";
    let registration = Registration::new("tester")
        .with_id(id.parse().unwrap())
        .with_external_identifier("order-17")
        .with_agent_id("agent")
        .with_environment_id("environment")
        .with_purpose(Purpose::SmokeTest);
    client.register(registration).start();
    assert!(client.flush(TIMEOUT).is_complete);
    let requests = recorder.requests();
    let request = requests.iter().find(|request| request.path.ends_with("/register")).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let told = ["id", "external_identifier", "agent_id", "environment_id", "purpose"].map(|name| &body[name]);
    assert_eq!(json!(told), json!([id, "order-17", "agent", "environment", "smoke_test"]));
}

#[test]
fn adapters_are_named_in_the_header_and_in_registrations() {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let builder = Client::builder().api_url(server.url()).api_token(server.token());
    let builder = builder
        .sdk_entry("prefactor-rig@0.1.0")
        .sdk_entry("@me/adapter@2.0.0")
        .sdk_entry("prefactor-rig@0.1.0");
    let client = builder.build().unwrap();
    client.register("tester").start();
    assert!(client.shutdown(TIMEOUT).is_complete);
    let ledger = oracle.ledger();
    for request in ledger.requests() {
        let header = request.header("x-prefactor-sdk").unwrap();
        assert!(header.starts_with("prefactor-rig@0.1.0 @me/adapter@2.0.0 prefactor-rust@"), "{header}");
    }
    let version = &list::<Value>(&server, "agent_version")[0];
    assert_eq!(
        version["runtime_environment"]["agent_sdk"],
        json!(["prefactor-rig@0.1.0", "@me/adapter@2.0.0"])
    );
}

#[test]
fn child_with_adapters() {
    if std::env::var_os("PREFACTOR_TEST_ADAPTERS").is_none() {
        return;
    }
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let builder = Client::builder().api_url(server.url()).api_token(server.token());
    let client = builder.sdk_entry("mine@1.0.0").build().unwrap();
    let registered = |version: &str| {
        client.register(Agent::new("tester").with_version(version.to_owned())).start();
        assert!(client.flush(TIMEOUT).is_complete);
        let versions = list::<Value>(&server, "agent_version");
        let found = versions.iter().find(|row| row["external_identifier"] == version).unwrap();
        let ledger = oracle.ledger();
        let header = ledger.requests().iter().rev().find_map(|request| request.header("x-prefactor-sdk"));
        let header = header.unwrap().to_owned();
        (found["runtime_environment"]["agent_sdk"].clone(), header)
    };
    let (before, header) = registered("1");
    assert_eq!(before, json!(["mine@1.0.0"]));
    assert!(header.starts_with("mine@1.0.0 prefactor-rust@"), "{header}");
    prefactor::adapters::announce("layer", "0.1.0");
    for (name, version) in
        [("layer", "0.1.0"), ("mine", "1.0.0"), ("two words", "1"), ("", "1"), ("a\r\nb", "1")]
    {
        prefactor::adapters::announce(name, version);
    }
    prefactor::adapters::announce("long", Box::leak("9".repeat(200).into_boxed_str()));
    let (after, header) = registered("2");
    assert_eq!(after, json!(["mine@1.0.0", "layer@0.1.0"]));
    assert!(header.starts_with("mine@1.0.0 layer@0.1.0 prefactor-rust@"), "{header}");
    for number in 0..100 {
        prefactor::adapters::announce("many", Box::leak(number.to_string().into_boxed_str()));
    }
    assert_eq!(registered("3").0.as_array().unwrap().len(), 1 + 15, "the bound; `mine` was named twice");
    println!("all good");
}

/// The test has a process of its own, because the names are those of the process.
#[test]
fn adapters_that_name_themselves_are_in_registrations_and_headers_from_then_on() {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["registration::child_with_adapters", "--exact", "--nocapture"]);
    let output = command.env("PREFACTOR_TEST_ADAPTERS", "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("all good"), "{text}");
}

#[test]
fn registration_names_the_compiler_and_the_system() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    client.register("tester").start();
    assert!(client.flush(TIMEOUT).is_complete);
    let requests = recorder.requests();
    let request = requests.iter().find(|request| request.path.ends_with("/register")).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let environment = &body["agent_version"]["runtime_environment"];
    let version = environment["runtime"].as_str().unwrap().strip_prefix("rust@").unwrap();
    assert_eq!(version.split('.').take(2).filter(|part| part.parse::<u32>().is_ok()).count(), 2, "{version}");
    let os = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
    assert_eq!(environment["os"], json!(os));
    assert!(environment["prefactor_sdk"][0].as_str().unwrap().starts_with("prefactor-rust@"));
}
