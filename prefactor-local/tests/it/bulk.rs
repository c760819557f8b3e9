use serde_json::{Value, json};

use crate::client::{id, span, start};

#[test]
fn items_run_in_order_and_answer_as_single_requests_do() {
    let client = start();
    let instance = client.register();
    let spans = [client.span(&instance, "active"), client.span(&instance, "active")];
    let answer = client.post(
        "bulk",
        &json!({"items": [
            {"_type": "agent_instances/register", "idempotency_key": "register-1", "agent_version": {}},
            {"_type": "agent_instances/start", "idempotency_key": "start-001", "id": instance},
            {"_type": "agent_spans/create", "idempotency_key": "create-01", "agent_instance_id": instance,
             "schema_name": "flat", "status": "active"},
            {"_type": "agent_spans/create", "idempotency_key": "create-02", "details": span(&instance, "complete")["details"]},
            {"_type": "agent_spans/finish", "idempotency_key": "finish-01", "id": spans[0]},
            {"_type": "agent_spans/finish", "idempotency_key": "finish-02", "agent_span_id": spans[1], "status": "failed"},
            {"_type": "agent_instances/finish", "idempotency_key": "finish-03", "agent_instance_id": instance},
        ]}),
    );
    assert_eq!(answer.http, 200);
    let outputs = answer.body["outputs"].as_object().unwrap();
    assert_eq!(outputs.len(), 7);
    for (key, output) in outputs {
        assert_eq!(output["status"], "success", "{key}: {output}");
    }
    assert_eq!(outputs["start-001"]["details"]["status"], "active");
    assert_eq!(outputs["create-01"]["details"]["schema_name"], "flat");
    assert_eq!(outputs["create-01"]["details"]["payload"], json!({}));
    assert_eq!(outputs["finish-02"]["details"]["status"], "failed");
    assert_eq!(outputs["finish-03"]["details"]["span_counts"]["total"], 4);
}

#[test]
fn first_refusal_ends_the_request_and_keeps_what_came_before() {
    let client = start();
    let instance = client.running();
    let create = |key: &str, status: &str| json!({"_type": "agent_spans/create", "idempotency_key": key, "details": span(&instance, status)["details"]});
    for (round, broken) in [
        create("second-01", "nonsense"),
        json!({"_type": "agents/explode", "idempotency_key": "second-01"}),
        json!({"_type": "agent_spans/finish", "idempotency_key": "second-01"}),
    ]
    .into_iter()
    .enumerate()
    {
        let first = format!("first-0{round}");
        let before = client.span_count(&instance).as_u64().unwrap();
        let items = json!([create(&first, "complete"), broken, create("third-001", "complete")]);
        let answer = client.post("bulk", &json!({"items": items}));
        assert_eq!(answer.http, 200);
        let outputs = answer.body["outputs"].as_object().unwrap();
        assert_eq!(outputs.keys().map(String::as_str).collect::<Vec<_>>(), [first.as_str(), "second-01"]);
        assert_eq!(outputs["second-01"]["status"], "error");
        assert_eq!(outputs["second-01"]["code"], "validation_errors");
        assert!(outputs["second-01"]["errors"].is_object());
        assert_eq!(client.span_count(&instance), before + 1);
    }
}

