//! The options of the attribute, as the server sees them.

use std::fmt;

use prefactor::{Client, Context, InstanceStatus, Span, span};
use serde::Serialize;
use serde_json::json;

use crate::support::{TIMEOUT, Trace};

/// A type whose text names the trait that it was captured with.
#[derive(Serialize)]
struct Value(&'static str);

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "debug {}", self.0)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "display {}", self.0)
    }
}

fn length(value: &Value) -> usize {
    value.0.len()
}

fn panics(_: &Value) -> usize {
    panic!("on purpose")
}

#[span(
    "test:spelling",
    debug(debugged),
    display(shown),
    with(measured = length),
    rename(renamed = "new"),
    redact(hidden),
    skip(left)
)]
fn spelling(
    debugged: Value,
    shown: Value,
    measured: Value,
    renamed: Value,
    hidden: Value,
    left: Value,
    _out: Value,
) {
    let _ = (debugged, shown, measured, renamed, hidden, left);
}

#[span("test:panicking", with(a = panics))]
fn panicking(a: Value, b: Value) {
    let _ = (a, b);
}

#[test]
fn arguments_are_spelt_as_asked() {
    let stored = Trace::of(|| {
        spelling(Value("a"), Value("b"), Value("cc"), Value("d"), Value("e"), Value("f"), Value("g"));
        panicking(Value("a"), Value("b"));
    });
    let expected = json!({ "debugged": "debug a", "shown": "display b", "measured": 2, "new": "d", "hidden": "[REDACTED]" });
    assert_eq!(stored.span("test:spelling").payload, expected);
    assert_eq!(stored.span("test:panicking").payload, json!({ "a": "<capture panicked>", "b": "b" }));
}

struct Agent {
    name: &'static str,
}

impl Agent {
    #[span("test:fields", skip(value), fields(agent = self.name, "gen_ai.request.model" = value.0, shown = %value, debugged = ?value, sum.total = 1 + 2, prompt = prompt.len()))]
    async fn fields(&self, value: Value, prompt: String) -> usize {
        let _ = value;
        prompt.len()
    }
}

#[test]
fn fields_see_arguments_and_self_and_may_replace_an_argument() {
    let stored = Trace::of_async(async {
        assert_eq!(Agent { name: "Ada" }.fields(Value("m"), "four".into()).await, 4);
    });
    let expected = json!({
        "agent": "Ada", "gen_ai.request.model": "m", "shown": "display m", "debugged": "debug m",
        "sum.total": 3, "prompt": 4,
    });
    assert_eq!(stored.span("test:fields").payload, expected);
}

fn shout(error: &Value) -> String {
    error.0.to_uppercase()
}

type Outcome = Result<Value, Value>;

#[span("test:ret_skip", ret(skip))]
fn ret_skip() -> Outcome {
    Ok(Value("secret"))
}

#[span("test:ret_debug", ret(debug))]
fn ret_debug() -> Outcome {
    Ok(Value("v"))
}

#[span("test:ret_with", ret(with = length))]
fn ret_with() -> Outcome {
    Ok(Value("four"))
}

#[span("test:err_skip", err(skip))]
fn err_skip() -> Outcome {
    Err(Value("secret"))
}

#[span("test:err_debug", err(debug))]
fn err_debug() -> Outcome {
    Err(Value("e"))
}

#[span("test:err_with", err(with = shout))]
async fn err_with() -> Outcome {
    Err(Value("e"))
}

#[span("test:required", ret, err)]
async fn required() -> Outcome {
    Err(Value("e"))
}

#[test]
fn results_and_errors_are_spelt_as_asked() {
    let stored = Trace::of_async(async {
        let _ = (ret_skip(), ret_debug(), ret_with(), err_skip(), err_debug());
        let _ = (err_with().await, required().await);
    });
    let result = |name: &str| {
        let span = stored.span(name);
        (span.status.clone(), span.result().clone())
    };
    let complete = "complete".to_owned();
    assert_eq!(result("test:ret_skip"), (complete.clone(), serde_json::Value::Null));
    assert_eq!(result("test:ret_debug"), (complete.clone(), json!({ "result": "debug v" })));
    assert_eq!(result("test:ret_with"), (complete, json!({ "result": 4 })));
    let error_type = "api::options::Value";
    let failed = |message: Option<&str>| {
        let mut expected = json!({ "error_type": error_type });
        if let Some(message) = message {
            expected["message"] = message.into();
        }
        ("failed".to_owned(), expected)
    };
    assert_eq!(result("test:err_skip"), failed(None));
    assert_eq!(result("test:err_debug"), failed(Some("debug e")));
    assert_eq!(result("test:err_with"), failed(Some("E")));
    assert_eq!(result("test:required"), failed(Some("display e")));
}

