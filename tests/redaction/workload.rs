//! A program that is careless with its secrets.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Write as _;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::Duration;

use prefactor::{Client, InstanceStatus, SpanError, current_span, custom_span, span};
use prefactor_local::Server;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::secrets::{bare, key, shaped};

/// Text that is no secret, and stands beside each of them.
pub(crate) const PLAIN: &str = "plain-as-day";
pub(crate) const PLAIN_TIMES: usize = 15;

/// Usage data of language models, by names that have `token` in them.
pub(crate) const KEPT: [&str; 6] = [
    r#""prompt_tokens":9001"#,
    r#""completion_tokens":9002"#,
    r#""max_tokens":9003"#,
    r#""token_count":9004"#,
    r#""token_usage":{"total":9005}"#,
    r#""tokenizer":"cl100k_base""#,
];

macro_rules! say {
    ($($text:tt)*) => {
        drop(writeln!(std::io::stderr(), $($text)*))
    };
}

pub(crate) fn run(database: &Path) {
    log::set_logger(&Loud).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    // The default hook would print the panic's secret, which is not the SDK's output.
    std::panic::set_hook(Box::new(|_| {}));
    let token = format!("pf_{}", bare(58));
    let server = Server::builder().database(database).token(&token).start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(&token).build().unwrap();
    let instance = client.register("careless");
    instance.in_scope(|| {
        by_argument();
        by_text();
        by_outcome();
        by_hand();
    });
    instance.finish(InstanceStatus::Complete);
    let report = client.shutdown(Duration::from_secs(60));
    assert!(report.is_complete && report.stats.acknowledged == report.stats.created, "{report}");
    say!("{client:?} {instance:?} {report:?}");
    nowhere(&token);
}

/// Makes the SDK log: delivery fails, and settings are wrong.
fn nowhere(token: &str) {
    let client = Client::builder().api_url("http://127.0.0.1:9").api_token(token).build().unwrap();
    client.register("careless").in_scope(by_argument);
    say!("{}", client.shutdown(Duration::from_millis(300)));
    let url = format!("https://ada:{}@example.com", bare(59));
    let error = Client::builder().api_url(url).api_token(token).build().unwrap_err();
    say!("{error} {error:?}");
}

#[derive(Serialize)]
struct Login {
    user: &'static str,
    client_secret: String,
    more: HashMap<&'static str, Value>,
    method: (Method, Method),
}

#[derive(Serialize)]
enum Method {
    Card { pin: String },
    Password(String),
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Scope {
    token: String,
}

#[span("careless:arguments", fields(extra = key(46), auth_token = bare(47)))]
fn arguments(
    shapes: &[String],
    password: &str,
    api_key: &str,
    login: &Login,
    keys: &impl Serialize,
    usage: &Value,
) {
    let _ = (shapes, password, api_key, login, keys, usage);
}

fn by_argument() {
    let login = Login {
        user: PLAIN,
        client_secret: bare(17),
        more: HashMap::from([
            ("refreshToken", json!(bare(18))),
            ("credentials", json!([{ "any": [bare(19)] }])),
            ("Authorization", json!(format!("Bearer {}", bare(28)))),
            ("Cookie", json!(format!("sid={}", bare(29)))),
            ("x-api-key", json!(bare(30))),
        ]),
        method: (Method::Card { pin: bare(20) }, Method::Password(bare(21))),
    };
    let keys = (
        BTreeMap::from([(key(22), PLAIN), (PLAIN.to_owned(), "")]),
        BTreeMap::from([((1, key(23)), PLAIN)]),
        BTreeMap::from([(Scope { token: bare(24) }, PLAIN)]),
    );
    let usage = json!({
        "prompt_tokens": 9001, "completion_tokens": 9002, "max_tokens": 9003, "token_count": 9004,
        "token_usage": { "total": 9005 }, "tokenizer": "cl100k_base",
    });
    arguments(&shaped(), &bare(15), &bare(16), &login, &keys, &usage);
}

#[expect(dead_code, reason = "its `Debug` reads it")]
#[derive(Debug)]
struct Opaque {
    user: &'static str,
    password: String,
    secret: Option<String>,
}

#[span("careless:texts", display(query))]
fn texts(opaque: &Opaque, query: &str, texts: &[String], raw: &RawValue, bytes: &[u8], long: &str) {
    let _ = (opaque, query, texts, raw, bytes, long);
}

fn by_text() {
    let opaque = Opaque { user: PLAIN, password: bare(25), secret: Some(bare(26)) };
    let list = [
        format!("Authorization: Basic {}\r\nHost: {PLAIN}", bare(31)),
        format!("postgres://ada:{}@db/{PLAIN}", bare(32)),
        format!("https://x.y/z?token={}&q={PLAIN}", bare(33)),
        format!("https://x.y/z?a=b&X-Amz-Signature={}", bare(34)),
        format!("https://{}@x.y/", bare(35)),
        format!("-----BEGIN PRIVATE KEY-----\n{}\n{0}\n-----END PRIVATE KEY-----\n{PLAIN}", bare(53)),
        json!({ "said": json!({ "password": bare(55), "a": PLAIN }).to_string() }).to_string(),
    ];
    let raw = json!({ "a": { "password": { "b": bare(51) } }, "c": [key(52)] }).to_string();
    let query = format!("user=ada password={}", bare(27));
    let long = format!("{} {}", "x".repeat(9_985), key(56));
    texts(&opaque, &query, &list, &RawValue::from_string(raw).unwrap(), key(54).as_bytes(), &long);
}

#[derive(Debug)]
struct Refused(String, Option<Box<Refused>>);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_ref().map(|source| source as &_)
    }
}

#[derive(Serialize)]
struct Opened {
    session: String,
    note: String,
}

#[span("careless:result")]
fn result() -> Opened {
    current_span().set_result(&json!({ "otp": bare(38) }));
    Opened { session: bare(37), note: format!("{PLAIN} {}", key(36)) }
}

#[span("careless:error")]
fn error(long: bool) -> Result<(), Refused> {
    if long {
        return Err(Refused(format!("{} {}", "x".repeat(9_980), key(57)), None));
    }
    let source = Refused(format!("{PLAIN} password={}", bare(41)), None);
    Err(Refused(format!("no such key: {}", key(40)), Some(Box::new(source))))
}

#[span("careless:panic")]
fn panics() {
    panic!("{PLAIN} {} https://ada:{}@x.y/", key(42), bare(43));
}

fn by_outcome() {
    let _ = (result(), error(false), error(true), catch_unwind(panics));
}

fn by_hand() {
    let named = span(format!("careless:{}", key(48)));
    named.start(&PLAIN);
    named.set_output(&format!("https://x.y/?access_token={}", bare(39)));
    let failure = SpanError::new(PLAIN).with_type(key(45)).with_data(&json!({ "private_key": bare(44) }));
    named.set_error(failure);
    custom_span(&key(49), &json!({ "a": [{ "passphrase": bare(50) }] })).finish();
}

/// A logger that prints every record.
struct Loud;

impl log::Log for Loud {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        say!("{} {}: {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}
