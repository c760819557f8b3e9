#!/usr/bin/env bash
# What happens: A tool's arguments that pass the schema which schemars derives from a Rust type may still not be read into that type. JSON Schema calls
#   10.0 and 1e1 integers, as a model or a service that keeps doubles writes them; serde_json calls them floating point and refuses them for a
#   u32. And schemars gives a u8 its maximum but a u32 and an i64 a `format` alone, which validators do not look at, so 5000000000 passes. The call
#   is valid for the client and for a gateway, and an error at the tool. The same member given twice is read from a Value and refused from a text.
# The wrong guess: A schema that was derived from a type holds exactly for what the type reads, and an integer is an integer.
# Versions: schemars 1.2.3, jsonschema 0.61.2, serde 1.0.229, serde_json 1.0.154
# Seen:
#   {"limit": 10}: schema true, from a text Ok(10), from a Value Ok(10)
#   {"limit": 10.0}: schema true, from a text Err, from a Value Err
#   {"limit": 1e1}: schema true, from a text Err, from a Value Err
#   {"limit": 5000000000}: schema true, from a text Err, from a Value Err
#   {"limit": 1, "limit": 2}: schema true, from a text Err, from a Value Ok(2)
#   {"limit": 1, "small": 300}: schema false, from a text Err, from a Value Err
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
jsonschema = { version = "=0.61.2", default-features = false }
schemars = "=1.2.3"
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
TOML
cat >src/main.rs <<'RUST'
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    limit: u32,
    #[serde(default)]
    #[allow(dead_code)]
    small: u8,
}

fn tell(result: Result<Arguments, serde_json::Error>) -> String {
    result.map_or("Err".to_owned(), |arguments| format!("Ok({})", arguments.limit))
}

fn main() {
    let schema = schemars::schema_for!(Arguments);
    let validator = jsonschema::validator_for(schema.as_value()).unwrap();
    for (text, expected) in [
        (r#"{"limit": 10}"#, (true, "Ok(10)", "Ok(10)")),
        (r#"{"limit": 10.0}"#, (true, "Err", "Err")),
        (r#"{"limit": 1e1}"#, (true, "Err", "Err")),
        (r#"{"limit": 5000000000}"#, (true, "Err", "Err")),
        (r#"{"limit": 1, "limit": 2}"#, (true, "Err", "Ok(2)")),
        (r#"{"limit": 1, "small": 300}"#, (false, "Err", "Err")),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        let valid = validator.is_valid(&value);
        let (from_text, from_value) = (tell(serde_json::from_str(text)), tell(serde_json::from_value(value)));
        println!("{text}: schema {valid}, from a text {from_text}, from a Value {from_value}");
        assert_eq!((valid, from_text.as_str(), from_value.as_str()), expected);
    }
}
RUST
cargo run --quiet
