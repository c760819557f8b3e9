//! Opens an address in the user's browser.

use std::{
    env,
    process::{Command, Stdio},
};

/// Opens `url` with the program that `BROWSER` names, else with that of the desktop, and does not wait for it.
///
/// A token is never part of `url`: other users of the machine can read the arguments of a process.
pub(super) fn open(url: &str) {
    let program = env::var_os("BROWSER").filter(|program| !program.is_empty());
    let (program, arguments) = match program {
        Some(program) => (program, vec![url]),
        None if cfg!(target_os = "macos") => ("open".into(), vec![url]),
        None if cfg!(windows) => ("cmd".into(), vec!["/c", "start", "", url]),
        None => ("xdg-open".into(), vec![url]),
    };
    let _ = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}
