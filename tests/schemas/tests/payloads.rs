//! Recorded payloads are valid under the contributed schemas, which the server checks, whatever stands in a value's
//! place.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};
use prefactor::schema::{SchemaRegistry, SpanType};
use prefactor::{AgentInstance, Client, ClientBuilder, RedactionMode, span};
use prefactor_local::Server;
use prefactor_schemas::{Call, Message, Role, ask, catalogue, exact_result, fallible, plain, ways};
use prefactor_tests::stored::{StoredSpan, get, list};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(60);

/// A value that shows itself as the test prescribes.
#[derive(JsonSchema)]
#[schemars(with = "u32")]
enum Odd {
    Fails,
    Panics,
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fails => Err(serde::ser::Error::custom("it fails")),
            Self::Panics => panic!("it panics"),
        }
    }
}

/// A value that nests without an end.
#[derive(Serialize, JsonSchema)]
struct Nested {
    inner: Option<Box<Nested>>,
}

fn nested(depth: u32) -> Nested {
    Nested { inner: depth.checked_sub(1).map(|depth| Box::new(nested(depth))) }
}

#[span("test:odd", schemars)]
fn odd(one: &Odd, list: &[Odd]) {
    let _ = (one, list);
}

#[span("test:nested", schemars)]
fn take_nested(nested: &Nested) {
    let _ = nested;
}

#[span("test:locked")]
fn locked(lock: &Mutex<u64>, count: u64) {
    let _ = (lock, count);
}

#[span("test:many", schemars)]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the functions are written as in programs")]
fn many(
    set: &std::collections::BTreeSet<u64>,
    map: &HashMap<String, u64>,
    fixed: &[u8; 3],
    words: &[String],
) {
    let _ = (set, map, fixed, words);
}

#[span("test:stream", ret(items))]
fn words(count: u32) -> impl Stream<Item = Result<u32, String>> + use<> {
    stream::iter((0..count).map(Ok))
}

#[span("test:dropped")]
async fn pending(_guard: u8, name: &str) -> String {
    prefactor::current_span().set_result(&json!({ "progress": 3 }));
    std::future::pending::<()>().await;
    name.to_owned()
}

#[span("test:panics")]
fn panics(name: &str) -> u64 {
    panic!("{name}")
}

#[expect(clippy::too_many_lines, clippy::type_complexity, reason = "a list of names and work")]
fn corpus() -> Vec<(&'static str, Box<dyn Fn(&AgentInstance)>)> {
    let message = |content: &str| Message {
        role: Role::Assistant,
        content: content.to_owned(),
        calls: vec![
            Call::Function { name: "search".into(), api_key: "q7w8e9r0t1y2u3i4".into() },
            Call::Other { pair: (1, "two".into()) },
        ],
        temperature: f64::NAN,
        replies: Vec::new(),
    };
    let long = "word ".repeat(30_000);
    let plain = |text: &str,
                 ratio: f64,
                 list: Vec<f64>,
                 bytes: &[u8],
                 map: HashMap<String, Vec<i32>>,
                 json: Value| {
        let _ = plain(
            text,
            true,
            3,
            -3,
            u128::MAX,
            ratio,
            Some("x".into()),
            list,
            bytes,
            map,
            json,
            (1, "a".into()),
            (),
        );
        let _ = plain(
            text,
            false,
            0,
            3,
            1,
            ratio,
            None,
            Vec::new(),
            &[],
            HashMap::new(),
            Value::Null,
            (1, String::new()),
            (),
        );
    };
    vec![
        (
            "ordinary values",
            Box::new(move |_| {
                plain(
                    "text",
                    0.5,
                    vec![1.0, 2.5],
                    b"abc",
                    HashMap::from([("a".into(), vec![1])]),
                    json!([1]),
                );
            }),
        ),
        (
            "numbers that JSON does not have",
            Box::new(move |_| {
                for ratio in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                    plain("text", ratio, vec![ratio, 1.0], &[], HashMap::new(), json!({}));
                }
            }),
        ),
        (
            "cut values",
            Box::new(move |_| {
                let map = (0..1_200).map(|number| (format!("key-{number}"), vec![number; 20])).collect();
                plain(&long, 1.0, vec![0.25; 20_000], &vec![7; 5_000], map, json!(vec!["x"; 11_000]));
            }),
        ),
        (
            "secrets",
            Box::new(move |_| {
                plain(
                    "password=hunter2hunter2",
                    1.0,
                    vec![],
                    b"",
                    HashMap::new(),
                    json!({ "api_key": 5, "token": "q7w8e9r0t1y2u3i4" }),
                );
                ways(
                    "left",
                    "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD",
                    7,
                    "a@example.com",
                    30,
                    5,
                    "four",
                    1234,
                );
            }),
        ),
        (
            "types that say it themselves",
            Box::new(move |_| {
                let mut deep = message("deep");
                for _ in 0..40 {
                    deep = Message { replies: vec![deep], ..message("outer") };
                }
                let long = message(&"x".repeat(20_000));
                let _ = pollster::block_on(ask("m", &[message("hello"), long, deep], Some(7)));
                let _ = pollster::block_on(ask("m", &[], None));
                let _ = pollster::block_on(ask("m", &vec![message("many"); 3_000], None));
                let _ = exact_result(json!("value"));
            }),
        ),
        (
            "values that cannot be shown",
            Box::new(|_| {
                odd(&Odd::Fails, &[Odd::Fails]);
                odd(&Odd::Panics, &[Odd::Panics]);
                take_nested(&nested(50));
            }),
        ),
        (
            "locks",
            Box::new(|_| {
                let lock = Mutex::new(5);
                locked(&lock, 1);
                let held = lock.lock();
                locked(&lock, 2);
                drop(held);
            }),
        ),
        (
            "many of them",
            Box::new(|_| {
                let map = (0..1_500).map(|number| (number.to_string(), number)).collect();
                many(
                    &(0..12_000).collect(),
                    &map,
                    &[1, 2, 3],
                    &vec!["sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD".into(); 3],
                );
                many(&(0..3).collect(), &HashMap::from([("password".into(), 4)]), &[1, 2, 3], &[]);
            }),
        ),
        (
            "streams",
            Box::new(|run| {
                let words = run.in_scope(|| words(3));
                pollster::block_on(words.for_each(|_| async {}));
            }),
        ),
        (
            "failures",
            Box::new(|_| {
                let _ = (fallible("query"), fallible(""));
                let _ = std::panic::catch_unwind(|| panics("on purpose"));
                let mut future = Box::pin(pending(1, "never"));
                let _ = future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
                drop(future);
            }),
        ),
    ]
}

