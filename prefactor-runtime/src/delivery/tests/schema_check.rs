//! The question what the API finds wrong in schemas that it has taken.

use std::sync::Arc;

use serde_json::{Value, json};

use super::model::{INSTANCE_ID, error, response, success};
use super::sim::{INSTANCE, SECOND, Sim};
use crate::config::settings::Identity;
use crate::operation::{InstanceKey, InstanceRecord};
use crate::transport::SendError;
use crate::types::agent::Agent;
use crate::types::schema::registry::SchemaRegistry;
use crate::types::schema::span_type::SpanType;
use crate::types::schema::version::SchemaVersion;

const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

fn identity() -> Identity {
    let mut schemas = SchemaRegistry::new();
    schemas.add(SpanType::new("agent:plan")).unwrap();
    Identity { schema_version: Arc::new(SchemaVersion::new(schemas)), ..Identity::default() }
}

/// Runs two runs against a server that answers questions about schemas so, and returns the questions and the log.
///
/// An answer is made from the path of its question and from the identifier of the schema version that was registered last.
fn asked(
    identity: Identity,
    mut answer: impl FnMut(&str, &str) -> (u16, Value),
) -> (Vec<String>, Vec<String>) {
    let mut sim = Sim::of(identity);
    let mut questions = Vec::new();
    let mut registered = String::new();
    for (key, spans) in [(INSTANCE, 0..3), (InstanceKey(1), 10..13)] {
        if key != INSTANCE {
            sim.instance(Arc::new(InstanceRecord::new(key, Agent::new("other"))));
        }
        sim.spans(key, spans);
        sim.run(SECOND, |model, request, _| {
            let path = request.path.strip_prefix("/api/v1/").unwrap();
            if path.starts_with("agent_schema_version") {
                questions.push(path.to_owned());
                let (status, body) = answer(path, &registered);
                return (
                    MILLISECOND,
                    if status == 0 { Err(SendError::unanswered("gone")) } else { response(status, &body) },
                );
            }
            let mut answer = model.answer(request);
            if path == "agent_instance/register" {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                let mut told = success(INSTANCE_ID);
                told["details"]["agent_id"] = "agent-1".into();
                told["details"]["external_identifier"] = body["external_identifier"].clone();
                registered = body["agent_schema_version"]["external_identifier"].as_str().unwrap().to_owned();
                answer = response(200, &told);
            }
            (MILLISECOND, answer)
        });
    }
    sim.assert_settled();
    (questions, sim.log)
}

fn list(rows: &Value, next: Option<u64>) -> (u16, Value) {
    (200, json!({ "status": "success", "summaries": rows, "pagination": { "next_page_offset": next } }))
}

#[test]
fn schema_version_is_looked_for_over_pages_and_its_complaints_are_said_once() {
    let (questions, log) = asked(identity(), |path, registered| match path {
        path if path.contains("offset%5D=0") => {
            list(&json!([{ "id": "a", "external_identifier": "older" }]), Some(100))
        }
        path if path.contains("offset%5D=100") => {
            list(&json!([{ "id": "b", "external_identifier": registered }]), None)
        }
        _ => {
            let (good, bad) = (
                json!({ "status": "success", "message": null }),
                json!({ "status": "error", "message": "\"strin\" is no type" }),
            );
            let details = json!({
                "span_type_schemas": { "agent:plan": { "params_schema_validation": bad, "result_schema_validation": good } },
                "quality_schemas": { "rating": { "schema_validation": good } },
                "alert_schemas": {},
            });
            (200, json!({ "status": "success", "details": details }))
        }
    });
    assert_eq!(questions.len(), 3, "{questions:?}");
    assert!(questions[0].starts_with("agent_schema_version?agent_id=agent-1&"), "{questions:?}");
    assert_eq!(questions[2], "agent_schema_version/b");
    let [line] = &log[..] else { panic!("{log:?}") };
    assert!(line.contains("agent:plan (params_schema): \"strin\" is no type"), "{line}");
}

#[test]
fn schema_version_that_cannot_be_read_costs_one_question_and_no_line() {
    for (status, body) in [
        (401, error("bad_authtoken")),
        (403, error("forbidden")),
        (404, error("not_found")),
        (500, json!("no")),
        (200, json!([])),
        (0, Value::Null),
    ] {
        let (questions, log) = asked(identity(), |_, _| (status, body.clone()));
        assert_eq!((questions.len(), log.len()), (1, 0), "{status}: {questions:?} {log:?}");
    }
}

#[test]
fn list_that_has_no_end_is_given_up() {
    let mut next = 0;
    let (questions, log) = asked(identity(), |_, _| {
        next += 1;
        list(&json!([]), Some(next))
    });
    assert_eq!((questions.len(), log.len()), (20, 0));
    let (questions, _) = asked(identity(), |_, _| list(&json!([]), Some(0)));
    assert_eq!(questions.len(), 1, "an offset that does not grow is the end");
}

#[cfg(not(feature = "schemas"))]
#[test]
fn client_that_says_no_types_asks_nothing() {
    assert_eq!(asked(Identity::default(), |_, _| unreachable!()).0, Vec::<String>::new());
}

/// The second run is registered with the names that the first run's spans had.
#[cfg(feature = "schemas")]
#[test]
fn names_of_spans_are_asked_about_from_the_second_run_on_as_they_were_registered() {
    let (questions, _) = asked(Identity::default(), |path, registered| {
        assert_ne!(registered, "prefactor-rust-untyped");
        if path.contains('?') {
            return list(&json!([{ "id": "second", "external_identifier": registered }]), None);
        }
        (404, error("not_found"))
    });
    assert_eq!(questions.len(), 2, "{questions:?}");
    assert_eq!(questions[1], "agent_schema_version/second");
}
