use serde_json::{Value, json};

use crate::client::{Client, id, start};

fn act(client: &Client, instance: &str, action: &str, body: &Value) -> crate::client::Answer {
    client.post(&format!("agent_instance/{instance}/{action}"), body)
}

#[test]
fn registered_instance_has_every_field_that_readers_require() {
    let client = start();
    let details = client.make(
        "agent_instance/register",
        &json!({"agent_version": {"name": "a", "external_identifier": "1"}, "agent_schema_version": {},
                "external_identifier": "run-1", "purpose": "eval", "unknown": 1, "agent_id": null}),
    );
    assert_eq!(details["type"], "agent_instance");
    assert_eq!(details["status"], "pending");
    assert_eq!(details["purpose"], "eval");
    assert_eq!(details["external_identifier"], "run-1");
    for field in ["id", "account_id", "agent_id", "agent_version_id", "environment_id", "agent_deployment_id"]
    {
        assert_eq!(details[field].as_str().map(str::len), Some(32), "{field}");
        assert_eq!(
            details[field].as_str().unwrap()[10..16],
            id(&details)[10..16],
            "{field} has another partition"
        );
    }
    for field in ["inserted_at", "updated_at"] {
        let text = details[field].as_str().unwrap();
        assert!(text.len() == 27 && text.ends_with('Z'), "{field}: {text}");
    }
    for field in [
        "started_at",
        "finished_at",
        "termination_reason",
        "last_activity_span_at",
        "quality_payload",
        "quality_summary",
        "cost_breakdown",
        "risk_score",
        "span_schema_counts",
    ] {
        assert_eq!(details.get(field), Some(&Value::Null), "{field}");
    }
    for field in ["quality_payloads", "quality_summaries"] {
        assert_eq!(details[field], json!({}), "{field}");
    }
    for count in ["total", "pending", "active", "complete", "failed", "cancelled", "finished"] {
        assert_eq!(details["span_counts"][count], 0, "{count}");
    }
}

#[test]
fn start_and_finish_set_status_and_the_given_instants_in_utc() {
    let client = start();
    let instance = client.register();
    let started = act(&client, &instance, "start", &json!({"timestamp": "2026-01-31T12:00:00.5+02:00"}));
    assert_eq!(started.body["details"]["status"], "active");
    assert_eq!(started.body["details"]["started_at"], "2026-01-31T10:00:00.500000Z");
    let finished =
        act(&client, &instance, "finish", &json!({"status": "failed", "timestamp": "2026-01-31T10:00:01Z"}));
    assert_eq!(finished.body["details"]["status"], "failed");
    assert_eq!(finished.body["details"]["finished_at"], "2026-01-31T10:00:01.000000Z");
    assert_eq!(client.get(&format!("agent_instance/{instance}")).body["details"]["status"], "failed");
}

#[test]
fn finish_without_a_body_means_complete_and_now() {
    let client = start();
    let instance = client.running();
    let finished = client.post_text(&format!("agent_instance/{instance}/finish"), "");
    assert_eq!(finished.body["details"]["status"], "complete");
    assert!(finished.body["details"]["finished_at"].is_string());
}

#[test]
fn start_that_comes_after_the_finish_sets_when_the_run_began() {
    let client = start();
    let instance = client.register();
    act(&client, &instance, "finish", &json!({"status": "failed", "timestamp": "2026-01-31T12:00:05Z"}));
    let started = act(&client, &instance, "start", &json!({"timestamp": "2026-01-31T12:00:00Z"}));
    assert_eq!(started.body["details"]["status"], "failed");
    assert_eq!(started.body["details"]["started_at"], "2026-01-31T12:00:00.000000Z");
    assert!(act(&client, &instance, "start", &json!({})).is_error(409, "invalid_action"));
    let late = client.register();
    act(&client, &late, "finish", &json!({"timestamp": "2026-01-31T12:00:05Z"}));
    let started = act(&client, &late, "start", &json!({}));
    assert_eq!(
        started.body["details"]["started_at"], "2026-01-31T12:00:05.000000Z",
        "no run begins after its end"
    );
}

#[test]
fn instance_is_started_once() {
    let client = start();
    let instance = client.running();
    assert!(act(&client, &instance, "start", &json!({})).is_error(409, "invalid_action"));
    act(&client, &instance, "finish", &json!({}));
    assert!(act(&client, &instance, "start", &json!({})).is_error(409, "invalid_action"));
}

