use serde_json::{Value, json};

use crate::client::{id, span, start};

#[test]
fn span_has_every_field_that_readers_require() {
    let client = start();
    let schema = json!({"external_identifier": "s", "span_type_schemas": [
        {"name": "test:step", "title": "A step", "params_schema": {}, "result_schema": null}]});
    let instance = id(&client.make("agent_instance/register", &json!({"agent_schema_version": schema})));
    let details = client.make("agent_spans", &span(&instance, "active"));
    assert_eq!(details["type"], "agent_span");
    assert_eq!(details["agent_instance_id"], instance);
    assert_eq!(details["schema_title"], "A step");
    assert_eq!(details["sensitive_encoding"], false);
    assert_eq!(details["payload_byte_size_estimate"], 2);
    assert_eq!(details["purpose"], "activity");
    for field in ["id", "account_id", "agent_id"] {
        assert_eq!(details[field].as_str().map(str::len), Some(32), "{field}");
    }
    for field in ["parent_span_id", "result_payload", "summary", "risk_level", "risk_score", "finished_at"] {
        assert_eq!(details.get(field), Some(&Value::Null), "{field}");
    }
    for field in ["started_at", "inserted_at", "updated_at"] {
        assert!(details[field].is_string(), "{field}");
    }
}

#[test]
fn active_span_can_be_finished_in_every_way_once() {
    let client = start();
    let instance = client.running();
    for status in ["complete", "failed", "cancelled"] {
        let path = format!("agent_spans/{}/finish", client.span(&instance, "active"));
        let body = json!({"status": status, "result_payload": {"n": 1}, "timestamp": "2030-01-01T00:00:00Z"});
        let details = client.make(&path, &body);
        assert_eq!(details["status"], status);
        assert_eq!(details["result_payload"], json!({"n": 1}));
        assert_eq!(details["finished_at"], "2030-01-01T00:00:00.000000Z");
        assert!(client.post(&path, &body).is_error(409, "invalid_action"));
    }
}

#[test]
fn pending_span_has_not_started_and_can_only_be_cancelled() {
    let client = start();
    let instance = client.running();
    let details = client.make("agent_spans", &span(&instance, "pending"));
    assert_eq!(details["started_at"], Value::Null);
    let path = format!("agent_spans/{}/finish", id(&details));
    for status in ["complete", "failed"] {
        assert!(client.post(&path, &json!({"status": status})).is_error(409, "invalid_action"));
    }
    let cancelled = client.make(&path, &json!({"status": "cancelled"}));
    assert_eq!(cancelled["status"], "cancelled");
    assert!(cancelled["started_at"].is_string());
    assert_eq!(cancelled["started_at"], cancelled["finished_at"]);
}

#[test]
fn span_created_in_its_final_state_is_finished_at_once() {
    let client = start();
    let instance = client.running();
    for status in ["complete", "failed", "cancelled"] {
        let details = client.make("agent_spans", &span(&instance, status));
        assert!(details["started_at"].is_string() && details["finished_at"].is_string(), "{status}");
        let again = client.post(&format!("agent_spans/{}/finish", id(&details)), &json!({}));
        assert!(again.is_error(409, "invalid_action"), "{status}");
    }
}

#[test]
fn spans_are_accepted_before_the_start_and_after_the_end_of_their_instance() {
    let client = start();
    let instance = client.register();
    client.span(&instance, "active");
    client.make(&format!("agent_instance/{instance}/start"), &json!({}));
    client.make(&format!("agent_instance/{instance}/finish"), &json!({}));
    client.span(&instance, "complete");
    assert_eq!(client.span_count(&instance), 2);
}

#[test]
fn parent_that_does_not_exist_is_kept_as_it_was_named() {
    let client = start();
    let instance = client.running();
    let mut body = span(&instance, "active");
    body["details"]["parent_span_id"] = "00000000000000000000000000000000".into();
    let child = client.make("agent_spans", &body);
    assert_eq!(child["parent_span_id"], body["details"]["parent_span_id"]);
}

#[test]
fn payloads_come_back_digit_for_digit_and_in_their_order() {
    let client = start();
    let instance = client.running();
    let payload =
        r#"{"z":12345678901234567890123,"a":1.10,"10":0,"2":-0.0,"e":1E30,"u":"\ud83d\ude00 \u0000","z":2}"#;
    let body = format!(
        r#"{{"details":{{"agent_instance_id":"{instance}","schema_name":"s","status":"complete","payload":{payload},"result_payload":{payload}}}}}"#
    );
    let created = client.post_text("agent_spans", &body);
    let listed = client.get(&format!("agent_spans?agent_instance_id={instance}"));
    for text in [created.text, listed.text] {
        assert!(text.contains(&format!(r#""payload":{payload}"#)), "{text}");
        assert!(text.contains(&format!(r#""result_payload":{payload}"#)), "{text}");
    }
}

#[test]
fn finish_keeps_the_result_that_was_given_at_the_start_unless_it_brings_one() {
    let client = start();
    let instance = client.running();
    let mut body = span(&instance, "active");
    body["details"]["result_payload"] = json!({"partial": true});
    let kept = client.make("agent_spans", &body);
    let kept = client.make(&format!("agent_spans/{}/finish", id(&kept)), &json!({"result_payload": null}));
    assert_eq!(kept["result_payload"], json!({"partial": true}));
    let replaced = client.make("agent_spans", &body);
    let replaced =
        client.make(&format!("agent_spans/{}/finish", id(&replaced)), &json!({"result_payload": {}}));
    assert_eq!(replaced["result_payload"], json!({}));
}
