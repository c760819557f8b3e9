//! The server finds each record valid, and tells other values apart.

use std::fmt::Write as _;

use prefactor::{AgentInstance, Client, RedactionMode, span};
use prefactor_local::Server;
use prefactor_tests::stored::{StoredSpan, get, list};
use serde_json::{Value, json};

use crate::corpus::corpus;
use crate::{TIMEOUT, builder};

/// Does the work in a run of its own, and returns its spans with the server's checks.
fn checked(server: &Server, client: &Client, work: &dyn Fn(&AgentInstance)) -> Vec<(StoredSpan, Value)> {
    let run = client.register("tester");
    run.in_scope(|| work(&run));
    assert!(client.flush(TIMEOUT).is_complete);
    let id = run.id().unwrap();
    let spans: Vec<StoredSpan> = list(server, &format!("agent_spans?agent_instance_id={id}"));
    spans
        .into_iter()
        .map(|span| {
            let detail: Value = get(server, &format!("/api/v1/agent_spans/{}", span.id));
            let checks = json!({
                "payload": detail["details"]["payload_validation"],
                "result": detail["details"]["result_payload_validation"],
            });
            (span, checks)
        })
        .collect()
}

fn assert_all_valid(what: &str, spans: &[(StoredSpan, Value)]) {
    assert!(!spans.is_empty(), "{what}: nothing was recorded");
    for (span, checks) in spans {
        assert_eq!(
            checks["payload"]["status"],
            "success",
            "{what}: {} {checks} {}",
            span.schema_name,
            brief(&span.payload)
        );
        if !checks["result"].is_null() {
            assert_eq!(
                checks["result"]["status"],
                "success",
                "{what}: {} {checks} {}",
                span.schema_name,
                brief(span.result())
            );
        }
    }
}

fn brief(value: &Value) -> String {
    value.to_string().chars().take(1_000).collect()
}

#[test]
fn recorded_values_match_the_contributed_schemas_whatever_stands_in_their_place() {
    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let mut recorded = String::new();
    for (what, work) in corpus() {
        let spans = checked(&server, &client, &*work);
        assert_all_valid(what, &spans);
        for (span, _) in &spans {
            writeln!(recorded, "{} {}", span.payload, span.result()).unwrap();
        }
    }
    for marker in [
        "\"$truncated\":",
        "\"$bytes\":",
        "<locked>",
        "\"NaN\"",
        "\"-Infinity\"",
        "[REDACTED]",
        "\"$sensitive\":",
        "<capture failed>",
        "<capture panicked>",
        "<too deep>",
        "... [truncated",
    ] {
        assert!(recorded.contains(marker), "the corpus has no {marker}");
    }
}

#[test]
fn marked_secrets_and_silent_clients_match_them_as_well() {
    let server = Server::start().unwrap();
    for builder in [
        builder(&server).redaction(RedactionMode::Mark),
        builder(&server).redaction(RedactionMode::Off),
        builder(&server).capture_inputs(false).capture_outputs(false),
    ] {
        let client = builder.build().unwrap();
        for (what, work) in corpus() {
            assert_all_valid(what, &checked(&server, &client, &*work));
        }
    }
}

#[test]
fn schemas_tell_other_values_apart() {
    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let spans = checked(&server, &client, &|_| {
        let by_hand = span("program:plain");
        by_hand.start(&json!({ "count": "three", "list": [1, "two"] }));
        by_hand.complete(&json!({ "result": "text" }));
        let by_hand = span("program:ask");
        by_hand.start(&json!({ "messages": [{ "role": "nobody" }] }));
        by_hand.complete(&json!({ "content": 5 }));
    });
    for (span, checks) in spans {
        let (payload, result) = (checks["payload"]["message"].to_string(), &checks["result"]["status"]);
        assert_eq!((&checks["payload"]["status"], result), (&json!("error"), &json!("error")), "{checks}");
        let place = if span.schema_name == "program:plain" { "/count" } else { "/messages" };
        assert!(payload.contains(place), "{payload}");
    }
}
