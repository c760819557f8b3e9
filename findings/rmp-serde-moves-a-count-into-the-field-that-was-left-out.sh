#!/usr/bin/env bash
# What happens: rmp_serde::to_vec writes a struct as a list without names. A field that serde leaves out, by the usual pair of `default` and
#   `skip_serializing_if`, is a gap that nothing marks: the next field is read in its place. Here 900 tokens of reasoning come back as 900
#   tokens from the cache, which cost a tenth. It is Ok as long as the types fit. JSON, CBOR and to_vec_named keep the names.
# The wrong guess: What serde writes with one format it reads back with the same format, whatever the attributes are.
# Versions: rmp-serde 1.3.1, serde 1.0.228, ciborium 0.2.2, serde_json 1.0.154
# Seen:
#   JSON: cached None, reasoning Some(900)
#   CBOR: cached None, reasoning Some(900)
#   MessagePack, to_vec_named: cached None, reasoning Some(900)
#   MessagePack, to_vec: cached Some(900), reasoning None
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
ciborium = "=0.2.2"
rmp-serde = "=1.3.1"
serde = { version = "=1.0.228", features = ["derive"] }
serde_json = "=1.0.154"
TOML
cat >src/main.rs <<'RUST'
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Usage {
    input: u64,
    output: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cached: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reasoning: Option<u64>,
}

fn main() {
    let usage = Usage { input: 1000, output: 950, cached: None, reasoning: Some(900) };
    let mut cbor = Vec::new();
    ciborium::into_writer(&usage, &mut cbor).unwrap();
    let read: [(&str, Usage); 4] = [
        ("JSON", serde_json::from_str(&serde_json::to_string(&usage).unwrap()).unwrap()),
        ("CBOR", ciborium::from_reader(cbor.as_slice()).unwrap()),
        ("MessagePack, to_vec_named", rmp_serde::from_slice(&rmp_serde::to_vec_named(&usage).unwrap()).unwrap()),
        ("MessagePack, to_vec", rmp_serde::from_slice(&rmp_serde::to_vec(&usage).unwrap()).unwrap()),
    ];
    for (name, usage) in &read {
        println!("{name}: cached {:?}, reasoning {:?}", usage.cached, usage.reasoning);
    }
    assert!(read[..3].iter().all(|(_, usage)| (usage.cached, usage.reasoning) == (None, Some(900))));
    assert_eq!((read[3].1.cached, read[3].1.reasoning), (Some(900), None));
}
RUST
cargo run --quiet
