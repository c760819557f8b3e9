//! `#[span]` on functions and methods, as the server sees them.

use prefactor::{current_span, span};
use serde::Serialize;
use serde_json::json;

use crate::support::Trace;

#[derive(Serialize, Debug)]
struct Budget {
    tokens: u32,
    tags: Vec<&'static str>,
}

#[derive(Debug)]
struct OnlyDebug(#[expect(dead_code, reason = "shown by Debug")] u8);

struct Neither;

#[derive(Debug)]
struct Refused {
    source: std::num::ParseIntError,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("refused")
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[span("test:arguments")]
async fn arguments(
    model: &str,
    budget: Budget,
    debugged: OnlyDebug,
    named: &Neither,
    r#type: Option<u8>,
) -> usize {
    let _ = (debugged, named, r#type);
    model.len() + budget.tags.len()
}

#[test]
fn arguments_are_the_payload_by_name_if_they_can_be_shown() {
    let stored = Trace::of_async(async {
        let budget = Budget { tokens: 7, tags: vec!["a", "b"] };
        assert_eq!(arguments("model", budget, OnlyDebug(1), &Neither, None).await, 7);
    });
    let span = stored.span("test:arguments");
    let expected = json!({
        "model": "model",
        "budget": { "tokens": 7, "tags": ["a", "b"] },
        "debugged": "OnlyDebug(1)",
        "type": null,
    });
    assert_eq!((&span.payload, span.result()), (&expected, &json!({ "result": 7 })));
}

#[span("test:skip", skip(password))]
async fn skip(user: &str, password: &str) -> bool {
    user != password
}

#[span("test:skip_all", skip_all)]
async fn skip_all(user: &str, password: &str) -> bool {
    user != password
}

#[test]
fn skipped_arguments_stay_out() {
    let stored = Trace::of_async(async { skip("u", "secret").await && skip_all("u", "secret").await });
    assert_eq!(stored.span("test:skip").payload, json!({ "user": "u" }));
    assert_eq!(stored.span("test:skip_all").payload, json!({}));
}

#[span("test:alias")]
async fn alias(text: &str) -> anyhow::Result<i32> {
    let number: i32 = text.parse().map_err(|source| Refused { source })?;
    Ok(number)
}

#[span("test:io")]
async fn io() -> std::io::Result<()> {
    Err(std::io::Error::other("disk"))
}

#[span("test:boxed")]
async fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err("plain text")?
}

#[test]
fn result_decides_by_type_under_any_alias() {
    let stored = Trace::of_async(async {
        assert_eq!(alias("12").await.unwrap(), 12);
        assert!(io().await.is_err() && boxed().await.is_err());
    });
    let span = stored.span("test:alias");
    assert_eq!((span.status.as_str(), span.result()), ("complete", &json!({ "result": 12 })));
    let span = stored.span("test:io");
    let expected = json!({ "error_type": "std::io::error::Error", "message": "disk" });
    assert_eq!((span.status.as_str(), span.result()), ("failed", &expected));
    assert_eq!(stored.span("test:boxed").result()["message"], "plain text");
}

#[test]
fn error_is_recorded_with_its_sources() {
    let stored = Trace::of_async(async { assert!(alias("twelve").await.is_err()) });
    let span = stored.span("test:alias");
    let expected = json!({
        "error_type": "core::num::error::ParseIntError",
        "message": "refused",
        "sources": ["invalid digit found in string"],
    });
    assert_eq!((span.status.as_str(), span.result()), ("failed", &expected));
}

#[span("test:object")]
async fn object() -> Result<Budget, Refused> {
    Ok(Budget { tokens: 1, tags: Vec::new() })
}

#[span("test:option")]
async fn option() -> Option<u8> {
    None
}

#[span("test:unit")]
async fn unit() {}

#[test]
fn value_that_is_no_result_completes_the_span() {
    let stored = Trace::of_async(async {
        object().await.unwrap();
        option().await;
        unit().await;
    });
    assert_eq!(stored.span("test:object").result(), &json!({ "tokens": 1, "tags": [] }));
    for name in ["test:option", "test:unit"] {
        let span = stored.span(name);
        assert_eq!((span.status.as_str(), span.result_payload.as_ref()), ("complete", None), "{name}");
    }
}

struct Agent {
    name: String,
    calls: u32,
}

impl Agent {
    #[span("test:method")]
    async fn method(&mut self, step: u32) -> u32 {
        self.calls += step;
        tokio::task::yield_now().await;
        self.calls
    }

    #[span("test:consuming")]
    async fn consuming(self, greeting: impl Into<String> + Serialize) -> String {
        format!("{}, {}", greeting.into(), self.name)
    }
}

trait Tool {
    async fn call(&self, input: &str) -> String;

    #[span("test:default_method")]
    async fn twice(&self, input: &str) -> String {
        self.call(&self.call(input).await).await
    }
}

impl Tool for u8 {
    #[span("test:trait_method")]
    async fn call(&self, input: &str) -> String {
        format!("{input}{self}")
    }
}

#[test]
fn methods_leave_self_out() {
    let stored = Trace::of_async(async {
        let mut agent = Agent { name: "Ada".into(), calls: 1 };
        assert_eq!(agent.method(2).await, 3);
        assert_eq!(agent.consuming("Hello").await, "Hello, Ada");
        assert_eq!(7_u8.twice("x").await, "x77");
    });
    assert_eq!(stored.span("test:method").payload, json!({ "step": 2 }));
    assert_eq!(stored.span("test:consuming").payload, json!({ "greeting": "Hello" }));
    let calls: Vec<_> = stored.spans.iter().filter(|span| span.schema_name == "test:trait_method").collect();
    assert_eq!(calls.len(), 2);
    assert!(
        calls.iter().all(|call| call.parent_span_id.as_ref() == Some(&stored.span("test:default_method").id))
    );
}

#[span("test:sync")]
fn sync(depth: u32) -> Result<u32, String> {
    if depth == 0 {
        return Err("the ground".into());
    }
    sync(depth - 1).or(Ok(depth))
}

#[test]
fn sync_functions_nest_by_their_calls() {
    let stored = Trace::of(|| assert_eq!(sync(2), Ok(1)));
    let by_depth =
        |depth: u32| stored.spans.iter().find(|span| span.payload == json!({ "depth": depth })).unwrap();
    let (top, middle, ground) = (by_depth(2), by_depth(1), by_depth(0));
    assert_eq!(
        (ground.parent_span_id.as_ref(), middle.parent_span_id.as_ref()),
        (Some(&middle.id), Some(&top.id))
    );
    assert_eq!(ground.result(), &json!({ "error_type": "alloc::string::String", "message": "the ground" }));
    assert_eq!((ground.status.as_str(), top.status.as_str()), ("failed", "complete"));
    stored.assert_times_nest();
}

#[span("test:current")]
async fn uses_current(cancel: bool) -> Result<u8, String> {
    current_span().set_result(&json!({ "tokens": 42 }));
    if cancel {
        current_span().cancel();
    }
    Ok(1)
}

#[test]
fn current_span_is_reachable_in_the_body() {
    let stored = Trace::of_async(uses_current(false));
    let span = stored.span("test:current");
    assert_eq!((span.status.as_str(), span.result()), ("complete", &json!({ "tokens": 42, "result": 1 })));
    let stored = Trace::of_async(uses_current(true));
    assert_eq!(stored.span("test:current").status, "cancelled");
}

#[test]
fn without_a_client_nothing_is_captured_and_values_are_the_same() {
    struct Untouchable;
    impl Serialize for Untouchable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            unreachable!("there is nobody to capture for")
        }
    }
    #[span("test:untouched")]
    fn untouched(value: &Untouchable) -> u8 {
        let _ = value;
        3
    }
    let disabled = prefactor::Client::builder().disabled(true).build().unwrap();
    assert_eq!(disabled.register("nobody").in_scope(|| untouched(&Untouchable)), 3);
}

