//! Runs the `cargo` that runs the test, for programs that need a profile or features of their own.

use std::path::Path;
use std::process::Command;

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