#[span("test:fail_when", fail_when = |answer| answer.len() < 2)]
async fn fail_when(answer: &str) -> String {
    answer.to_owned()
}

#[test]
fn fail_when_takes_a_value_for_a_failure() {
    let stored = Trace::of_async(async {
        assert_eq!(fail_when("").await, "");
        assert_eq!(fail_when("text").await, "text");
    });
    let of = |answer: &str| stored.spans.iter().find(|span| span.payload["answer"] == answer).unwrap();
    assert_eq!(of("text").status, "complete");
    let (status, result) = (of("").status.as_str(), of("").result());
    assert_eq!(
        (status, &result["error_type"], &result["result"]),
        ("failed", &json!("fail_when"), &json!(""))
    );
}

#[span("test:child_of", parent = parent, skip(parent))]
async fn child_of(parent: &Span) {
    let _ = parent;
    grandchild().await;
}

#[span("test:grandchild")]
async fn grandchild() {}

#[span("test:in_context", parent = context, skip_all)]
fn in_context(context: &Context) {
    let _ = context;
}

#[span("test:maybe", parent = parent, skip_all)]
fn maybe(parent: Option<&Span>) {
    let _ = parent;
}

#[span("test:root", root, name = "A new beginning")]
async fn root(number: u8) {
    let _ = number;
}

#[test]
fn spans_go_where_the_attribute_puts_them() {
    let stored = Trace::of_async(async {
        let (elsewhere, here) = (span("test:elsewhere"), span("test:here"));
        here.scope(async {
            child_of(&elsewhere).await;
            in_context(&elsewhere.context());
            maybe(None);
            root(1).await;
        })
        .await;
    });
    assert_eq!(stored.parent_of("test:child_of"), Some("test:elsewhere"));
    assert_eq!(stored.parent_of("test:grandchild"), Some("test:child_of"));
    assert_eq!(stored.parent_of("test:in_context"), Some("test:elsewhere"));
    assert_eq!(stored.parent_of("test:maybe"), Some("test:here"));
    assert_eq!(stored.parent_of("test:root"), None);
    assert_eq!(stored.span("test:root").payload, json!({ "name": "A new beginning", "number": 1 }));
}

#[span("test:in_instance", instance = instance, skip_all)]
async fn in_instance(instance: &prefactor::AgentInstance) {
    let _ = instance;
    grandchild().await;
}

#[span("test:in_client", client = client, skip_all)]
fn in_client(client: &Client) -> u8 {
    let _ = client;
    1
}

#[test]
fn spans_go_into_another_run_or_client() {
    let (here, there) = (Trace::new(), Trace::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(here.instance.scope(async {
        in_instance(&there.instance).await;
        assert_eq!(in_client(&there.client), 1);
    }));
    let default = there.client.default_instance();
    default.finish(InstanceStatus::Complete);
    assert!(there.client.flush(TIMEOUT).is_complete);
    assert_eq!(there.stored_of(&default).span("test:in_client").status, "complete");
    assert_eq!(there.finish().parent_of("test:grandchild"), Some("test:in_instance"));
    assert!(here.finish().spans.is_empty());
}

#[span("test:boxed", boxed(local))]
async fn boxed(depth: u32) -> u32 {
    if depth == 0 { 0 } else { 1 + Box::pin(boxed(depth - 1)).await }
}

#[test]
fn boxed_future_is_small_and_a_span_all_the_same() {
    #[span("test:large", boxed)]
    async fn large() -> u8 {
        let buffer = [1_u8; 10_000];
        tokio::task::yield_now().await;
        buffer[77]
    }
    assert!(size_of_val(&large()) < 200, "{}", size_of_val(&large()));
    let stored = Trace::of_async(async {
        assert_eq!(large().await, 1);
        assert_eq!(boxed(20).await, 20);
    });
    assert_eq!(stored.spans.len(), 22);
}

#[test]
fn secrets_do_not_leave_the_process() {
    #[span("test:secrets")]
    async fn secrets(api_key: &str, url: &str, max_tokens: u32) -> Result<(), String> {
        let _ = (api_key, max_tokens);
        Err(format!("{url} refused sk-canary0123456789abcdefghij"))
    }
    let stored = Trace::of_async(async {
        let failed = secrets("canary-1", "https://ada:canary-2@example.com/x", 7).await;
        assert!(failed.unwrap_err().contains("sk-canary"), "the agent sees what there is");
    });
    let span = stored.span("test:secrets");
    let expected =
        json!({ "api_key": "[REDACTED]", "url": "https://[REDACTED]@example.com/x", "max_tokens": 7 });
    assert_eq!(span.payload, expected);
    assert_eq!(span.result()["message"], "https://[REDACTED]@example.com/x refused [REDACTED]");
}
