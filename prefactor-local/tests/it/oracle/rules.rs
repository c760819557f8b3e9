use prefactor_local::oracle::{Fault, Item, Kind, Rejection, Rule};
use serde_json::json;

use super::client::{bulk, watched};
use crate::client::span;

#[test]
fn rules_choose_by_method_path_place_and_condition() {
    let it = watched();
    it.oracle.inject(Rule::new(Fault::status(503)).method("GET").path("/agent_instance/*"));
    it.oracle.inject(Rule::new(Fault::status(500)).path("/agent_spans").skip(1).times(1));
    it.oracle.inject(Rule::body_limit(4_000));
    it.oracle.inject(
        Rule::new(Fault::status(403)).when(|request| request.header("x-unwanted").is_some()).times(1),
    );
    assert_eq!(it.client.get(&format!("agent_instance/{}", it.instance)).http, 503);
    let mut statuses = Vec::new();
    for key in ["k1", "k2", "k3"] {
        statuses.push(it.client.post("agent_spans", &it.create(key, "complete")).http);
    }
    assert_eq!(statuses, [200, 500, 200]);
    let mut long = it.create("k4", "complete");
    long["details"]["payload"] = json!({"text": "x".repeat(4_000)});
    assert!(it.client.post("agent_spans", &long).is_error(413, "payload_too_large"));
    it.oracle.heal();
    assert_eq!(it.client.post("agent_spans", &long).http, 200);
    assert_eq!(it.spans(), 3);
}

#[test]
fn path_of_the_api_may_be_missing() {
    let it = watched();
    it.oracle.inject(Rule::new(Fault::status(405)).path("/bulk"));
    assert!(it.client.post("bulk", &bulk(&[])).is_error(405, "method_not_allowed"));
}

#[test]
fn single_actions_are_rejected_alone_and_in_bulk_where_bulk_ends_with_them() {
    let it = watched();
    let is_poisoned = |item: &Item| item.text.contains("poison");
    it.oracle.reject(Rejection::new(422, is_poisoned).field("payload", "is poisoned"));
    let mut poisoned = it.create("key-0002", "complete");
    poisoned["details"]["payload"] = json!({"is": "poison"});
    assert_eq!(it.client.post("agent_spans", &poisoned).invalid_fields(), ["payload"]);
    poisoned["_type"] = "agent_spans/create".into();
    let items = bulk(&[it.item("key-0001", "complete"), poisoned.clone(), it.item("key-0003", "complete")]);
    let answer = it.client.post("bulk", &items);
    assert_eq!(answer.http, 200);
    assert_eq!(answer.body["outputs"]["key-0001"]["status"], "success");
    assert_eq!(answer.body["outputs"]["key-0002"]["errors"]["payload"][0], "is poisoned");
    assert_eq!(answer.body["outputs"].as_object().unwrap().len(), 2);
    let answer = it.client.post("bulk", &bulk(&[poisoned]));
    assert_eq!(answer.body["outputs"]["key-0002"]["code"], "validation_errors");
    assert_eq!(it.spans(), 1);
}

#[test]
fn item_may_break_the_whole_request() {
    let it = watched();
    it.oracle.reject(Rejection::new(500, |item| item.key.as_deref() == Some("key-0002")));
    let items = bulk(&[it.item("key-0001", "complete"), it.item("key-0002", "complete")]);
    assert!(it.client.post("bulk", &items).is_error(500, "internal_error"));
    assert_eq!(it.spans(), 1, "what came before it took effect");
}

#[test]
fn kinds_ids_states_and_instances_may_be_rejected() {
    let it = watched();
    let other = it.client.running();
    let refused = other.clone();
    it.oracle.reject(
        Rejection::new(422, |item| item.in_bulk && item.kind == Kind::FinishSpan)
            .field("_type", "is not supported"),
    );
    it.oracle.reject(
        Rejection::new(422, |item| item.kind == Kind::CreateSpan && item.id.is_some())
            .field("id", "has the wrong partition"),
    );
    it.oracle.reject(Rejection::new(409, |item| {
        item.kind == Kind::FinishSpan && item.status.as_deref() == Some("cancelled")
    }));
    it.oracle.reject(
        Rejection::new(403, move |item| item.instance.as_deref() == Some(&refused)).code("not_yours"),
    );
    let open = it.client.span(&it.instance, "active");
    let finish = json!({"_type": "agent_spans/finish", "idempotency_key": "key-0001", "id": open});
    let answer = it.client.post("bulk", &bulk(&[finish]));
    assert!(answer.body["outputs"]["key-0001"]["errors"]["_type"].is_array(), "{}", answer.text);
    let mut named = it.create("key-0002", "active");
    named["details"]["id"] = open.as_str().into();
    assert_eq!(it.client.post("agent_spans", &named).invalid_fields(), ["id"]);
    let path = format!("agent_spans/{open}/finish");
    assert!(it.client.post(&path, &json!({"status": "cancelled"})).is_error(409, "invalid_action"));
    assert!(it.client.post("agent_spans", &span(&other, "active")).is_error(403, "not_yours"));
    assert!(it.client.post(&path, &json!({"status": "failed"})).body["details"].is_object());
}
