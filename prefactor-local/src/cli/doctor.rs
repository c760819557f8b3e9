//! `doctor`: finds the causes that keep spans from arriving, and prints the cure of each.

use std::{env, path::Path, process::ExitCode};

use serde_json::json;

use super::{
    Error,
    arguments::Options,
    output::{printable, say, say_json},
    progress::Progress,
    remote::Remote,
};

struct Finding {
    what: &'static str,
    /// The fault and its cure; `None` if all is well.
    problem: Option<String>,
}

pub(super) fn examine(options: &Options) -> Result<ExitCode, Error> {
    let mut findings = environment();
    if let Some(file) = &options.database {
        findings.extend(of_file(file));
    }
    findings.push(of_server(options));
    let is_well = findings.iter().all(|finding| finding.problem.is_none());
    for Finding { what, problem } in &findings {
        if options.json {
            say_json(&json!({"check": what, "ok": problem.is_none(), "problem": problem}))?;
        } else {
            match problem {
                None => say(["ok       ", what].concat())?,
                Some(problem) => say(printable(&["problem  ", what, ": ", problem].concat()))?,
            }
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The variables that an agent started from this shell would read.
fn environment() -> Vec<Finding> {
    let is_set = |name: &str| env::var(name).is_ok_and(|value| !value.trim().is_empty());
    let missing = |name: &'static str| {
        (!is_set(name)).then(|| "it is not set in this shell: use the line that the server prints".to_owned())
    };
    let disabled = env::var("PREFACTOR_DISABLED").is_ok_and(|value| matches!(value.as_str(), "1" | "true"));
    vec![
        Finding { what: "PREFACTOR_API_URL", problem: missing("PREFACTOR_API_URL") },
        Finding { what: "PREFACTOR_API_TOKEN", problem: missing("PREFACTOR_API_TOKEN") },
        Finding {
            what: "PREFACTOR_DISABLED",
            problem: disabled.then(|| "it switches recording off: unset it".to_owned()),
        },
    ]
}

fn of_server(options: &Options) -> Finding {
    let asked =
        Remote::find(options).and_then(|remote| remote.get("/api/v1/agent_instance?pagination[page_size]=1"));
    Finding { what: "server", problem: asked.err().map(|error| error.to_string()) }
}

fn of_file(file: &Path) -> Vec<Finding> {
    let mut progress = Progress::new();
    progress.draw(|| format!("checking {}", file.display()));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let checked = rusqlite::Connection::open_with_flags(file, flags).and_then(|connection| {
        connection.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0))
    });
    drop(progress);
    let problem = match checked {
        Ok(result) if result == "ok" => None,
        Ok(result) => {
            Some(format!("it is damaged: {result}; export what can be read, and start with a new file"))
        }
        Err(error) => {
            Some(format!("it cannot be read: {error}; name the file that the server was started with"))
        }
    };
    vec![
        Finding { what: "database file", problem },
        Finding { what: "rights of the database file", problem: exposed(file) },
    ]
}

#[cfg(unix)]
fn exposed(file: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;

    let mode = file.metadata().ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| format!("others may read what agents recorded: chmod 600 {}", file.display()))
}

#[cfg(not(unix))]
fn exposed(_: &Path) -> Option<String> {
    None
}
