//! Effects of a schema version on spans: checks, summaries, sensitive values.

use serde_json::{Value, json};

use crate::client::{Client, id, start};

fn running(client: &Client, span_type: &Value) -> String {
    let schema = json!({"external_identifier": "s", "span_type_schemas": [span_type]});
    let instance = id(&client.make("agent_instance/register", &json!({"agent_schema_version": schema})));
    client.make(&format!("agent_instance/{instance}/start"), &json!({}));
    instance
}

fn span(client: &Client, instance: &str, payload: &Value, result: &Value, sensitive: bool) -> String {
    let details = json!({"agent_instance_id": instance, "schema_name": "a:call", "status": "complete", "payload": payload,
                         "result_payload": result, "sensitive_encoding": sensitive});
    id(&client.make("agent_spans", &json!({"details": details})))
}

fn shown(client: &Client, span: &str, query: &str) -> Value {
    client.get(&format!("agent_spans/{span}{query}")).body["details"].clone()
}

#[test]
fn mismatch_blocks_nothing_and_is_told_without_the_value() {
    let client = start();
    let instance = running(
        &client,
        &json!({"name": "a:call", "params_schema": {"required": ["model"], "properties": {"key": {"type": "integer"}}},
                "result_schema": {"type": "object"}}),
    );
    let good = shown(&client, &span(&client, &instance, &json!({"model": "m"}), &json!({}), false), "");
    assert_eq!(good["payload_validation"], json!({"status": "success", "message": null}));
    assert_eq!(good["result_payload_validation"]["status"], "success");
    let bad = shown(&client, &span(&client, &instance, &json!({"key": "s3cret"}), &json!({}), false), "");
    assert_eq!((&bad["status"], &bad["payload"]), (&json!("complete"), &json!({"key": "s3cret"})));
    assert_eq!(bad["payload_validation"]["status"], "error");
    let message = bad["payload_validation"]["message"].as_str().unwrap();
    assert!(
        message.contains("/key") && message.contains("model") && !message.contains("s3cret"),
        "{message}"
    );
}

#[test]
fn summary_is_rendered_when_asked_for_and_result_wins_over_payload() {
    let client = start();
    let instance = running(
        &client,
        &json!({"name": "a:call", "params_schema": {}, "template": "{{ model }} {{ text }} {{ nothing }}"}),
    );
    span(&client, &instance, &json!({"model": "m", "text": "asked"}), &json!({"text": "answered"}), false);
    let list = |query: &str| {
        client.get(&format!("agent_spans?agent_instance_id={instance}{query}")).summaries()[0]["summary"]
            .clone()
    };
    assert_eq!(list(""), Value::Null);
    assert_eq!(list("&include_summaries=true"), "m answered");
}

#[test]
fn sensitive_values_are_given_only_to_who_asks_and_are_forgotten_for_good() {
    let client = start();
    let instance = running(
        &client,
        &json!({"name": "a:call", "params_schema": {"properties": {"card": {"type": "string"}}}, "template": "{{ card }}!"}),
    );
    let mark = json!({"card": {"$sensitive": "string", "value": "4111", "labels": ["card"]}});
    let hidden = json!({"card": {"$sensitive": "string", "value": null, "labels": ["card"]}});
    let span = span(&client, &instance, &mark, &json!({}), true);
    let redacted = shown(&client, &span, "");
    assert_eq!((&redacted["payload"], &redacted["summary"]), (&hidden, &json!("!")));
    assert_eq!(redacted["payload_validation"]["status"], "success", "checked with the value");
    let listed = client.get(&format!("agent_spans?agent_instance_id={instance}&include_summaries=true"));
    assert!(!listed.text.contains("4111"), "{}", listed.text);
    let context = client.get(&format!("agent_instance/{instance}/agent_context"));
    assert!(!context.text.contains("4111"), "{}", context.text);
    assert_eq!(shown(&client, &span, "?redacted=false")["payload"], mark);
    assert_eq!(client.get(&format!("agent_spans/{span}?redacted=maybe")).invalid_fields(), ["redacted"]);
    client.make(&format!("agent_spans/{span}/discard_sensitive"), &json!({}));
    let forgotten = shown(&client, &span, "?redacted=false");
    assert_eq!((&forgotten["payload"], &forgotten["payload_validation"]), (&hidden, &Value::Null));
}

#[test]
fn costs_are_the_tokens_of_both_places_at_the_users_prices() {
    let client = start();
    let instance = running(&client, &json!({"name": "a:call", "params_schema": {}}));
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500, "cached_tokens": 400});
    span(&client, &instance, &json!({"inputs": {"model": "m-1"}, "token_usage": usage}), &json!({}), false);
    span(&client, &instance, &json!({"model": "m-1"}), &json!({"token_usage": usage}), false);
    let costs = client.get(&format!("agent_instance/{instance}")).body["details"]["cost_breakdown"].clone();
    assert_eq!(costs["groups"].as_array().map(Vec::len), Some(1), "{costs}");
    assert_eq!(costs["groups"][0]["model_name"], "m-1");
    for (field, tokens) in [("input", 1200), ("cache_read", 800), ("output", 1000)] {
        assert_eq!(costs[field], tokens, "{field}");
    }
    assert_eq!(costs["total_cost"], 0.0);
}
