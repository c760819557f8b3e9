use serde_json::{Value, json};

use crate::client::{Connection, raw, span, start, status};

#[test]
fn body_that_is_no_json_object_is_a_bad_request() {
    let client = start();
    let deep = format!("{}{}", r#"{"details":"#, "[".repeat(200));
    for body in ["{", "[]", "1", "null", "\"x\"", "{\"a\":1}}", "{\"a\":\"\u{1}\"}", &deep] {
        let answer = client.post_text("agent_spans", body);
        assert!(answer.is_error(400, "bad_request"), "{body:?}: {answer:?}");
    }
}

#[test]
fn body_that_is_not_utf_8_is_a_bad_request() {
    let client = start();
    let host = format!("Host: {}", client.server.address());
    let kind = "Content-Type: application/json";
    let head = ["POST /api/v1/bulk HTTP/1.1", &host, "Authorization: Bearer x", kind, "Content-Length: 2"];
    assert_eq!(status(&raw(&client.server, &head, &[0xff, 0xfe])), 400);
}

#[test]
fn unknown_identifier_is_not_found() {
    let client = start();
    for path in [
        "agent_instance/nope",
        "agent/nope",
        "nope",
        "agent_instance/a/b/c",
        "agent_instance/..%2f",
        "agent_instance/%ff",
    ] {
        assert!(client.get(path).is_error(404, "not_found"), "{path}");
    }
    for path in [
        "agent_instance/nope/start",
        "agent_instance/nope/finish",
        "agent_spans/nope/finish",
        "agent_spans/%ff/finish",
        "nope",
    ] {
        assert!(client.post(path, &json!({})).is_error(404, "not_found"), "{path}");
    }
    assert!(client.post("agent_instance/nope/terminate", &json!({"reason": "r"})).is_error(404, "not_found"));
    assert!(client.post("agent_spans", &span("nope", "active")).is_error(404, "not_found"));
}

/// The client gets the answer, and keeps the connection, even if it first sends more than fits into sockets.
#[test]
fn refused_request_is_read_before_it_is_answered() {
    let client = start();
    let (ours, token) = (format!("Host: {}", client.server.address()), "Authorization: Bearer x");
    for (line, headers, http) in [
        ("POST /api/v1/nope HTTP/1.1", [ours.as_str(), token], 404),
        ("POST /nope HTTP/1.1", [&ours, token], 404),
        ("POST /api/v1/agent_instance/%ff/start HTTP/1.1", [&ours, token], 404),
        ("POST /api/v1/ping HTTP/1.1", [&ours, token], 405),
        ("GET /api/v1/ping HTTP/1.1", [&ours, token], 200),
        ("POST /api/v1/bulk HTTP/1.1", [&ours, "Authorization: none"], 401),
        ("POST /api/v1/bulk HTTP/1.1", ["Host: evil.example", token], 403),
    ] {
        let mut connection = Connection::to(&client.server);
        let mut head = vec![line, "Content-Length: 8388608"];
        head.extend(headers);
        assert_eq!(status(&connection.ask(&head, &vec![b' '; 8 << 20])), http, "{line} {headers:?}");
        let answer = connection.ask(&["GET /api/v1/ping HTTP/1.1", &ours, token], b"");
        assert_eq!(status(&answer), 200, "{line} {headers:?}: the connection is kept");
    }
}

#[test]
fn known_path_with_another_method_says_so() {
    let client = start();
    assert!(client.post("ping", &json!({})).is_error(405, "method_not_allowed"));
    assert!(client.get("bulk").is_error(405, "method_not_allowed"));
    let host = format!("Host: {}", client.server.address());
    let answer =
        raw(&client.server, &["DELETE /api/v1/agent_spans HTTP/1.1", &host, "Authorization: Bearer x"], b"");
    assert_eq!(status(&answer), 405);
    assert!(answer.contains(r#""code":"method_not_allowed""#), "{answer}");
}

#[test]
fn each_field_of_a_span_is_checked_and_named() {
    let client = start();
    let instance = client.running();
    for (field, value) in [
        ("agent_instance_id", Value::Null),
        ("agent_instance_id", json!(1)),
        ("schema_name", json!(" ")),
        ("status", Value::Null),
        ("status", json!("terminated")),
        ("status", json!("done")),
        ("payload", json!([])),
        ("result_payload", json!("text")),
        ("started_at", json!("2026-01-31")),
        ("finished_at", json!(1_769_860_800)),
        ("sensitive_encoding", json!("yes")),
        ("id", json!({})),
        ("parent_span_id", json!(1)),
    ] {
        let mut body = span(&instance, "complete");
        body["details"][field] = value.clone();
        assert_eq!(client.post("agent_spans", &body).invalid_fields(), [field], "{value}");
    }
    assert_eq!(client.span_count(&instance), 0);
}

#[test]
fn all_problems_of_a_request_are_named_in_one_answer() {
    let client = start();
    let answer = client.post("agent_spans", &json!({"details": {"payload": 1}}));
    assert_eq!(answer.invalid_fields(), ["agent_instance_id", "payload", "schema_name", "status"]);
    assert_eq!(answer.body["errors"]["schema_name"], json!(["can't be blank"]));
    assert_eq!(client.post("agent_spans", &json!({})).invalid_fields(), ["details"]);
}

#[test]
fn each_field_of_a_registration_is_checked_and_named() {
    let client = start();
    for (field, value) in [
        ("agent_version", json!("1")),
        ("agent_schema_version", json!([])),
        ("purpose", json!("fun")),
        ("external_identifier", json!(1)),
        ("id", json!(1)),
    ] {
        let answer = client.post("agent_instance/register", &json!({field: value}));
        assert_eq!(answer.invalid_fields(), [field]);
    }
    for (schemas, named) in [(json!({}), "span_type_schemas"), (json!([{"params_schema": {}}]), "name")] {
        let body = json!({"agent_schema_version": {"span_type_schemas": schemas}});
        assert_eq!(client.post("agent_instance/register", &body).invalid_fields(), [named]);
    }
}

#[test]
fn body_over_8_mib_is_refused_and_one_of_8_mib_is_not() {
    let client = start();
    let instance = client.running();
    let mut body = span(&instance, "complete");
    let room = (8 << 20) - body.to_string().len() - r#""t":"""#.len();
    for (length, http) in [(room, 200), (room + 1, 413)] {
        body["details"]["payload"] = json!({"t": "x".repeat(length)});
        let answer = client.post("agent_spans", &body);
        assert_eq!(answer.http, http);
        assert!(http == 200 || answer.is_error(413, "payload_too_large"));
    }
}
