//! Sensitive values: the platform stores them apart, and the SDK sends them as they are, with a mark.

use prefactor::{Client, RedactionMode, Sensitive, span};
use prefactor_local::Server;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::support::{Trace, post};
use prefactor_tests::stored::get;

#[derive(Serialize)]
struct Customer {
    id: u32,
    email: Sensitive<&'static str>,
    more: Sensitive<Vec<(u64, bool, Option<f64>)>>,
}

fn customer() -> Customer {
    Customer {
        id: 7,
        email: Sensitive("a@b.c"),
        more: Sensitive(vec![(1, true, Some(0.5)), (2, false, None)]),
    }
}

#[derive(Debug)]
struct OnlyDebug(#[expect(dead_code, reason = "shown")] u8);

#[span("test:load", sensitive(key, only_debug), skip(unused))]
fn load(key: &str, only_debug: OnlyDebug, unused: u8) -> Customer {
    let _ = (key, only_debug, unused);
    customer()
}

fn marked(value: Value) -> Value {
    let kind = if value.is_number() { "number" } else { "string" };
    Value::Object(Map::from_iter([("$sensitive".to_owned(), kind.into()), ("value".to_owned(), value)]))
}

/// The span as the platform has it, with its sensitive values.
fn whole(server: &Server, id: &str) -> Value {
    get::<Value>(server, &format!("/api/v1/agent_spans/{id}?redacted=false"))["details"].clone()
}

#[test]
fn sensitive_values_go_out_with_the_platforms_mark_and_can_be_forgotten() {
    let trace = Trace::new();
    trace.instance.in_scope(|| load("sk_live_abcdefghijklmnop", OnlyDebug(3), 4));
    let stored = trace.flushed();
    let id = &stored.span("test:load").id;
    let span = whole(&trace.server, id);
    assert_eq!(span["sensitive_encoding"], true);
    assert_eq!(
        span["payload"],
        json!({
            "key": marked("sk_live_abcdefghijklmnop".into()),
            "only_debug": marked("OnlyDebug(3)".into()),
        })
    );
    assert_eq!(
        span["result_payload"],
        json!({
            "id": 7,
            "email": marked("a@b.c".into()),
            "more": [
                [marked(1.into()), marked("true".into()), marked(json!(0.5))],
                [marked(2.into()), marked("false".into()), null],
            ],
        })
    );
    let (status, _) = post(&trace.server, &format!("/api/v1/agent_spans/{id}/discard_sensitive"), "{}");
    assert_eq!(status, 200);
    assert!(!whole(&trace.server, id).to_string().contains("sk_live"), "the platform took the mark for one");
}

#[test]
fn finish_on_its_own_says_that_its_result_has_marks() {
    let trace = Trace::new();
    let span = trace.instance.span("test:slow");
    span.start(&json!({ "open": 1 }));
    trace.flushed();
    span.complete(&customer());
    let stored = trace.flushed();
    let stored = whole(&trace.server, &stored.span("test:slow").id);
    assert_eq!(stored["sensitive_encoding"], true);
    assert_eq!(stored["result_payload"]["email"], marked("a@b.c".into()));
}

#[test]
fn redaction_by_name_and_shape_marks_where_it_is_told_to() {
    let server = Server::start().unwrap();
    let builder = Client::builder().api_url(server.url()).api_token(server.token());
    let client = builder.redaction(RedactionMode::Mark).build().unwrap();
    let instance = client.register("tester");
    let trace = Trace { server, client, instance };
    let card = "card 4111 1111 1111 1111 of the customer";
    trace.instance.in_scope(|| {
        span("test:open").complete(&json!({
            "password": "hunter22", "pin": 1234, "note": card, "name": "open", "count": 3,
            "sk_live_abcdefghijklmnop": "key",
        }));
    });
    let stored = trace.flushed();
    let result = whole(&trace.server, &stored.span("test:open").id)["result_payload"].clone();
    assert_eq!(result["password"], marked("hunter22".into()));
    assert_eq!(result["pin"], marked(1234.into()));
    assert_eq!(result["note"], marked(card.into()));
    assert_eq!((&result["name"], &result["count"]), (&json!("open"), &json!(3)));
    assert!(!result.to_string().contains("sk_live"), "a key cannot be marked, so it is hidden: {result}");
}

#[test]
fn processors_are_given_a_placeholder() {
    for mode in [RedactionMode::Hide, RedactionMode::Mark] {
        let memory = prefactor::export::MemoryProcessor::new();
        let client = Client::builder().processor(memory.clone()).redaction(mode).build().unwrap();
        client.register("tester").in_scope(|| {
            span("test:seen").complete(&(json!({ "password": "hunter22" }), customer()));
        });
        let _ = client.shutdown(crate::support::TIMEOUT);
        let text = memory.spans()[0].result_json().to_owned();
        assert!(text.contains("[REDACTED]") && !text.contains("$sensitive"), "{text}");
        assert!(!text.contains("a@b.c") && !text.contains("hunter22") && !text.contains("0.5"), "{text}");
    }
}

#[test]
fn other_serializers_see_the_value_alone_and_debug_does_not_show_it() {
    assert_eq!(serde_json::to_value(Sensitive("a")).unwrap(), json!("a"));
    assert_eq!(format!("{:?}", Sensitive("a")), "Sensitive(***)");
}
