//! The options of the command line, seen in a server and in a list.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::{
    client::{start, start_with, until},
    commands::binary,
    folder::Folder,
};

/// The binary as a server, until this is dropped.
struct Serving {
    process: Child,
    url: String,
}

impl Serving {
    #[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
    fn new(arguments: &[&str]) -> Self {
        let mut command = binary(&["serve", "--port", "0", "--json"]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { process, url: said["url"].as_str().unwrap().to_owned() }
    }

    /// Returns the status of an answer to a request that calls the server by this name.
    #[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
    fn status(&self, path: &str, host: &str, token: &str) -> u16 {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.get([&self.url, path].concat()).header("Host", host);
        request.header("Authorization", ["Bearer ", token].concat()).call().unwrap().status().as_u16()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn server_for_containers_needs_a_token_and_answers_to_the_allowed_name_only() {
    let refused = binary(&["--listen", "0.0.0.0", "--port", "0"]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.contains("--token"), "{error}");

    let name = "host.docker.internal";
    let serving = Serving::new(&["--listen", "0.0.0.0", "--allow-host", name, "--token", "pf_right"]);
    let ours = serving.url.strip_prefix("http://").unwrap().to_owned();
    for (host, token, status) in [
        (name, "pf_right", 200),
        ("host.docker.internal:4000", "pf_right", 200),
        (ours.as_str(), "pf_right", 200),
        (name, "pf_wrong", 401),
        ("172.17.0.1", "pf_right", 403),
        ("evil.example", "pf_right", 403),
    ] {
        assert_eq!(serving.status("/api/v1/ping", host, token), status, "{host} {token}");
        assert_eq!(serving.status("/page/runs", host, token), status, "{host} {token}");
    }

    let local = Serving::new(&[]);
    assert!(local.url.starts_with("http://127.0.0.1:"), "{}", local.url);
    assert_eq!(local.status("/api/v1/ping", name, "any"), 403, "by default no other name is answered to");
}

/// The development token is account-wide: clients that have one name the agent and the environment themselves.
#[test]
fn server_prints_its_token_with_the_identifiers_that_it_needs_and_the_same_after_a_restart() {
    let folder = Folder::new("announced");
    let file = folder.file("runs.db");
    let announced = || {
        let mut command = binary(&["--port", "0", "--database", file.to_str().unwrap()]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let variable = |line: String| {
            let (name, value) = line.trim_start_matches("# ").strip_prefix("export ")?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        let variables: BTreeMap<_, _> =
            lines.take_while(|line| !line.contains("ctrl-c")).filter_map(variable).collect();
        (process, variables)
    };
    let (mut process, first) = announced();
    let (agent, environment) = (&first["PREFACTOR_AGENT_ID"], &first["PREFACTOR_ENVIRONMENT_ID"]);
    let url = [&first["PREFACTOR_API_URL"], "/api/v1/agent_instance/register"].concat();
    let body = json!({"agent_id": agent, "environment_id": environment}).to_string();
    let request =
        ureq::post(&url).header("Authorization", ["Bearer ", &first["PREFACTOR_API_TOKEN"]].concat());
    let mut answer = request.header("Content-Type", "application/json").send(&body).unwrap();
    let run: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(
        (&run["details"]["agent_id"], &run["details"]["environment_id"]),
        (&json!(agent), &json!(environment))
    );
    process.kill().unwrap();
    process.wait().unwrap();

    let (mut process, second) = announced();
    for name in ["PREFACTOR_API_TOKEN", "PREFACTOR_AGENT_ID", "PREFACTOR_ENVIRONMENT_ID"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    process.kill().unwrap();
    process.wait().unwrap();

    let server = Server::builder().database(&file).start().unwrap();
    let account = server.account();
    let printed = ["PREFACTOR_API_TOKEN", "PREFACTOR_AGENT_ID", "PREFACTOR_ENVIRONMENT_ID"]
        .map(|name| first[name].as_str());
    assert_eq!(printed, [server.token(), account.agent_id, account.environment_id]);
}

#[test]
fn list_of_runs_has_as_many_as_asked_for_newest_first() {
    let client = start();
    let runs: Vec<_> = (0..130).map(|_| client.running()).collect();
    for (limit, expected) in [(None, 20), (Some("1"), 1), (Some("125"), 125), (Some("500"), 130)] {
        let mut command = binary(&["runs", "--url", client.server.url(), "--token", client.server.token()]);
        command.args(limit.iter().flat_map(|limit| ["--limit", *limit]));
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let listed: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
        let newest: Vec<_> = runs.iter().rev().take(expected).map(String::as_str).collect();
        assert_eq!(listed, newest, "{limit:?}");
    }
}

#[test]
fn retention_is_asked_for_in_days_and_in_mebibytes() {
    let folder = Folder::new("retention-options");
    let ended = |file: &str, days: i64| {
        let client = start_with(Server::builder().database(folder.file(file)));
        let run = client.running();
        client.make(&format!("agent_instance/{run}/finish"), &json!({}));
        client.server.stop();
        let ago = days * 24 * 60 * 60 * 1_000_000;
        let sql = "UPDATE agent_instance SET updated_at = updated_at - ?1 WHERE id = ?2";
        let database = rusqlite::Connection::open(folder.file(file)).unwrap();
        assert_eq!(database.execute(sql, (ago, &run)).unwrap(), 1);
        run
    };
    let is_there = |serving: &Serving, run: &str| {
        let host = serving.url.strip_prefix("http://").unwrap();
        serving.status(&format!("/api/v1/agent_instance/{run}"), host, "any") == 200
    };
    for (file, options, keeps_old, keeps_new) in [
        ("days.db", ["--keep-days", "30"], false, true),
        ("size.db", ["--keep-mib", "0"], false, false),
        ("much.db", ["--keep-mib", "100"], true, true),
    ] {
        let (old, new) = (ended(file, 31), ended(file, 29));
        let path = folder.file(file);
        let serving = Serving::new(&["--database", path.to_str().unwrap(), options[0], options[1]]);
        for (run, is_kept) in [(&old, keeps_old), (&new, keeps_new)] {
            until(|| is_there(&serving, run) == is_kept);
        }
    }
}

/// Where there is a bash.
#[test]
fn completions_are_a_script_of_their_shell() {
    let script = binary(&["completions", "bash"]).output().unwrap().stdout;
    let check = [&script[..], b"\ncomplete -p prefactor-local\n"].concat();
    let Ok(mut bash) = Command::new("bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        return;
    };
    bash.stdin.take().unwrap().write_all(&check).unwrap();
    let output = bash.wait_with_output().unwrap();
    let known = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && known.contains("--silent-minutes"), "{known}");
}
