//! What a test needs from outside, brought by a script of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The exit status of a script that cannot do its work on this machine.
const CANNOT_RUN: i32 = 75;

/// Runs `tests/NAME/install.sh`, once per machine the slow way, and returns the lines that it prints.
///
/// `None`, with a printed reason, is only for what no change to this project can cure: an interpreter that
/// is not there, an index that cannot be reached. Any other failure of the script is one of the test.
#[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
pub(crate) fn install(name: &str) -> Option<Vec<String>> {
    let script = sources(name).join("install.sh");
    let output = Command::new("bash").arg(script).arg(outputs(name)).stdin(Stdio::null()).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(CANNOT_RUN) {
        eprintln!("skipped: {}", log.lines().last().unwrap_or_default());
        return None;
    }
    assert!(output.status.success(), "{}: {log}", output.status);
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

/// Where the programs of that test are kept.
pub(crate) fn sources(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Where that test may write.
pub(crate) fn outputs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
