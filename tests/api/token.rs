//! Sources of the token, and changes of it while the program runs.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use prefactor::{Client, RedactionMode, span};
use prefactor_local::Server;
use serde_json::{Value, json};

use crate::support::{TIMEOUT, Trace, post};
use prefactor_tests::stored::list;

/// A token that the server makes, with its id.
fn new_token(server: &Server) -> (String, String) {
    let environment = list::<Value>(server, "environment")[0]["account_id"].clone();
    let body = json!({ "details": { "token_scope": "account", "account_id": environment } });
    let (status, answer) = post(server, "/api/v1/api_token", &body.to_string());
    assert_eq!(status, 200, "{answer}");
    (answer["token"].as_str().unwrap().into(), answer["details"]["id"].as_str().unwrap().into())
}

fn revoke(server: &Server, id: &str) {
    let (status, answer) = post(server, &format!("/api/v1/api_token/{id}/revoke"), "{}");
    assert_eq!(status, 200, "{answer}");
}

/// A file of its own in the tests' folder.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

/// A span before the token is replaced, and one after it: both arrive, and no request opens the circuit.
fn survives_rotation(client: &Client, server: &Server, rotate: impl FnOnce()) {
    let run = client.register("tester");
    run.in_scope(|| span("test:before").complete(&()));
    assert!(client.flush(TIMEOUT).is_complete);
    rotate();
    run.in_scope(|| span("test:after").complete(&()));
    let report = client.flush(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 2, "{report}");
    let names: Vec<_> =
        list::<Value>(server, &format!("agent_spans?agent_instance_id={}", run.id().unwrap()))
            .iter()
            .map(|span| span["schema_name"].clone())
            .collect();
    assert_eq!(names, ["test:before", "test:after"]);
}

#[test]
fn token_file_that_is_replaced_is_read_again_when_the_api_refuses_the_old_token() {
    let server = Server::start().unwrap();
    let path = file("token");
    let (token, id) = new_token(&server);
    fs::write(&path, format!("{token}\n")).unwrap();
    let client = Client::builder().api_url(server.url()).api_token_file(&path).build().unwrap();
    survives_rotation(&client, &server, || {
        fs::write(&path, new_token(&server).0).unwrap();
        revoke(&server, &id);
    });
    fs::remove_file(path).unwrap();
}

#[test]
fn token_provider_is_asked_again_when_the_api_refuses_the_old_token() {
    let server = Server::start().unwrap();
    let (token, id) = new_token(&server);
    let current = Arc::new(Mutex::new(token));
    let given = Arc::clone(&current);
    let builder = Client::builder().api_url(server.url());
    let client = builder.api_token_provider(move || Ok(given.lock().unwrap().clone())).build().unwrap();
    survives_rotation(&client, &server, || {
        *current.lock().unwrap() = new_token(&server).0;
        revoke(&server, &id);
    });
}

#[test]
fn spans_wait_for_a_provider_that_fails_at_first() {
    let server = Server::start().unwrap();
    let token = server.token().to_owned();
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let provide = move || {
        let mut calls = counted.lock().unwrap();
        *calls += 1;
        if *calls < 3 { Err("canary: the vault is closed".into()) } else { Ok(token.clone()) }
    };
    let client = Client::builder().api_url(server.url()).api_token_provider(provide).build().unwrap();
    client.register("tester").in_scope(|| span("test:patient").complete(&()));
    let report = client.shutdown(TIMEOUT);
    assert_eq!((report.stats.created, report.stats.acknowledged), (1, 1), "{report}");
    assert!(*calls.lock().unwrap() >= 3);
}

#[test]
fn address_that_ends_in_api_v1_works() {
    let server = Server::start().unwrap();
    for suffix in ["/api/v1", "/api/v1/"] {
        let url = format!("{}{suffix}", server.url());
        let client = Client::builder().api_url(url).api_token(server.token()).build().unwrap();
        client.register("tester").in_scope(|| span("test:one").complete(&()));
        let report = client.shutdown(TIMEOUT);
        assert_eq!(report.stats.acknowledged, 1, "{suffix}: {report}");
    }
}

#[test]
fn redaction_that_is_off_leaves_secrets_to_the_rules_of_the_program() {
    let server = Server::start().unwrap();
    let client = Client::builder()
        .api_url(server.url())
        .api_token(server.token())
        .redaction(RedactionMode::Off)
        .redact(|name, _| (name == "email").then(|| "[mine]".to_owned()))
        .build()
        .unwrap();
    let instance = client.register("tester");
    let trace = Trace { server, client, instance };
    trace.instance.in_scope(|| {
        span("test:open").complete(&json!({ "password": "hunter22", "pin": 1234, "email": "a@b.c" }));
    });
    let stored = trace.finish();
    assert_eq!(
        stored.span("test:open").result(),
        &json!({ "password": "hunter22", "pin": 1234, "email": "[mine]" })
    );
}