fn builder(server: &Server) -> ClientBuilder {
    Client::builder().api_url(server.url()).api_token(server.token())
}

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

/// The schema versions of the agent of a run, in the order of their making.
fn versions(server: &Server, run: &AgentInstance) -> Vec<Value> {
    let run: Value = get(server, &format!("/api/v1/agent_instance/{}", run.id().unwrap()));
    let agent = run["details"]["agent_id"].as_str().unwrap();
    let mut versions: Vec<Value> = list(server, &format!("agent_schema_version?agent_id={agent}"));
    versions.sort_by_key(|version| version["id"].as_str().unwrap().to_owned());
    let ids = versions.iter().map(|version| version["id"].as_str().unwrap());
    ids.map(|id| get::<Value>(server, &format!("/api/v1/agent_schema_version/{id}"))["details"].clone())
        .collect()
}

#[test]
fn runs_are_registered_with_the_catalogue_and_the_platform_takes_its_schemas() {
    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let run = client.register("tester");
    let spans = run.in_scope(|| fallible("rust"));
    assert!(spans.is_ok() && client.flush(TIMEOUT).is_complete);
    let version = versions(&server, &run).remove(0);
    assert_eq!(version["external_identifier"], SchemaRegistry::contributed().external_identifier());
    let types = version["span_type_schemas"].as_object().unwrap();
    assert!(types.len() >= catalogue().types().count());
    for (name, of) in types {
        assert_eq!(of["params_schema_validation"]["status"], "success", "{name}: {of}");
        assert_eq!(of["result_schema_validation"]["status"], "success", "{name}: {of}");
    }
    let spans: Vec<Value> =
        list(&server, &format!("agent_spans?agent_instance_id={}&include_summaries=true", run.id().unwrap()));
    assert_eq!(spans[0]["summary"], "rust: hits");
}

#[test]
fn declaration_of_the_program_goes_before_that_of_its_function() {
    let server = Server::start().unwrap();
    let mut schemas = SchemaRegistry::new();
    schemas.add(SpanType::new("program:fallible").title("Mine")).unwrap();
    let client = builder(&server).schemas(schemas).build().unwrap();
    let run = client.register("tester");
    assert!(run.in_scope(|| fallible("rust")).is_ok() && client.flush(TIMEOUT).is_complete);
    let version = versions(&server, &run).remove(0);
    assert_eq!(version["span_type_schemas"]["program:fallible"]["title"], "Mine");
    assert_eq!(version["span_type_schemas"]["program:ask"]["title"], "Model call");
}

#[test]
fn names_that_nobody_declared_are_in_the_version_of_the_next_run() {
    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let mut made = Vec::new();
    for _ in 0..3 {
        let run = client.register("tester");
        run.in_scope(|| span("by:hand").complete(&1));
        assert!(client.flush(TIMEOUT).is_complete);
        made.push(versions(&server, &run));
    }
    assert_eq!(
        made.iter().map(Vec::len).collect::<Vec<_>>(),
        [1, 2, 2],
        "the same names make the same version"
    );
    assert!(made[0][0]["span_type_schemas"].get("by:hand").is_none());
    let all = &made[1];
    let learnt = all.iter().find(|version| version["span_type_schemas"].get("by:hand").is_some()).unwrap();
    assert_eq!(learnt["span_type_schemas"]["by:hand"]["params_schema"], json!({ "type": "object" }));
    assert_ne!(all[0]["external_identifier"], all[1]["external_identifier"]);
}
