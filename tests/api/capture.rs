//! Capture of arguments and results, by settings and by environment variables.

use std::process::Command;
use std::time::Duration;

use prefactor::{Client, ClientBuilder, SpanError, span};
use prefactor_local::Server;
use serde_json::{Value, json};

use crate::support::{Stored, Trace};

#[span("test:answer")]
fn answer(question: &str, hint: Option<&str>) -> String {
    let _ = hint;
    question.to_owned()
}

#[span("test:fail", fields(extra = question))]
fn fail(question: &str) -> Result<(), String> {
    Err(question.to_owned())
}

#[span("test:panic")]
fn panic(question: &str) {
    panic!("{question}");
}

fn stored(builder: ClientBuilder) -> Stored {
    let server = Server::start().unwrap();
    let client = builder.api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("tester");
    let trace = Trace { server, client, instance };
    trace.instance.in_scope(|| {
        answer("what is a span?", Some("a unit of work"));
        let _ = fail("what is a span?");
        let _ = std::panic::catch_unwind(|| panic("what is a span?"));
        let manual = span("test:manual");
        manual.start(&json!({ "question": "what is a span?" }));
        manual.set_error(SpanError::new("what is a span?").with_data(&json!({ "why": "what is a span?" })));
        manual.set_result(&json!({ "answer": "what is a span?" }));
    });
    trace.finish()
}

/// Payload and result of a span.
fn shown(stored: &Stored, schema_name: &str) -> (Value, Value) {
    let span = stored.span(schema_name);
    (span.payload.clone(), span.result_payload.clone().unwrap_or_default())
}

fn assert_no_inputs(stored: &Stored) {
    for name in ["test:answer", "test:fail", "test:panic", "test:manual"] {
        assert_eq!(shown(stored, name).0, json!({}), "{name}");
    }
}

fn assert_no_outputs(stored: &Stored) {
    assert_eq!(shown(stored, "test:answer").1, Value::Null);
    assert_eq!(shown(stored, "test:fail").1, json!({ "error_type": "alloc::string::String" }));
    assert_eq!(shown(stored, "test:manual").1, json!({ "error_type": "Error" }));
    let panicked = shown(stored, "test:panic").1;
    assert_eq!(panicked["error_type"], "panic");
    assert!(panicked.get("message").is_none() && panicked["location"].is_string(), "{panicked}");
    assert_eq!(stored.span("test:fail").status, "failed");
}

#[test]
fn inputs_can_be_left_out() {
    let stored = stored(Client::builder().capture_inputs(false));
    assert_no_inputs(&stored);
    assert_eq!(shown(&stored, "test:answer").1, json!({ "result": "what is a span?" }));
}

#[test]
fn returned_future_is_captured_where_it_is_called() {
    #[span("test:later")]
    fn later(question: &'static str) -> impl Future<Output = usize> {
        async move { question.len() }
    }
    let server = Server::start().unwrap();
    let builder = Client::builder().capture_inputs(false);
    let client = builder.api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("tester");
    let future = instance.in_scope(|| later("what is a span?"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(future), 15);
    let stored = Trace { server, client, instance }.finish();
    assert_eq!(shown(&stored, "test:later"), (json!({}), json!({ "result": 15 })));
}

#[test]
fn outputs_can_be_left_out() {
    let stored = stored(Client::builder().capture_outputs(false));
    assert_no_outputs(&stored);
    let question = "what is a span?";
    assert_eq!(shown(&stored, "test:fail").0, json!({ "question": question, "extra": question }));
}

#[test]
fn long_texts_are_cut() {
    let stored = stored(Client::builder().max_input_length(4).max_output_length(6));
    let (input, output) = ("what... [truncated]", "what i... [truncated]");
    let expected = json!({ "question": input, "hint": "a un... [truncated]" });
    assert_eq!(shown(&stored, "test:answer"), (expected, json!({ "result": output })));
    let (payload, result) = shown(&stored, "test:fail");
    assert_eq!((&payload["extra"], &result["message"]), (&json!(input), &json!(output)));
    assert_eq!(shown(&stored, "test:panic").1["message"], output);
    let (payload, result) = shown(&stored, "test:manual");
    assert_eq!(payload, json!({ "question": input }));
    assert_eq!((&result["answer"], &result["message"]), (&json!(output), &json!(output)));
    assert_eq!(result["data"]["why"], output);
}

#[span("test:pointers", fields(rule = "no_secrets"))]
fn pointers(function: fn(&str) -> bool, raw: *const u8, rule: fn(&str) -> bool, boxed: Box<u8>) {
    let _ = (function, raw, rule, boxed);
}

#[test]
fn pointers_are_recorded_as_addresses_unless_a_field_stands_for_them() {
    let stored = Trace::of(|| pointers(str::is_empty, std::ptr::from_ref(&7), str::is_ascii, Box::new(7)));
    let payload = &stored.span("test:pointers").payload;
    for name in ["function", "raw"] {
        assert!(payload[name].as_str().unwrap().starts_with("0x"), "{name}: {payload}");
    }
    assert_eq!((&payload["rule"], &payload["boxed"]), (&json!("no_secrets"), &json!(7)));
}

/// A handle like an HTTP client: it has a `Debug` and no `Serialize`.
struct Handle(&'static str);

impl std::fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0.repeat(2_000))
    }
}

struct Opaque;