#[test]
fn values_that_fail_to_serialize_cost_only_themselves() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("on purpose")
        }
    }
    struct SpansItself;
    impl Serialize for SpansItself {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            span("test:within_capture").complete(&());
            serializer.serialize_str("fine")
        }
    }
    #[span("test:hostile")]
    fn hostile(before: u8, panics: Panics, spans: SpansItself, after: u8) -> Panics {
        let _ = (before, spans, after);
        panics
    }
    let stored = Trace::of(|| {
        let Panics = hostile(1, Panics, SpansItself, 2);
    });
    let span = stored.span("test:hostile");
    let expected = json!({ "before": 1, "panics": "<capture panicked>", "spans": "fine", "after": 2 });
    assert_eq!((&span.payload, span.status.as_str()), (&expected, "complete"));
    assert_eq!(stored.spans.len(), 1, "capture does not trace itself");
}

#[span("test:track_caller")]
#[track_caller]
fn track_caller(choice: u8) -> Result<u32, String> {
    match choice {
        0 => Ok(std::panic::Location::caller().line()),
        1 => Err("no".into()),
        _ => panic!("neither"),
    }
}

#[test]
fn functions_that_ask_for_their_caller_are_spans_and_get_it() {
    let stored = Trace::of(|| {
        assert_eq!(track_caller(0), Ok(line!()));
        assert!(track_caller(1).is_err());
        assert!(std::panic::catch_unwind(|| track_caller(2)).is_err());
        assert!(current_span().is_noop(), "the guard is gone");
    });
    let of =
        |choice: u8| stored.spans.iter().find(|span| span.payload == json!({ "choice": choice })).unwrap();
    assert_eq!(of(0).status, "complete");
    assert_eq!((of(1).status.as_str(), &of(1).result()["message"]), ("failed", &json!("no")));
    assert_eq!((of(2).status.as_str(), &of(2).result()["message"]), ("failed", &json!("neither")));
}
