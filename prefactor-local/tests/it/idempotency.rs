use std::collections::BTreeMap;

use serde_json::json;

use crate::client::{id, span, start};

#[test]
fn repeated_key_gets_the_first_answer_and_has_one_effect() {
    let client = start();
    let instance = client.running();
    let mut body = span(&instance, "active");
    body["idempotency_key"] = "key-1".into();
    let first = client.post("agent_spans", &body);
    body["details"]["schema_name"] = "another".into();
    let second = client.post("agent_spans", &body);
    assert_eq!((first.http, &first.text), (second.http, &second.text));
    assert_eq!(client.span_count(&instance), 1);
}

#[test]
fn key_counts_inside_of_details_as_well_and_is_the_same_key() {
    let client = start();
    let instance = client.running();
    let (mut inside, mut outside) = (span(&instance, "active"), span(&instance, "active"));
    inside["details"]["idempotency_key"] = "key-1".into();
    outside["idempotency_key"] = "key-1".into();
    let first = client.post("agent_spans", &inside);
    assert_eq!(first.text, client.post("agent_spans", &inside).text);
    assert_eq!(first.text, client.post("agent_spans", &outside).text);
    assert_eq!(client.span_count(&instance), 1);
}

#[test]
fn key_counts_in_the_header_as_well_and_is_the_same_key() {
    let client = start();
    let instance = client.running();
    let mut body = span(&instance, "active");
    let headers = BTreeMap::from([("Idempotency-Key".to_owned(), "key-1".to_owned())]);
    let by_header = || client.request("POST", "agent_spans", &headers, Some(&body.to_string()));
    let first = by_header();
    assert_eq!(first.text, by_header().text);
    body["idempotency_key"] = "key-1".into();
    assert_eq!(first.text, client.post("agent_spans", &body).text);
    assert_eq!(client.span_count(&instance), 1);
}

#[test]
fn every_action_repeats_its_answer() {
    let client = start();
    let register = json!({"idempotency_key": "k"});
    let first = client.post("agent_instance/register", &register);
    assert_eq!(first.text, client.post("agent_instance/register", &register).text);
    assert_eq!(client.get("agent_instance").body["pagination"]["item_count"], 1);
    let instance = id(&first.body["details"]);
    let span = client.span(&instance, "active");
    for (path, body) in [
        (format!("agent_instance/{instance}/start"), json!({"idempotency_key": "k"})),
        (format!("agent_spans/{span}/finish"), json!({"idempotency_key": "k", "status": "failed"})),
        (format!("agent_instance/{instance}/terminate"), json!({"idempotency_key": "k", "reason": "r"})),
    ] {
        let (first, second) = (client.post(&path, &body), client.post(&path, &body));
        assert_eq!((first.http, &first.text), (200, &second.text), "{path}");
    }
}

#[test]
fn one_key_names_different_requests_on_different_paths() {
    let client = start();
    let (one, two) = (client.register(), client.register());
    for instance in [&one, &two] {
        for action in ["start", "finish"] {
            client.make(&format!("agent_instance/{instance}/{action}"), &json!({"idempotency_key": "k"}));
        }
        assert_eq!(client.get(&format!("agent_instance/{instance}")).body["details"]["status"], "complete");
    }
}

#[test]
fn refused_request_may_succeed_under_its_key_later() {
    let client = start();
    let instance = client.register();
    let terminate = json!({"reason": "r", "idempotency_key": "k"});
    let path = format!("agent_instance/{instance}/terminate");
    assert!(client.post(&path, &terminate).is_error(409, "invalid_action"));
    client.make(&format!("agent_instance/{instance}/start"), &json!({}));
    assert_eq!(client.post(&path, &terminate).http, 200);
}

#[test]
fn key_may_have_64_characters_and_no_more() {
    let client = start();
    let instance = client.register();
    let path = format!("agent_instance/{instance}/start");
    for key in [json!("k".repeat(65)), json!(""), json!(7)] {
        let answer = client.post(&path, &json!({"idempotency_key": key}));
        assert_eq!(answer.invalid_fields(), ["idempotency_key"], "{key}");
    }
    assert_eq!(client.post(&path, &json!({"idempotency_key": "ü".repeat(64)})).http, 200);
}
