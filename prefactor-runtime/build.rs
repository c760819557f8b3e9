//! Tells the crate the compiler's version, which the registration of a run names.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=PREFACTOR_RUSTC_VERSION={}", version().unwrap_or_else(|| "unknown".into()));
}

/// `1.95.0` out of `rustc 1.95.0 (59807616e 2026-04-14)`.
fn version() -> Option<String> {
    let compiler = env::var_os("RUSTC")?;
    let output = Command::new(compiler).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split(' ').nth(1).map(str::to_owned)
}
