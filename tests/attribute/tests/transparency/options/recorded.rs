//! The effect of the options in the span, which exists in one of the two modes.

use futures_util::StreamExt as _;
use prefactor::Client;
use prefactor_attribute::{Recording, wait};
use serde_json::{Value, json};

use super::{Budget, Opaque, spanned};

const BUDGET: Budget = Budget { tokens: 3 };

fn payload_of<T>(schema_name: &str, body: impl FnOnce() -> T) -> Value {
    Recording::of(body).payload(schema_name).clone()
}

fn end_of<T>(schema_name: &str, body: impl FnOnce() -> T) -> (String, Value) {
    let spans = Recording::of(body);
    (spans.status(schema_name).to_owned(), spans.result(schema_name).clone())
}

#[test]
fn skip_leaves_arguments_out() {
    assert_eq!(payload_of("options:skip", || spanned::skip(Opaque(1), 2, "")), json!({ "b": 2 }));
    assert_eq!(payload_of("options:skip_all", || wait(spanned::skip_all(Opaque(1), (2, 3)))), json!({}));
}

#[test]
fn fields_add_to_arguments_and_replace_them() {
    let payload =
        payload_of("options:fields", || wait(spanned::fields(vec!["a".into(), "b".into()], BUDGET)));
    let expected = json!({
        "count": 2,
        "dotted.key": 6,
        "http.method": "GET",
        "shown": "3 tokens",
        "debugged": "Budget { tokens: 3 }",
        "b.c": "a+b",
        "type": 1,
        "budget": "replaced",
    });
    assert_eq!(payload, expected);
    let payload = payload_of("options:fields_of_body", || spanned::fields_of_expressions(2));
    assert_eq!(payload, json!({ "n": 2, "doubled": 4, "closure": 3, "nested": "many" }));
}

#[test]
fn debug_display_with_rename_and_redact_shape_arguments() {
    let payload = payload_of("options:spellings", || {
        spanned::spellings(BUDGET, BUDGET, &Opaque(1), &[1, 2], 7, "secret")
    });
    let expected = json!({
        "first": "Budget { tokens: 3 }",
        "b": "3 tokens",
        "c": 1,
        "d": 2,
        "type": 7,
        "f": "[REDACTED]",
    });
    assert_eq!(payload, expected);
    let payload = payload_of("options:spellings_async", || {
        wait(spanned::spellings_async(BUDGET, BUDGET, Opaque(2), "secret".into()))
    });
    let expected = json!({ "a": "Budget { tokens: 3 }", "b": "3 tokens", "opaque": 2, "type": "[REDACTED]" });
    assert_eq!(payload, expected);
}

#[test]
fn ret_says_what_is_recorded_of_values() {
    let complete = |result: Value| ("complete".to_owned(), result);
    assert_eq!(end_of("options:ret", || spanned::ret_and_err(true)), complete(json!({ "tokens": 1 })));
    let end = end_of("options:ret_skip", || wait(spanned::ret_and_err_skip(true)));
    assert_eq!(end, complete(Value::Null));
    let end = end_of("options:ret_debug", || wait(spanned::ret_and_err_debug(true)));
    assert_eq!(end, complete(json!({ "result": "Budget { tokens: 1 }" })));
    let end = end_of("options:ret_with", || spanned::ret_and_err_with(true));
    assert_eq!(end, complete(json!({ "result": 1 })));
    let end = end_of("options:ret_value", || spanned::ret_of_value(3));
    assert_eq!(end, complete(json!({ "result": "Some(2)" })));
}

