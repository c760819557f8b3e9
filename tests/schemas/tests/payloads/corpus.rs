//! Functions and values whose records have something else in a value's place: cut, redacted, locked, failed.

use std::collections::HashMap;
use std::sync::Mutex;

use futures_util::stream::{self, Stream, StreamExt as _};
use prefactor::{AgentInstance, span};
use prefactor_schemas::{Call, Message, Role, ask, exact_result, fallible, plain, ways};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

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
pub(crate) fn corpus() -> Vec<(&'static str, Box<dyn Fn(&AgentInstance)>)> {
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
