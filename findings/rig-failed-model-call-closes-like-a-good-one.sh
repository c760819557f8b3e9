#!/usr/bin/env bash
# What happens: The spans of rig say nothing of a model call that failed: no error.type, no status, no event of WARN or above. `chat` and
#   `invoke_agent` just close, without the fields of an answer. And where any span is current when the agent is asked, as in every
#   service with a middleware that traces, rig makes no `invoke_agent` at all and its summed usage is nowhere.
# The wrong guess: A failed call is an error in the trace, as a failed tool is (`gen_ai.tool.call.outcome = error`); a span around
#   a program changes where spans are, not which there are.
# Versions: rig 0.44.0 (needs Rust 1.95)
# Seen:
#   failed call: chat {}, invoke_agent {}; events of WARN and above: 0
#   good call: chat {gen_ai.usage.input_tokens=12}, invoke_agent {gen_ai.usage.input_tokens=12}
#   good call within a span: chat {gen_ai.usage.input_tokens=12}, handler {}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
rig = { version = "=0.44.0", default-features = false, features = ["agent", "reqwest"] }
tokio = { version = "1", features = ["macros", "rt"] }
tracing = "0.1"
tracing-subscriber = { version = "0.3", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rig::AgentBuilder;
use rig::providers::openai::OpenAIConfig;
use tracing::field::{Field, Visit};
use tracing::{Event, Instrument, Level, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The fields that tell how a call ended.
#[derive(Default)]
struct Told(BTreeMap<String, String>);

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let name = field.name();
        if name.contains("error") || name.contains("status") || name == "gen_ai.usage.input_tokens" {
            self.0.insert(name.to_owned(), format!("{value:?}"));
        }
    }
}

/// Writes each span down when it closes.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<(Vec<String>, usize)>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Closed {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut told = Told::default();
        attributes.record(&mut told);
        context.span(id).unwrap().extensions_mut().insert(told);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Told>().unwrap());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0.lock().unwrap().1 += usize::from(*event.metadata().level() <= Level::WARN);
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if !["chat", "invoke_agent", "handler"].contains(&span.name()) {
            return;
        }
        let extensions = span.extensions();
        let told: Vec<_> = extensions.get::<Told>().unwrap().0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.0.lock().unwrap().0.push(format!("{} {{{}}}", span.name(), told.join(", ")));
    }
}

fn serve(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(&connection);
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection.write_all((head + body).as_bytes()).unwrap();
        }
    });
    url
}

async fn ask(url: &str) -> bool {
    let client = OpenAIConfig::new("none").with_base_url(url).client();
    AgentBuilder::new(client.chat("m")).name("helper").build().prompt("why?").await.is_ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let closed = Closed::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(closed.clone())).unwrap();
    let seen = || std::mem::take(&mut *closed.0.lock().unwrap());

    let answer = r#"{"id":"a","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"so"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}"#;
    let (good, bad) = (serve(200, answer), serve(500, r#"{"error":{"message":"away"}}"#));

    assert!(!ask(&bad).await);
    let (failed, events) = seen();
    println!("failed call: {}; events of WARN and above: {events}", failed.join(", "));
    assert!(ask(&good).await);
    let (whole, _) = seen();
    println!("good call: {}", whole.join(", "));
    assert!(ask(&good).instrument(tracing::info_span!("handler")).await);
    let (within, _) = seen();
    println!("good call within a span: {}", within.join(", "));

    assert_eq!((failed, events), (vec!["chat {}".to_owned(), "invoke_agent {}".to_owned()], 0));
    let tokens = "{gen_ai.usage.input_tokens=12}";
    assert_eq!(whole, [format!("chat {tokens}"), format!("invoke_agent {tokens}")]);
    assert_eq!(within, [format!("chat {tokens}"), "handler {}".to_owned()]);
}
RUST
cargo run --quiet
