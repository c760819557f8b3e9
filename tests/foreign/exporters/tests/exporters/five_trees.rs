//! One agent that reports to five destinations at once: the five trees are the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::trace::v1::Span;
use prefactor::export::otlp::{self, Otlp};
use prefactor::export::{ConsoleProcessor, OpenAi};
use prefactor::{Client, InstanceStatus, span};
use prefactor_local::Server;
use prefactor_tests::receiver::Receiver;
use prefactor_tests::stored::{StoredSpan, list};
use serde_json::{Value, json};

use crate::corpus::TIMEOUT;
use crate::otlp::{attributes, spans};

#[span("agent:run")]
fn run(question: &str) -> Result<Value, String> {
    for step in 0..3 {
        plan(step);
    }
    ask(question);
    search(question)
}

#[span("agent:plan")]
fn plan(step: u8) -> u8 {
    ask(&format!("step {step}"));
    step
}

#[span("agent:llm_call")]
fn ask(prompt: &str) -> Value {
    json!({ "text": prompt })
}

#[span("tool:search")]
fn search(query: &str) -> Result<Value, String> {
    Err(format!("nothing about {query}"))
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A node: its id, its parent's, its kind, and whether it failed.
pub(crate) type Node = (String, Option<String>, String, bool);

/// An outline with two blanks a level, siblings in the order of their texts.
fn outline(nodes: &[Node]) -> String {
    fn add(nodes: &[Node], parent: Option<&str>, depth: usize, out: &mut String) {
        let below: Vec<_> = nodes.iter().filter(|(_, theirs, ..)| theirs.as_deref() == parent).collect();
        let mut texts: Vec<_> = below
            .into_iter()
            .map(|(id, _, name, has_failed)| {
                let mut text =
                    format!("{}{name}{}\n", "  ".repeat(depth), if *has_failed { " failed" } else { "" });
                add(nodes, Some(id), depth + 1, &mut text);
                text
            })
            .collect();
        texts.sort();
        out.extend(texts);
    }
    let mut out = String::new();
    add(nodes, None, 0, &mut out);
    out
}

/// The tree of the console: a line that was opened is closed by one with `=`.
fn shown(screen: &str) -> Vec<Node> {
    let (mut nodes, mut open): (Vec<Node>, Vec<String>) = (Vec::new(), Vec::new());
    let mut failed = BTreeMap::new();
    for (number, line) in screen.lines().enumerate().filter(|(_, line)| line.starts_with("  ")) {
        let text = line.trim_start();
        let depth = (line.len() - text.len()) / 2;
        open.truncate(depth);
        if text.starts_with("= ") {
            failed.insert(open[depth - 1].clone(), text.contains("  failed"));
            continue;
        }
        open.truncate(depth - 1);
        let id = number.to_string();
        let name = text.split("  ").next().unwrap().to_owned();
        nodes.push((id.clone(), open.last().cloned(), name, text.contains("  failed")));
        open.push(id);
    }
    for node in &mut nodes {
        node.3 |= failed.get(&node.0).copied().unwrap_or(false);
    }
    nodes
}

#[test]
fn five_destinations_have_the_same_tree() {
    let collector = Receiver::start([]);
    let hex = |bytes: &[u8]| format!("{:016x}", u64::from_be_bytes(bytes.try_into().unwrap()));
    let node = |(_, span): (_, Span)| {
        let name = attributes(&span.attributes)["prefactor.schema_name"].as_str().unwrap().to_owned();
        let parent = (!span.parent_span_id.is_empty()).then(|| hex(&span.parent_span_id));
        (hex(&span.span_id), parent, name, span.status.unwrap().code == 2)
    };
    compare("five_trees", otlp::collector().endpoint(collector.url()), |_| {
        spans(&collector).into_iter().map(node).collect()
    });
}

/// One agent reports to the local server, by OTLP, to OpenAI's traces, to the console and into a file. `read` says what so many
/// spans are for the receiver of OTLP.
pub(crate) fn compare(name: &str, exporter: Otlp, read: impl FnOnce(usize) -> Vec<Node>) {
    let (server, openai, screen) = (Server::start().unwrap(), Receiver::start([]), Screen::default());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("jsonl");
    let _ = fs::remove_file(&path);
    let client = Client::builder()
        .api_url(server.url())
        .api_token(server.token())
        .prefactor()
        .otlp(exporter)
        .openai(OpenAi::new().api_key("sk").endpoint(openai.url()))
        .processor(ConsoleProcessor::to(screen.clone(), false))
        .file(&path)
        .build()
        .unwrap();
    let instance = client.register("researcher");
    assert!(instance.in_scope(|| run("why")).is_err());
    instance.finish(InstanceStatus::Complete);
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report} {:?}", client.processor_stats());

    let stored = list::<StoredSpan>(&server, "agent_spans").into_iter();
    let platform: Vec<_> = stored
        .map(|span| (span.id, span.parent_span_id, span.schema_name, span.status == "failed"))
        .collect();
    let otlp = read(platform.len());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let file: Vec<_> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["type"] == "agent_span")
        .map(|line| {
            (
                text(&line["id"]).unwrap(),
                text(&line["parent_span_id"]),
                text(&line["schema_name"]).unwrap(),
                line["status"] == "failed",
            )
        })
        .collect();
    let bodies =
        openai.requests().into_iter().map(|request| serde_json::from_slice::<Value>(&request.body).unwrap());
    let items: Vec<_> = bodies.flat_map(|body| body["data"].as_array().unwrap().clone()).collect();
    let names = BTreeMap::from([
        ("agent", "agent:run"),
        ("custom", "agent:plan"),
        ("generation", "agent:llm_call"),
        ("function", "tool:search"),
    ]);
    let dashboard: Vec<_> = items
        .iter()
        .filter(|item| item["object"] == "trace.span")
        .map(|item| {
            let name = names[item["span_data"]["type"].as_str().unwrap()].to_owned();
            (text(&item["id"]).unwrap(), text(&item["parent_id"]), name, !item["error"].is_null())
        })
        .collect();
    let screen = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();

    let expected = outline(&platform);
    assert_eq!(platform.len(), 9, "{expected}");
    assert!(expected.starts_with("agent:run failed\n  agent:llm_call\n"), "{expected}");
    for (name, tree) in
        [("otlp", &otlp), ("file", &file), ("openai", &dashboard), ("console", &shown(&screen))]
    {
        assert_eq!(outline(tree), expected, "{name}");
    }
    // Four of them have ids, by which nodes of one name are told apart.
    let by_id = |nodes: Vec<Node>, id: fn(&str) -> String| {
        let pairs = nodes
            .into_iter()
            .map(|(own, parent, name, has_failed)| (id(&own), (parent.as_deref().map(id), name, has_failed)));
        pairs.collect::<BTreeMap<_, _>>()
    };
    let expected = by_id(platform, random_bits);
    assert_eq!(expected.len(), 9);
    assert_eq!(by_id(file, random_bits), expected, "file");
    assert_eq!(by_id(otlp, str::to_owned), expected, "otlp");
    assert_eq!(by_id(dashboard, |id| id[id.len() - 16..].to_owned()), expected, "openai");
}

/// The last 64 bits of a platform's id, as OTLP shows them.
fn random_bits(id: &str) -> String {
    let digit = |character| "0123456789abcdefghjkmnpqrstvwxyz".find(character).unwrap() as u64;
    format!("{:016x}", id.chars().fold(0_u64, |number, character| number << 5 | digit(character)))
}
