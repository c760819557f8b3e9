#!/usr/bin/env bash
# What happens: The crate `liquid` fails the whole template when it names a variable that the data does not have, also where the filter `default`
#   stands right behind it. Only a member that is there and null takes the default. A test for it, `{% if answer %}`, works with both.
# The wrong guess: Liquid shows nothing for what is missing, and `default` is for just that.
# Versions: liquid 0.26.11
# Seen:
#   {{ answer }}: error, Unknown variable
#   {{ answer | default: "none" }}: error, Unknown variable
#   {% if answer %}some{% else %}none{% endif %}: none
#   {{ nothing | default: "none" }}: none
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
liquid = "=0.26.11"
kstring = "=2.0.2" # the newest one that Rust 1.95 compiles
TOML
cat >src/main.rs <<'RUST'
fn main() {
    let parser = liquid::ParserBuilder::with_stdlib().build().unwrap();
    let data = liquid::object!({ "nothing": liquid::model::Value::Nil });
    let rendered = |template: &str| match parser.parse(template).unwrap().render(&data) {
        Ok(text) => text,
        Err(error) => format!("error, {}", error.to_string().lines().next().unwrap().trim_start_matches("liquid: ")),
    };
    let templates = [
        "{{ answer }}",
        "{{ answer | default: \"none\" }}",
        "{% if answer %}some{% else %}none{% endif %}",
        "{{ nothing | default: \"none\" }}",
    ];
    let seen = templates.map(rendered);
    for (template, seen) in templates.iter().zip(&seen) {
        println!("{template}: {seen}");
    }
    assert_eq!(seen, ["error, Unknown variable", "error, Unknown variable", "none", "none"]);
}
RUST
cargo run --quiet
