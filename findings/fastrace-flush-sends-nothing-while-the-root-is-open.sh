#!/usr/bin/env bash
# What happens: fastrace hands no span to its reporter before the root of the trace has ended, however many below it have. flush() changes nothing. An
#   agent whose session is one root has no trace for hours, keeps all its spans in memory, and a process that is stopped or aborts has
#   flushed nothing of its session. What ends after the root is reported at once, by itself.
# The wrong guess: A span that ended is exported with the next batch; flush() before an exit saves what has ended.
# Versions: fastrace 0.7.19
# Seen:
#   two calls have ended: []
#   the root has ended: ["first call", "second call", "session"]
#   a stream has ended after it: ["stream"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
fastrace = { version = "=0.7.19", features = ["enable"] }
TOML
cat >src/main.rs <<'RUST'
use std::sync::{Arc, Mutex};

use fastrace::collector::{Config, Reporter, SpanRecord};
use fastrace::prelude::*;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<String>>>);

impl Reporter for Memory {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        self.0.lock().unwrap().extend(spans.into_iter().map(|span| span.name.into_owned()));
    }
}

fn main() {
    let memory = Memory::default();
    fastrace::set_reporter(memory.clone(), Config::default());
    let reported = |moment: &str| {
        fastrace::flush();
        let mut names = std::mem::take(&mut *memory.0.lock().unwrap());
        names.sort();
        println!("{moment}: {names:?}");
        names
    };
    let session = Span::root("session", SpanContext::random());
    for name in ["first call", "second call"] {
        drop(Span::enter_with_parent(name, &session));
    }
    let stream = Span::enter_with_parent("stream", &session);
    let two_ended = reported("two calls have ended");
    drop(session);
    let root_ended = reported("the root has ended");
    drop(stream);
    let stream_ended = reported("a stream has ended after it");
    assert!(two_ended.is_empty());
    assert_eq!(root_ended, ["first call", "second call", "session"]);
    assert_eq!(stream_ended, ["stream"]);
}
RUST
cargo run --quiet
