//! The platform's checks of accepted schemas, by the real server.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use prefactor::Client;
use prefactor::schema::{NamedSchema, SchemaRegistry, SpanType};
use prefactor_local::Server;
use serde_json::json;

use crate::support::{TIMEOUT, given, is_child, run_child, shut_down};

/// The lines of the SDK's log.
static LINES: Mutex<Option<Sender<String>>> = Mutex::new(None);

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == "prefactor"
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let lines = LINES.lock().unwrap().clone();
            let _ = lines.unwrap().send(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

fn registry() -> SchemaRegistry {
    let mut schemas = SchemaRegistry::new();
    for number in 0..5 {
        let nonsense = json!({ "type": "nonsense", "title": "\u{1b}[2J" });
        schemas.add(SpanType::new(format!("tool:wrong_{number}")).params(&nonsense)).unwrap();
    }
    schemas.add(SpanType::new("tool:right").params(&json!({ "type": "object" }))).unwrap();
    schemas.add_quality(NamedSchema::new("rating").schema(&json!({ "type": 7 }))).unwrap();
    schemas
}

#[test]
fn child_registers_schemas_that_are_invalid() {
    if !is_child() {
        return;
    }
    let (sender, lines) = channel();
    *LINES.lock().unwrap() = Some(sender);
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let builder = Client::builder().api_url(given("PREFACTOR_API_URL")).api_token(given("TEST_TOKEN"));
    let client = builder.schemas(registry()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("tool:wrong_1").complete(&()));
    let line = lines.recv_timeout(TIMEOUT).unwrap();
    println!("said: {line}");
    client.register("tester").in_scope(|| prefactor::span("tool:wrong_2").complete(&()));
    let report = shut_down(&client, TIMEOUT);
    println!("acknowledged: {}, more lines: {}", report.stats.acknowledged, lines.try_iter().count());
}

#[test]
fn schemas_that_are_taken_and_invalid_are_said_once_and_cost_no_span() {
    let server = Server::start().unwrap();
    let variables = [("PREFACTOR_API_URL", server.url()), ("TEST_TOKEN", server.token())];
    let text = run_child("schemas::child_registers_schemas_that_are_invalid", &variables);
    let said: Vec<_> = text.lines().filter_map(|line| Some(line.split_once("said: ")?.1)).collect();
    let [said] = said[..] else { panic!("{text}") };
    for part in ["tool:wrong_0 (params_schema): ", "and 3 more", "ClientBuilder::schemas"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("tool:right") && !said.contains('\u{1b}'), "{said}");
    assert!(text.contains("acknowledged: 2, more lines: 0"), "{text}");
}