#[span("test:handles", debug(asked))]
fn handles(handle: &Handle, asked: &Handle, text: &str, closure: impl Fn(), opaque: Opaque) -> Handle {
    let _ = (handle, asked, text, closure, opaque);
    Handle("r")
}

fn stored_handles(builder: ClientBuilder) -> (Value, Value) {
    let server = Server::start().unwrap();
    let client = builder.api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("tester");
    let trace = Trace { server, client, instance };
    trace.instance.in_scope(|| handles(&Handle("h"), &Handle("a"), &"t".repeat(2_000), || (), Opaque));
    shown(&trace.finish(), "test:handles")
}

#[test]
fn argument_with_debug_only_has_a_limit_of_its_own() {
    let (payload, result) = stored_handles(Client::builder());
    assert_eq!(payload["handle"], "h".repeat(1_024 - 15) + "... [truncated]");
    assert_eq!(payload["asked"], "a".repeat(2_000), "`debug(…)` keeps the limit of texts");
    assert_eq!(payload["text"], "t".repeat(2_000));
    assert_eq!(
        payload.as_object().unwrap().len(),
        3,
        "closures and types without traits are left out: {payload}"
    );
    assert_eq!(result["result"], "r".repeat(2_000));
    let (payload, _) = stored_handles(Client::builder().max_debug_length(4));
    assert_eq!(
        (&payload["handle"], &payload["asked"]),
        (&json!("hhhh... [truncated]"), &json!("a".repeat(2_000)))
    );
    let (payload, _) = stored_handles(Client::builder().max_debug_length(500).max_input_length(3));
    assert_eq!(
        (&payload["handle"], &payload["asked"]),
        (&json!("hhh... [truncated]"), &json!("aaa... [truncated]"))
    );
}

/// The parts of a span that show each limit.
fn seen(stored: &Stored) -> [Value; 3] {
    let ((input, output), (_, failed)) = (shown(stored, "test:answer"), shown(stored, "test:fail"));
    [input["question"].clone(), output["result"].clone(), failed["message"].clone()]
}

#[test]
fn child_environment() {
    if let Ok(expected) = std::env::var("PREFACTOR_TEST_CHILD") {
        let stored = stored(Client::builder());
        assert_eq!(json!(seen(&stored)).to_string(), expected);
        println!("all good");
    }
}

#[test]
fn environment_decides_where_the_builder_does_not() {
    let whole = "what is a span?";
    let cases = [
        ("PREFACTOR_CAPTURE_INPUTS", "false", [json!(null), json!(whole), json!(whole)]),
        ("PREFACTOR_CAPTURE_OUTPUTS", "false", [json!(whole), json!(null), json!(null)]),
        ("PREFACTOR_CAPTURE_OUTPUTS", "true", [json!(whole), json!(whole), json!(whole)]),
        ("PREFACTOR_MAX_INPUT_LENGTH", "1", [json!("w... [truncated]"), json!(whole), json!(whole)]),
        (
            "PREFACTOR_MAX_OUTPUT_LENGTH",
            "3",
            [json!(whole), json!("wha... [truncated]"), json!("wha... [truncated]")],
        ),
        ("PREFACTOR_MAX_OUTPUT_LENGTH", "", [json!(whole), json!(whole), json!(whole)]),
    ];
    for (variable, value, expected) in cases {
        let expected = json!(expected).to_string();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["capture::child_environment", "--exact", "--nocapture"]);
        let output = command.env("PREFACTOR_TEST_CHILD", expected).env(variable, value).output().unwrap();
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("all good"),
            "{variable}={value}: {output:?}"
        );
    }
}

fn huge(prompts: usize) -> Client {
    #[span("test:huge")]
    fn huge(prompt: &str) -> usize {
        prompt.len()
    }
    let client = Client::builder()
        .api_url("http://127.0.0.1:9")
        .api_token("t")
        .max_input_length(1 << 20)
        .build()
        .unwrap();
    let prompt = "p".repeat(1 << 20);
    client.register("tester").in_scope(|| (0..prompts).for_each(|_| assert_eq!(huge(&prompt), 1 << 20)));
    client
}

#[test]
fn child_full_by_bytes() {
    if std::env::var_os("PREFACTOR_TEST_CHILD").is_some() {
        drop(huge(1).shutdown(Duration::ZERO));
        let before = resident();
        let client = huge(1_000);
        let (grown, stats) = (resident().saturating_sub(before), client.stats());
        let dropped = stats.dropped(prefactor::DropReason::QueueFull);
        // The queue holds 64 MiB, which is 128 payloads of at most 512 KiB.
        assert!((800..1_000 - 128).contains(&dropped), "{stats}");
        assert_eq!((stats.created, stats.dropped_total()), (1_000, dropped), "{stats}");
        assert!(grown < 72 << 20, "{} MiB", grown >> 20);
        let _ = client.shutdown(Duration::ZERO);
        println!("all good: {grown} bytes");
    }
}

/// The peak memory of the process in bytes, where the system reports it.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    peak.trim().trim_end_matches(" kB").parse().unwrap_or(0) * 1_024
}

#[test]
fn f30_a_thousand_huge_prompts_take_what_the_queue_may_hold() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["capture::child_full_by_bytes", "--exact", "--nocapture"]).env("PREFACTOR_TEST_CHILD", "1");
    let output = command.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("all good"), "{output:?}");
}