#[test]
fn finished_instance_stays_as_it_ended() {
    let client = start();
    let instance = client.running();
    act(&client, &instance, "finish", &json!({}));
    for status in ["complete", "failed", "cancelled"] {
        assert!(
            act(&client, &instance, "finish", &json!({"status": status})).is_error(409, "invalid_action")
        );
    }
    assert!(act(&client, &instance, "terminate", &json!({"reason": "late"})).is_error(409, "invalid_action"));
    assert_eq!(client.get(&format!("agent_instance/{instance}")).body["details"]["status"], "complete");
}

#[test]
fn pending_instance_that_is_finished_gets_both_instants() {
    let client = start();
    for status in ["cancelled", "complete"] {
        let instance = client.register();
        let finished = act(&client, &instance, "finish", &json!({"status": status}));
        assert_eq!(finished.body["details"]["status"], status);
        assert_eq!(finished.body["details"]["started_at"], finished.body["details"]["finished_at"]);
    }
}

#[test]
fn no_client_can_finish_an_instance_as_terminated_or_unfinished() {
    let client = start();
    let instance = client.running();
    for status in ["terminated", "pending", "active", "done", ""] {
        let answer = act(&client, &instance, "finish", &json!({"status": status}));
        assert_eq!(answer.invalid_fields(), ["status"], "{status}");
    }
}

#[test]
fn termination_needs_an_active_instance_and_a_reason() {
    let client = start();
    let pending = client.register();
    assert!(act(&client, &pending, "terminate", &json!({"reason": "no"})).is_error(409, "invalid_action"));
    let instance = client.running();
    for body in [json!({}), json!({"reason": ""}), json!({"reason": "  "}), json!({"reason": null})] {
        assert_eq!(act(&client, &instance, "terminate", &body).invalid_fields(), ["reason"], "{body}");
    }
    let terminated = act(&client, &instance, "terminate", &json!({"reason": "budget"}));
    assert_eq!(terminated.body["details"]["status"], "terminated");
    assert_eq!(terminated.body["details"]["termination_reason"], "budget");
    assert!(terminated.body["details"]["finished_at"].is_string());
    assert!(act(&client, &instance, "finish", &json!({})).is_error(409, "invalid_action"));
}

#[test]
fn every_later_span_answer_of_a_terminated_instance_carries_the_signal() {
    let client = start();
    let instance = client.running();
    let before = client.post("agent_spans", &crate::client::span(&instance, "active"));
    assert_eq!(before.body.get("control"), None);
    act(&client, &instance, "terminate", &json!({"reason": "budget"}));
    let signal = json!({"terminate": true, "reason": "budget"});
    let finished = client.post(&format!("agent_spans/{}/finish", id(&before.body["details"])), &json!({}));
    assert_eq!(finished.body["control"], signal);
    assert_eq!(finished.body["details"]["status"], "complete");
    for _ in 0..2 {
        let created = client.post("agent_spans", &crate::client::span(&instance, "complete"));
        assert_eq!(created.http, 200);
        assert_eq!(created.body["control"], signal);
    }
}

#[test]
fn versions_with_a_known_identifier_are_reused_and_agents_are_known_by_name() {
    let client = start();
    let register = |name: &str, version: &str| {
        let version = json!({"name": name, "external_identifier": version});
        client.make("agent_instance/register", &json!({"agent_version": version}))
    };
    let (first, same, newer, other) =
        (register("a", "1"), register("a", "1"), register("a", "2"), register("b", "1"));
    assert_eq!(first["agent_version_id"], same["agent_version_id"]);
    assert_eq!(first["agent_deployment_id"], same["agent_deployment_id"]);
    assert_ne!(first["agent_version_id"], newer["agent_version_id"]);
    assert_eq!(first["agent_id"], newer["agent_id"]);
    assert_ne!(first["agent_id"], other["agent_id"]);
}

#[test]
fn spans_are_counted_by_status_and_by_schema_name() {
    let client = start();
    let instance = client.running();
    for status in ["pending", "active", "complete", "complete", "failed", "cancelled"] {
        client.span(&instance, status);
    }
    let details = client.get(&format!("agent_instance/{instance}")).body["details"].clone();
    let expected = json!({"total": 6, "pending": 1, "active": 1, "complete": 2, "failed": 1, "cancelled": 1, "finished": 4});
    assert_eq!(details["span_counts"], expected);
    assert_eq!(details["span_schema_counts"], json!({"by_name": {"test:step": 6}}));
}
