//! Installs what a test needs from outside (Python and Node packages, a browser) below the target folder.
//!
//! Each test keeps an `install.sh` beside its `Cargo.toml`, which brings one kind of thing and prints where it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The exit status of a script that cannot do its work on this machine (`EX_TEMPFAIL`).
const CANNOT_RUN: i32 = 75;

/// The folders of one test, made by [`folders!`].
#[derive(Clone, Copy, Debug)]
pub struct Folders {
    /// Where the test's `Cargo.toml` and its programs are.
    pub sources: &'static str,
    /// Where the test may write: below the target folder, kept from run to run.
    pub outputs: &'static str,
}

/// The [`Folders`] of the test that calls it.
#[macro_export]
macro_rules! folders {
    () => {
        $crate::Folders {
            sources: ::core::env!("CARGO_MANIFEST_DIR"),
            outputs: ::core::concat!(
                ::core::env!("CARGO_TARGET_TMPDIR"),
                "/",
                ::core::env!("CARGO_PKG_NAME")
            ),
        }
    };
}

impl Folders {
    /// The path of a program of the test.
    #[must_use]
    pub fn source(&self, name: &str) -> PathBuf {
        Path::new(self.sources).join(name)
    }

    /// Runs the test's `install.sh`, slow only the first time, and returns the lines that it prints.
    ///
    /// Returns `None`, with a printed reason, where no change to this project could help: an interpreter is missing,
    /// or an index cannot be reached.
    ///
    /// # Panics
    ///
    /// If the script fails in any other way.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "a skipped test prints its reason")]
    pub fn install(&self) -> Option<Vec<String>> {
        let output = Command::new("bash")
            .arg(self.source("install.sh"))
            .arg(self.outputs)
            .stdin(Stdio::null())
            .output()
            .expect("bash runs");
        let log = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(CANNOT_RUN) {
            eprintln!("skipped: {}", log.lines().last().unwrap_or_default());
            return None;
        }
        assert!(output.status.success(), "{}: {log}", output.status);
        let printed = String::from_utf8(output.stdout).expect("paths in UTF-8");
        Some(printed.lines().map(str::to_owned).collect())
    }
}
