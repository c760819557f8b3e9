use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use prefactor_local::Server;

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_prefactor-local"))
}

#[test]
fn help_and_version_print_and_end() {
    for (argument, expected) in [("--help", "--database FILE"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = binary().arg(argument).output().unwrap();
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains(expected), "{argument}");
    }
}

#[test]
fn wrong_argument_or_a_port_in_use_is_explained_on_stderr() {
    let taken = Server::start().unwrap();
    let port = taken.address().port().to_string();
    for (arguments, expected) in [
        (
            vec!["--nonsense"],
            "--nonsense is not an option: use one of those that prefactor-local --help lists",
        ),
        (vec!["--prot", "1"], "--prot is not an option: did you mean --port?"),
        (vec!["-x"], "-x is not an option: use one"),
        (vec!["rusn"], "\"rusn\" is not a command: did you mean runs?"),
        (vec!["nonsense"], "\"nonsense\" is not a command: use one of those"),
        (
            vec!["--port", "99999"],
            "--port takes a number from 0 to 65535, not \"99999\": use e.g. --port 4000",
        ),
        (vec!["--port"], "--port needs a value: use e.g. --port 4000"),
        (vec!["runs", "--limit", "few"], "--limit takes a whole number, not \"few\": use e.g. --limit 50"),
        (vec!["--json=1"], "see prefactor-local --help"),
        (vec!["--port", &port], "already in use"),
    ] {
        let output = binary().args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(expected) && output.stdout.is_empty(), "{arguments:?}: {error}");
    }
}

/// Sends the signals with the shell, because the standard library cannot.
#[cfg(unix)]
#[test]
fn binary_prints_both_variables_and_stops_cleanly_on_either_signal() {
    for signal in ["INT", "TERM"] {
        let mut process =
            binary().args(["--port", "0", "--token", "pf_x"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let shown: Vec<_> = lines.by_ref().take_while(|line| !line.contains("ctrl-c")).collect();
        let url = shown.iter().find_map(|line| line.strip_prefix("export PREFACTOR_API_URL=")).unwrap();
        assert!(shown.iter().any(|line| line == "export PREFACTOR_API_TOKEN=pf_x"), "{shown:?}");
        assert!(shown.iter().any(|line| line == &format!("Traces: {url}/#token=pf_x")), "{shown:?}");
        let kill = format!("kill -{signal} {}", process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert!(process.wait().unwrap().success(), "{signal}");
    }
}
