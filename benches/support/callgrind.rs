//! Instructions, counted by callgrind.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Whether valgrind is installed.
#[must_use]
pub fn is_there() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Counts the instructions of one function, with all that it calls, on the threads that call it.
pub fn instructions(program: &Path, arguments: &[String], function: &str) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect=*{function}*"))
        .arg(program)
        .args(arguments)
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "callgrind: {report}");
    let collected =
        report.lines().find_map(|line| line.split_once("Collected :")).context("callgrind counts")?;
    Ok(collected.1.trim().parse()?)
}