#[test]
fn err_says_what_is_recorded_of_errors() {
    let message = |(status, result): (String, Value)| (status, result["message"].clone());
    let failed = |text: &str| ("failed".to_owned(), Value::from(text));
    assert_eq!(message(end_of("options:ret", || spanned::ret_and_err(false))), failed("refused"));
    let end = end_of("options:ret_debug", || wait(spanned::ret_and_err_debug(false)));
    assert_eq!(message(end), failed("Busy { seconds: 3 }"));
    let end = end_of("options:ret_with", || spanned::ret_and_err_with(false));
    assert_eq!(message(end), failed("busy for 3 s"));
    let (status, result) = end_of("options:ret_skip", || wait(spanned::ret_and_err_skip(false)));
    assert_eq!((&*status, result.to_string().contains("refused")), ("failed", false));
    let (status, result) = end_of("options:err_whole", || wait(spanned::err_with_whole(false)));
    assert_eq!((&*status, &result["error_type"]), ("failed", &json!("Busy")), "{result}");
}

#[test]
fn failed_items_fail_the_span_of_their_stream() {
    let ends = [
        end_of("options:items", || wait(spanned::items(&["1", "x"]).collect::<Vec<_>>())),
        end_of("options:items_boxed", || wait(spanned::items_boxed(&["1", "x"]).collect::<Vec<_>>())),
        end_of("options:items_async", || {
            wait(async { spanned::items_async(&["1", "x"]).await.collect::<Vec<_>>().await })
        }),
    ];
    for (status, result) in ends {
        assert_eq!((&*status, &result["items"]), ("failed", &json!(2)), "{result}");
        assert_eq!(result["message"], "invalid digit found in string");
    }
    let (status, _) = end_of("options:items", || wait(spanned::items(&["1"]).collect::<Vec<_>>()));
    assert_eq!(status, "complete");
}

#[test]
fn fail_when_makes_values_failures() {
    for (schema_name, (status, _)) in [
        ("empty", end_of("options:fail_when", || wait(spanned::fail_when("")))),
        ("none", end_of("options:fail_when_option", || spanned::fail_when_option(0))),
        ("one token", end_of("options:fail_when_result", || spanned::fail_when_result(true))),
    ] {
        assert_eq!(status, "failed", "{schema_name}");
    }
    assert_eq!(end_of("options:fail_when", || wait(spanned::fail_when("a"))).0, "complete");
    assert_eq!(end_of("options:fail_when_option", || spanned::fail_when_option(1)).0, "complete");
}

#[test]
fn parent_and_root_place_the_span() {
    let spans = Recording::of(|| {
        let outer = prefactor::span("options:outer");
        let elsewhere = prefactor::span("options:elsewhere");
        let _entered = outer.start_as_current(&());
        elsewhere.start(&());
        wait(spanned::under_parent(&elsewhere, 1));
        spanned::under_optional_parent(None);
        spanned::at_root(1);
        let model = spanned::Model { name: "m".into(), parent: elsewhere.clone() };
        assert_eq!(wait(model.ask("text")), 4);
        elsewhere.finish();
    });
    assert_eq!(spans.parent("options:parent"), Some("options:elsewhere"));
    assert_eq!(spans.parent("options:parent_optional"), Some("options:outer"));
    assert_eq!(spans.parent("options:method"), Some("options:elsewhere"));
    assert_eq!(spans.parent("options:root"), None);
    assert_eq!(spans.payload("options:method"), &json!({ "text": "text", "model": "m", "length": 4 }));
}

#[test]
fn instance_and_client_send_the_span_elsewhere() {
    let other = Recording::new();
    let disabled = Client::builder().disabled(true).build().expect("nothing is needed for nothing");
    let spans = Recording::of(|| {
        spanned::in_instance(&other.instance);
        wait(spanned::in_client(other.client.clone()));
        wait(spanned::in_client(disabled));
    });
    assert!(spans.is_empty(), "{spans:?}");
    assert_eq!(other.spans().len(), 2);
}

#[test]
fn name_is_a_member_of_the_payload() {
    let payload = payload_of("options:name", || wait(spanned::named("abc")));
    assert_eq!(payload, json!({ "name": "Ask the model", "model": "abc" }));
}