/// These items can be read, and are refused when their turn comes.
#[test]
fn item_that_the_state_of_its_object_forbids_ends_the_request_too() {
    let client = start();
    let instance = client.running();
    let finished = client.span(&instance, "complete");
    let nowhere = "0".repeat(32);
    for (round, (refused, code)) in [
        (json!({"_type": "agent_spans/finish", "agent_span_id": finished}), "invalid_action"),
        (json!({"_type": "agent_instances/start", "agent_instance_id": instance}), "invalid_action"),
        (json!({"_type": "agent_spans/finish", "agent_span_id": nowhere}), "not_found"),
        (json!({"_type": "agents/show", "agent_id": nowhere}), "not_found"),
    ]
    .into_iter()
    .enumerate()
    {
        let (first, third) = (format!("first-0{round}"), format!("third-0{round}"));
        let mut refused = refused;
        refused["idempotency_key"] = format!("second-{round}").into();
        let create = |key: &str| json!({"_type": "agent_spans/create", "idempotency_key": key, "details": span(&instance, "active")["details"]});
        let before = client.span_count(&instance).as_u64().unwrap();
        let answer = client.post("bulk", &json!({"items": [create(&first), refused, create(&third)]}));
        let outputs = answer.body["outputs"].as_object().unwrap();
        assert_eq!(outputs.len(), 2, "{refused}: {}", answer.text);
        assert_eq!(outputs[&format!("second-{round}")]["code"], code, "{}", answer.text);
        assert_eq!(client.span_count(&instance), before + 1, "{refused}");
    }
}

#[test]
fn key_is_the_same_in_bulk_and_alone() {
    let client = start();
    let instance = client.running();
    let mut item = json!({"_type": "agent_spans/create", "idempotency_key": "shared-key"});
    item["details"] = span(&instance, "complete")["details"].clone();
    let in_bulk = client.post("bulk", &json!({"items": [item]}));
    let mut alone = span(&instance, "complete");
    alone["idempotency_key"] = "shared-key".into();
    let alone = client.post("agent_spans", &alone);
    assert_eq!(in_bulk.body["outputs"]["shared-key"], alone.body);
    assert_eq!(client.span_count(&instance), 1);
}

#[test]
fn terminated_instance_signals_in_each_output() {
    let client = start();
    let instance = client.running();
    client.make(&format!("agent_instance/{instance}/terminate"), &json!({"reason": "r"}));
    let item = json!({"_type": "agent_spans/create", "idempotency_key": "12345678", "details": span(&instance, "complete")["details"]});
    let answer = client.post("bulk", &json!({"items": [item]}));
    assert_eq!(answer.body["outputs"]["12345678"]["control"], json!({"terminate": true, "reason": "r"}));
}

#[test]
fn items_that_cannot_be_told_apart_are_refused_before_anything_is_done() {
    let client = start();
    let item = |key: Value| json!({"_type": "agent_instances/register", "idempotency_key": key});
    for (items, named) in [
        (Value::Null, "items"),
        (json!([]), "items"),
        (json!({}), "items"),
        (json!([item(json!("12345678")), item(json!("1234567"))]), "idempotency_key"),
        (json!([item(json!("12345678")), item(json!("12345678"))]), "idempotency_key"),
        (json!([item(json!("12345678")), item(json!("x".repeat(65)))]), "idempotency_key"),
        (json!([item(json!("12345678")), item(Value::Null)]), "idempotency_key"),
        (json!([item(json!("12345678")), {"idempotency_key": "23456789"}]), "_type"),
    ] {
        assert_eq!(client.post("bulk", &json!({"items": items})).invalid_fields(), [named], "{items}");
    }
    assert!(client.post("bulk", &json!({"items": [1]})).is_error(400, "bad_request"));
    assert_eq!(client.get("agent_instance").body["pagination"]["item_count"], 0);
}

#[test]
fn outputs_stand_in_the_order_of_their_items() {
    let client = start();
    let keys = ["zzzzzzzz", "aaaaaaaa", "\"quoted\""];
    let items: Vec<_> =
        keys.iter().map(|key| json!({"_type": "agent_instances/register", "idempotency_key": key})).collect();
    let answer = client.post("bulk", &json!({"items": items}));
    let ids: Vec<_> = keys.iter().map(|key| id(&answer.body["outputs"][key]["details"])).collect();
    assert!(ids.is_sorted());
    let positions: Vec<_> = ids.iter().map(|id| answer.text.find(id.as_str())).collect();
    assert!(positions.is_sorted());
}
