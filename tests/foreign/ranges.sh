#!/usr/bin/env bash
# Compiles the integrations of this workspace whose manifests allow several versions of a foreign crate with the oldest and the newest
# of them. The tests run with one version each, which the manifests pin.
#
# usage: tests/foreign/ranges.sh [CRATE]    all of them, or those of one foreign crate
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$root/target/ranges
mkdir -p "$work"

# Integration, its features, the foreign crate, versions.
rows=(
    "rmcp|client,server|rmcp|3.9.0 3.11.0"
    "async-openai||async-openai|0.38.0 0.43.0"
    "streams|genai|genai|0.7.0 0.7.2"
    "streams|ollama-rs|ollama-rs|0.3.4 0.3.6"
)

for row in "${rows[@]}"; do
    IFS='|' read -r integration features crate versions <<<"$row"
    [[ -z ${1:-} || $1 == "$crate" ]] || continue
    for version in $versions; do
        package=$work/$integration-$crate-$version
        mkdir -p "$package/src"
        : >"$package/src/lib.rs"
        quoted() { [[ -z $1 ]] || printf '"%s", ' ${1//,/ }; }
        cat >"$package/Cargo.toml" <<TOML
[package]
name = "range"
version = "0.0.0"
edition = "2024"

[dependencies]
prefactor-$integration = { path = "$root/integrations/$integration", default-features = false, features = [$(quoted "$features")] }
$crate = { version = "=$version", default-features = false }

[workspace]
TOML
        # A lock of the day: whatever else the oldest version takes.
        cargo check --quiet --manifest-path "$package/Cargo.toml" --target-dir "$work/target"
        echo "prefactor-$integration with $crate $version compiles"
        compiled=1
    done
done
[[ -n ${compiled:-} ]] || {
    echo "no integration has a range of $1" >&2
    exit 2
}
