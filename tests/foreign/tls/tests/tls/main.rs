//! A program keeps its TLS when it depends on `prefactor`: one library of cryptography, and no panic where a crate relies
//! on the implicit one. Each program is a package of its own, so that cargo resolves its features as for a user.

mod tls_server;

use std::path::Path;
use std::process::Command;

use prefactor_local::Server;
use serde_json::Value;

use tls_server::TlsServer;

const ALL: [&str; 6] =
    ["reqwest-default", "tungstenite", "plain-rustls", "ring", "own-provider", "native-tls"];

fn cargo(arguments: &[&str], program: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command.args(arguments).args(["--locked", "--package", &format!("prefactor-tls-{program}")]);
    command
}

fn output(mut command: Command) -> String {
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The libraries of cryptography that a program builds, with what switches on each.
fn cryptography(program: &str) -> Vec<&'static str> {
    let mut command = cargo(&["tree"], program);
    command.args(["--edges", "features,no-dev", "--prefix", "none", "--format", "{p}"]);
    let tree = output(command);
    let libraries = ["aws-lc-rs", "native-tls", "ring"];
    libraries
        .into_iter()
        .filter(|name| tree.lines().any(|line| line.starts_with(&format!("{name} v"))))
        .collect()
}

#[test]
fn programs_with_the_defaults_of_the_ecosystem_build_aws_lc_rs_alone() {
    for program in ["reqwest-default", "tungstenite", "plain-rustls"] {
        assert_eq!(cryptography(program), ["aws-lc-rs"], "{program}");
    }
}

#[test]
fn programs_that_chose_otherwise_build_what_they_chose_alone() {
    for (program, choice) in [("ring", "ring"), ("own-provider", "aws-lc-rs"), ("native-tls", "native-tls")] {
        assert_eq!(cryptography(program), [choice], "{program}");
    }
}

#[test]
fn each_program_compiles() {
    for program in ALL {
        output(cargo(&["check", "--quiet"], program));
    }
}

/// Runs a program against the local server behind TLS, and returns the names of the spans that were stored.
fn run(program: &str) -> Vec<String> {
    let server = Server::start().expect("the local server starts");
    let tls = TlsServer::in_front_of(server.address());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let authority = folder.join(format!("{program}-authority.pem"));
    std::fs::write(&authority, tls.authority()).expect("a file in the target folder");
    let mut command = cargo(&["run", "--quiet"], program);
    command.env("PREFACTOR_API_URL", tls.url()).env("PREFACTOR_API_TOKEN", server.token());
    command.env("TEST_AUTHORITY", &authority);
    output(command);
    let now = "2999-01-01T00:00:00Z";
    let url = format!("{}/api/v1/agent_spans?start_time=2000-01-01T00:00:00Z&end_time={now}", server.url());
    let answer: Value = ureq::get(&url)
        .header("authorization", &format!("Bearer {}", server.token()))
        .call()
        .and_then(|mut response| response.body_mut().read_json())
        .expect("the local server lists its spans");
    let spans = answer["summaries"].as_array().expect("a list of spans");
    let mut names: Vec<_> =
        spans.iter().map(|span| span["schema_name"].as_str().unwrap_or_default().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn websocket_and_reqwest_go_on_working_beside_the_sdk() {
    assert_eq!(run("tungstenite"), ["tls:ask", "tls:connect"]);
}

#[test]
fn provider_that_the_program_installs_is_used_and_its_lack_is_told() {
    assert_eq!(run("own-provider"), ["tls:own"]);
}
