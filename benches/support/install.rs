//! Programs that a script of their own installs.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::generated::ROOT;

/// The exit status of a script that cannot do its work on this machine.
const CANNOT_RUN: i32 = 75;

/// The path in the first line that the script prints, or the reason why there is none.
pub type Installed = Result<String, String>;

/// Runs the script, which writes to the folder of that name below another.
pub fn run(script: &str, scratch: &str, folder: &str) -> Result<Installed> {
    let folder = Path::new(scratch).join(folder);
    let script = Path::new(ROOT).join(script);
    let output = Command::new("bash").arg(&script).arg(folder).stdin(Stdio::null()).output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(CANNOT_RUN) {
        return Ok(Err(log.lines().last().unwrap_or_default().to_owned()));
    }
    ensure!(output.status.success(), "{}: {log}", script.display());
    let said = String::from_utf8(output.stdout)?;
    let path = said.lines().next().with_context(|| format!("{} prints no path", script.display()))?;
    Ok(Ok(path.to_owned()))
}
