//! Opens an address in the user's browser.

use std::{
    env,
    process::{Command, Stdio},
};

/// Opens `url` by the program that `BROWSER` names, or else by that of the desktop. Whether it opens is not waited for.
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
