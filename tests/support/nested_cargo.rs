//! Runs the `cargo` that runs the test, for programs that need a profile or features of their own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Returns the output of this `cargo`, with a target folder of its own so that it waits for no lock.
#[must_use]
pub fn run(target: &Path, args: &[&str]) -> String {
    let output = command().args(args).env("CARGO_TARGET_DIR", target).output().unwrap();
    assert!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A `cargo` without the variables that the outer one has set for the test: they would run build scripts again.
#[must_use]
pub fn command() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let is_of_test = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if is_of_test {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Returns the path of one of the workspace's programs that tests run: `load`, `prefactor-local`, or `prefactor-spool`.
///
/// They are built with the whole workspace and with an example, so that their features are those of `cargo test --workspace`, which has
/// built them by then.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    static MESSAGES: OnceLock<Vec<Value>> = OnceLock::new();
    let messages = MESSAGES.get_or_init(|| {
        let built = command()
            .args(["build", "--quiet", "--workspace", "--message-format=json", "--example", "load"])
            .args(["--bin", "prefactor-local", "--bin", "prefactor-spool"])
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let messages = String::from_utf8(built.stdout).unwrap();
        messages.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    });
    let is_it = |message: &&Value| message["target"]["name"] == name && message["executable"].is_string();
    messages.iter().find(is_it).unwrap()["executable"].as_str().unwrap().into()
}
