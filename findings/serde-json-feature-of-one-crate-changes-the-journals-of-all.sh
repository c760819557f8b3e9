#!/usr/bin/env bash
# What happens: serde_json's feature `arbitrary_precision` is on for a whole program as soon as one crate in it asks for it. From then on a Value that
#   is kept in MessagePack or CBOR has a map with the text of the number in each number's place: a journal that another program reads has no
#   counts any more, and is several times as long. Events that are told apart by a tag (#[serde(tag = "type")]) and have a floating-point member, a cost
#   or a score, cannot be read from JSON. And 1.50 is not equal to 1.5. The program's own code and its own crates stay as they were.
# The wrong guess: A crate below changes nothing about what the program writes; the feature is about numbers that are longer than an f64.
# Versions: serde_json 1.0.154, serde 1.0.229, rmp-serde 1.3.1
# Seen:
#   without: 23 bytes of MessagePack, tokens 42, event Usage { cost: 0.5 }, 1.50 equals 1.5: true
#   with a crate that asks for it: 80 bytes of MessagePack, tokens wrong msgpack marker FixMap(1), event invalid type: map, expected f64, 1.50 equals 1.5: false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p src other/src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
other = { path = "other", optional = true }
rmp-serde = "=1.3.1"
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
TOML
cat >other/Cargo.toml <<'TOML'
[package]
name = "other"
version = "0.0.0"
edition = "2024"

[dependencies]
serde_json = { version = "1", features = ["arbitrary_precision"] }
TOML
touch other/src/lib.rs
cat >src/main.rs <<'RUST'
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Event {
    Usage {
        #[allow(dead_code)]
        cost: f64,
    },
}

#[derive(Deserialize)]
struct Counts {
    tokens: u64,
}

fn main() {
    let packed = rmp_serde::to_vec_named(&json!({"tokens": 42, "cost": 0.5})).unwrap();
    let tokens = match rmp_serde::from_slice::<Counts>(&packed) {
        Ok(counts) => counts.tokens.to_string(),
        Err(error) => error.to_string(),
    };
    let event = match serde_json::from_str::<Event>(r#"{"type": "Usage", "cost": 0.5}"#) {
        Ok(event) => format!("{event:?}"),
        Err(error) => error.to_string(),
    };
    let equal = serde_json::from_str::<Value>("1.50").unwrap() == json!(1.5);
    println!("{} bytes of MessagePack, tokens {tokens}, event {event}, 1.50 equals 1.5: {equal}", packed.len());
}
RUST
without=$(cargo run --quiet)
with=$(cargo run --quiet --features other)
echo "without: $without"
echo "with a crate that asks for it: $with"
[ "$without" = "23 bytes of MessagePack, tokens 42, event Usage { cost: 0.5 }, 1.50 equals 1.5: true" ]
[ "$with" = "80 bytes of MessagePack, tokens wrong msgpack marker FixMap(1), event invalid type: map, expected f64, 1.50 equals 1.5: false" ]
