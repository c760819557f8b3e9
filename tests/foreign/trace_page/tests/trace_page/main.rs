//! The trace page in a browser: its content, its use, and recorded text that stays text.
//!
//! Each test starts a server and has a program for Node.js play one scene of `scenes/` on its page.

#![expect(clippy::unwrap_used, reason = "helpers panic to fail their test")]

mod hostile;
mod run;
mod scenes;
mod terminate;

use std::process::{Command, Stdio};

use prefactor_foreign_support::{Folders, folders};
use prefactor_local::Server;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const FOLDERS: Folders = folders!();

/// Plays a scene and gives back what it saw, or `None` where no browser can be had. Leaves screenshots in the
/// outputs of [`FOLDERS`].
///
/// Errors, refusals by the page's policy, foreign requests and elements made from recorded text fail the test.
fn play<T: DeserializeOwned>(scene: &str, server: &Server, variables: &[(&str, &str)]) -> Option<T> {
    let installed = FOLDERS.install()?;
    let output = Command::new("node")
        .arg(FOLDERS.source("scene.mjs"))
        .arg(scene)
        .envs([("MODULES", installed[0].as_str()), ("CHROMIUM", &installed[1])])
        .envs([("PAGE_URL", server.url()), ("TOKEN", server.token()), ("SCREENSHOTS", FOLDERS.outputs)])
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {log}", output.status);
    let mut seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    let complaints = seen.as_object_mut().unwrap().remove("complaints");
    assert_eq!(complaints, Some(json!([])));
    Some(serde_json::from_value(seen).unwrap())
}
