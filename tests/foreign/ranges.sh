#!/usr/bin/env bash
# Compiles each integration with the oldest and the newest versions of the foreign crates that its manifest allows. The tests run with
# the versions of the lock files.
#
# usage: tests/foreign/ranges.sh [INTEGRATION]    all of them, or one
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$root/target/ranges
mkdir -p "$work"

# Integration, its features, versions of foreign crates. A test holds the oldest ones to the manifests.
rows=(
    "tracing|fmt|tracing-core=0.1.35 tracing-subscriber=0.3.20"
    "tracing|fmt|tracing-core=0.1.36 tracing-subscriber=0.3.23"
    "tower||http=1.0.0 http-body=1.0.0 tower-layer=0.3.0 tower-service=0.3.0"
    "tower||http=1.5.0 http-body=1.1.0 tower-layer=0.3.3 tower-service=0.3.3"
    "async-openai||async-openai=0.38.0"
    "async-openai||async-openai=0.43.0"
    "rmcp|client,server|rmcp=3.9.0"
    "rmcp|client,server|rmcp=3.11.0"
    "streams|genai|genai=0.7.0"
    "streams|genai|genai=0.7.2"
    "streams|ollama-rs|ollama-rs=0.3.4"
    "streams|ollama-rs|ollama-rs=0.3.6"
    "streams|async-anthropic|async-anthropic=0.6.0"
    "streams|rig|rig=0.44.0"
)

for row in "${rows[@]}"; do
    IFS='|' read -r integration features versions <<<"$row"
    [[ -z ${1:-} || $1 == "$integration" ]] || continue
    package=$work/$integration-${versions//[ =]/-}
    mkdir -p "$package/src"
    : >"$package/src/lib.rs"
    quoted() { [[ -z $1 ]] || printf '"%s", ' ${1//,/ }; }
    {
        cat <<TOML
[package]
name = "range"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
prefactor-$integration = { path = "$root/integrations/$integration", default-features = false, features = [$(quoted "$features")] }
TOML
        for version in $versions; do
            echo "${version%=*} = { version = \"=${version#*=}\", default-features = false }"
        done
    } >"$package/Cargo.toml"
    # A lock of the day: whatever else the oldest versions take.
    cargo check --quiet --manifest-path "$package/Cargo.toml" --target-dir "$work/target"
    echo "prefactor-$integration with $versions compiles"
    compiled=1
done
[[ -n ${compiled:-} ]] || {
    echo "there is no integration $1" >&2
    exit 2
}
