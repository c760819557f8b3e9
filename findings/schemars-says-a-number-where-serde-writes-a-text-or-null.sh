#!/usr/bin/env bash
# What happens: schemars' contract for serialization describes a field with `serialize_with` by the field's type, not by what the function
#   writes, and an f64 as a number although serde_json writes NaN and the infinities as null. A value that was serialized by the program
#   then fails the schema that was derived from the same type.
# The wrong guess: The schema of `for_serialize` holds for everything that serde writes, since schemars reads serde's attributes.
# Versions: schemars 1.2.3, serde 1.0.229, serde_json 1.0.154
# Seen:
#   id: schema "integer", written "5"
#   score: schema "number", written null
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
schemars = "=1.2.3"
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
TOML
cat >src/main.rs <<'RUST'
use schemars::generate::SchemaSettings;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

#[derive(Serialize, JsonSchema)]
struct Rating {
    #[serde(serialize_with = "as_text")]
    id: u64,
    score: f64,
}

fn as_text<S: Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&id.to_string())
}

fn main() {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = serde_json::to_value(generator.into_root_schema_for::<Rating>()).unwrap();
    let written = serde_json::to_value(Rating { id: 5, score: f64::NAN }).unwrap();
    let of = |name: &str| (schema["properties"][name]["type"].to_string(), written[name].to_string());
    for name in ["id", "score"] {
        let (schema, written) = of(name);
        println!("{name}: schema {schema}, written {written}");
    }
    assert_eq!(of("id"), ("\"integer\"".to_owned(), "\"5\"".to_owned()));
    assert_eq!(of("score"), ("\"number\"".to_owned(), "null".to_owned()));
}
RUST
cargo run --quiet
