//! The commands of the binary, against a server over HTTP and against a database file.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::{
    client::{Client, id, span, start_with, until},
    folder::Folder,
};

pub(crate) fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prefactor-local"));
    command
        .args(arguments)
        .env_remove("PREFACTOR_API_URL")
        .env_remove("PREFACTOR_API_TOKEN")
        .env("COLUMNS", "100");
    command
}

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn ask(client: &Client, arguments: &[&str]) -> Output {
    let url = client.server.url();
    binary(arguments).args(["--url", url, "--token", client.server.token()]).output().unwrap()
}

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A run with a root and a failed child whose texts are hostile to a terminal.
fn recorded(client: &Client) -> String {
    let run = client.running();
    let root = client.span(&run, "active");
    let mut child = span(&run, "failed");
    child["details"]["parent_span_id"] = root.into();
    child["details"]["payload"] = json!({"name": "child\u{1b}[2J\u{202e}"});
    child["details"]["result_payload"] = json!({"message": "no \"luck\""});
    client.make("agent_spans", &child);
    run
}

fn file_server(file: &Path) -> Client {
    start_with(Server::builder().database(file))
}

#[test]
fn runs_and_show_print_what_was_recorded_without_what_a_terminal_obeys() {
    let client = crate::client::start();
    let run = recorded(&client);
    let runs = said(&ask(&client, &["runs"]));
    assert!(runs.contains(&run) && runs.contains("2 spans, 1 failed"), "{runs}");
    let tree = said(&ask(&client, &["show", &run]));
    assert!(tree.contains("└─ … test:step") && tree.contains("   └─ ✗ test:step  child"), "{tree}");
    assert!(tree.contains("no \"luck\""), "{tree}");
    for line in tree.lines() {
        assert!(line.chars().count() <= 100 && !line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains('\u{202e}'), "{line:?}");
    }
    let shown: Value = serde_json::from_str(&said(&ask(&client, &["show", &run, "--json"]))).unwrap();
    assert_eq!(shown["run"]["id"], run);
    assert_eq!(shown["spans"][1]["payload"]["name"], "child\u{1b}[2J\u{202e}");
    let listed = said(&ask(&client, &["runs", "--json"]));
    assert_eq!(serde_json::from_str::<Value>(&listed).unwrap()["id"], run);
}

#[test]
fn runs_name_their_agent_their_purpose_and_their_question() {
    let client = crate::client::start();
    let asked = |question: &str, registration: Value| {
        let run = id(&client.make("agent_instance/register", &registration));
        let mut root = span(&run, "complete");
        root["details"]["payload"] = json!({"inputs": {"question": question}});
        client.make("agent_spans", &root);
        run
    };
    let live = asked("Why is\u{1b}[2J it?", json!({"agent_version": {"name": "researcher"}}));
    let eval = asked("How?", json!({"agent_version": {"name": "judge"}, "purpose": "eval"}));
    let text = said(&ask(&client, &["runs"]));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with(&eval) && lines[0].ends_with("  1 spans  judge (eval)  How?"), "{text}");
    assert!(
        lines[1].starts_with(&live) && lines[1].ends_with("  researcher  Why is\u{fffd}[2J it?"),
        "{text}"
    );
    let listed = said(&ask(&client, &["runs", "--json", "--limit", "1"]));
    let run: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&run["agent_name"], &run["question"]), (&json!("judge"), &json!("How?")));
    assert_eq!((&run["id"], &run["span_counts"]["total"]), (&json!(eval), &json!(1)));
}

#[test]
fn address_with_a_wrong_path_is_named_by_the_commands() {
    let client = crate::client::start();
    let url = [client.server.url(), "/wrong"].concat();
    for command in ["runs", "tail", "doctor"] {
        let output = binary(&[command, "--url", &url]).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("404") && said.contains("--url or PREFACTOR_API_URL"), "{command}: {said}");
    }
}

#[test]
fn exported_run_is_the_same_after_its_import_into_another_database() {
    let folder = Folder::new("export");
    let client = crate::client::start();
    let run = recorded(&client);
    client.make(&format!("agent_instance/{run}/finish"), &json!({"status": "failed"}));
    let lines = folder.file("run.jsonl");
    let exported = said(&ask(&client, &["export", &run, "--output", lines.to_str().unwrap()]));
    assert_eq!(exported, format!("Exported 1 runs and 2 spans to {}.\n", lines.display()));
    let text = fs::read_to_string(&lines).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "hidden characters are escaped");

    let other = folder.file("other.db");
    let import = ["import", lines.to_str().unwrap(), "--database", other.to_str().unwrap(), "--json"];
    file_server(&other).server.stop();
    for expected in [
        json!({"runs": 1, "spans": 2, "known": 0, "skipped": 0}),
        json!({"runs": 0, "spans": 0, "known": 3, "skipped": 0}),
    ] {
        let output = said(&binary(&import).output().unwrap());
        assert_eq!(serde_json::from_str::<Value>(&output).unwrap(), expected);
    }
    let imported = file_server(&other);
    for path in [format!("agent_spans?agent_instance_id={run}"), format!("agent_instance/{run}")] {
        let (before, after) = (client.get(&path).body, imported.get(&path).body);
        let essence = |answer: &Value| {
            let objects =
                answer["summaries"].as_array().cloned().unwrap_or_else(|| vec![answer["details"].clone()]);
            let fields = [
                "id",
                "status",
                "parent_span_id",
                "payload",
                "result_payload",
                "started_at",
                "finished_at",
                "span_counts",
            ];
            objects.into_iter().map(|object| fields.map(|field| object[field].clone())).collect::<Vec<_>>()
        };
        assert_eq!(essence(&before), essence(&after), "{path}");
    }
}

#[test]
fn import_with_a_bad_line_names_it_and_adds_nothing_of_its_request() {
    let folder = Folder::new("bad-line");
    let client = crate::client::start();
    let run = client.register();
    let file = folder.file("bad.jsonl");
    let good =
        json!({"type": "agent_span", "id": "a", "agent_instance_id": run, "schema_name": "s", "payload": {}});
    for bad in [r#"{"type":"agent_span","id":"b"}"#, "not JSON", r#"{"no":"type"}"#] {
        fs::write(&file, format!("{{\"type\":\"header\"}}\n{good}\n{bad}\n")).unwrap();
        let output = ask(&client, &["import", file.to_str().unwrap()]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains("line 3"), "{bad}: {error}");
        assert_eq!(client.span_count(&run), 0);
    }
}

#[test]
fn terminate_stops_a_running_agent_and_tells_why_it_cannot() {
    let client = crate::client::start();
    let run = client.running();
    assert!(said(&ask(&client, &["terminate", &run, "costs too much"])).contains("is terminated"));
    let details = client.get(&format!("agent_instance/{run}")).body["details"].clone();
    assert_eq!(
        (&details["status"], &details["termination_reason"]),
        (&json!("terminated"), &json!("costs too much"))
    );
    for (arguments, cause) in [
        (vec!["terminate", &run, "again"], "409"),
        (vec!["terminate", "../ping", "x"], "not the identifier"),
        (vec!["terminate", &run], "needs a reason"),
        (vec!["terminate", &run, "too", "many"], "one word too many"),
        (vec!["nonsense"], "is not a command"),
    ] {
        let output = ask(&client, &arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains(cause), "{arguments:?}: {error}");
    }
}

#[test]
fn token_of_an_agent_is_made_while_a_server_has_the_file_open_and_opens_it() {
    let folder = Folder::new("token-command");
    let file = folder.file("runs.db");
    let client = file_server(&file);
    let arguments = ["token", "--agent", "billing", "--database", file.to_str().unwrap(), "--json"];
    let made: Value = serde_json::from_str(&said(&binary(&arguments).output().unwrap())).unwrap();
    let run = client.post_as(made["token"].as_str().unwrap(), "agent_instance/register", &json!({}));
    assert_eq!(run.body["details"]["agent_id"], made["agent_id"], "{}", run.text);
    assert!(
        said(&binary(&["runs", "--database", file.to_str().unwrap()]).output().unwrap())
            .contains(&id(&run.body["details"]))
    );
    let output = binary(&["runs", "--url", client.server.url(), "--token", "wrong"]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("401") && error.contains("--token"), "{error}");
}

#[test]
fn tail_prints_spans_that_arrive_after_it_began() {
    let client = crate::client::start();
    let run = client.running();
    client.span(&run, "active");
    let mut tail =
        binary(&["tail", "--json", "--url", client.server.url()]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(tail.stdout.take().unwrap());
    let printed = std::thread::spawn(move || {
        out.read_line(&mut line).unwrap();
        line
    });
    let mut sent = Vec::new();
    until(|| {
        sent.push(client.span(&run, "complete"));
        printed.is_finished()
    });
    let shown: Value = serde_json::from_str(&printed.join().unwrap()).unwrap();
    tail.kill().unwrap();
    tail.wait().unwrap();
    assert!(sent.contains(&id(&shown)) && shown["status"] == "complete", "{shown}");
}

#[test]
fn tail_and_errors_print_nothing_that_a_terminal_obeys() {
    let hostile = "a\u{1b}]0;title\u{7}\u{9b}2J\u{202e}\r";
    let is_harmless = |line: &str| !line.chars().any(|c| c.is_control() || c == '\u{202e}');
    let client = crate::client::start();
    let run = client.running();
    let mut tail = binary(&["tail", "--url", client.server.url()]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(tail.stdout.take().unwrap());
    let printed = std::thread::spawn(move || {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        line
    });
    let mut body = span(&run, "failed");
    body["details"]["schema_name"] = hostile.into();
    body["details"]["payload"] = json!({ "name": hostile });
    body["details"]["result_payload"] = json!({ "message": hostile });
    until(|| {
        client.make("agent_spans", &body);
        printed.is_finished()
    });
    tail.kill().unwrap();
    tail.wait().unwrap();
    let line = printed.join().unwrap();
    assert!(line.contains(&run) && is_harmless(line.trim_end_matches('\n')), "{line:?}");

    let ended = client.running();
    assert!(said(&ask(&client, &["terminate", &ended, hostile])).contains("is terminated"));
    for arguments in [["show", &ended], ["show", hostile], [hostile, "x"]] {
        let output = ask(&client, &arguments);
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).unwrap();
            assert!(text.lines().all(is_harmless), "{arguments:?}: {text:?}");
        }
    }
}

#[test]
fn doctor_finds_what_is_wrong_and_says_the_cure() {
    let folder = Folder::new("doctor");
    let client = file_server(&folder.file("runs.db"));
    let file = folder.file("runs.db");
    let arguments = ["doctor", "--json", "--database", file.to_str().unwrap()];
    let output = binary(&arguments)
        .env("PREFACTOR_API_URL", client.server.url())
        .env("PREFACTOR_API_TOKEN", client.server.token())
        .output()
        .unwrap();
    assert_eq!(said(&output).lines().filter(|line| line.contains(r#""ok":true"#)).count(), 6);
    let url = client.server.url().to_owned();
    client.server.stop();
    let output = binary(&["doctor", "--url", &url]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("problem  PREFACTOR_API_URL: it is not set"), "{text}");
    assert!(text.contains("problem  server: no server answers") && text.contains("start one"), "{text}");
}

#[cfg(unix)]
#[test]
fn doctor_tells_of_a_damaged_file_of_its_rights_and_of_recording_that_is_off() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("doctor-file");
    let file = folder.file("runs.db");
    let client = file_server(&file);
    recorded(&client);
    client.server.stop();
    let said = || {
        let mut command = binary(&["doctor", "--database", file.to_str().unwrap()]);
        String::from_utf8(command.env("PREFACTOR_DISABLED", "1").output().unwrap().stdout).unwrap()
    };
    let text = said();
    assert!(text.contains("ok       database file") && text.contains("ok       rights of"), "{text}");
    assert!(text.contains("problem  PREFACTOR_DISABLED: it switches recording off: unset it"), "{text}");

    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0xa5);
    fs::write(&file, bytes).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let text = said();
    assert!(text.contains("problem  database file: it "), "{text}");
    assert!(text.contains("problem  rights of the database file") && text.contains("chmod 600"), "{text}");
}

#[test]
fn every_command_prints_json_if_asked() {
    let folder = Folder::new("json");
    let (file, lines) = (folder.file("runs.db"), folder.file("runs.jsonl"));
    let (path, output) = (file.to_str().unwrap(), lines.to_str().unwrap());
    let client = file_server(&file);
    let run = recorded(&client);
    for (arguments, key) in [
        (vec!["runs"], "id"),
        (vec!["show", &run], "run"),
        (vec!["export"], "type"),
        (vec!["export", "--output", output], "spans"),
        (vec!["import", output], "known"),
        (vec!["terminate", &run, "enough"], "termination_reason"),
        (vec!["token"], "token"),
        (vec!["token", "--agent", "billing"], "agent_id"),
        (vec!["doctor"], "check"),
        (vec!["version"], "version"),
    ] {
        let mut command = binary(&arguments);
        let output = command.args(["--database", path, "--json"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let values: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(
            !values.is_empty() && values.iter().all(|value| !value[key].is_null()),
            "{arguments:?}: {text}"
        );
        assert!(output.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in
        [vec!["show", "nowhere"], vec!["terminate", &run, "again"], vec!["import", "no such file"]]
    {
        let output = binary(&arguments).args(["--database", path, "--json"]).output().unwrap();
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(error["error"].is_string() && output.stdout.is_empty(), "{arguments:?}: {error}");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn completions_name_every_command_and_every_option() {
    let help = said(&binary(&["--help"]).output().unwrap());
    let options: Vec<_> = help.split_whitespace().filter_map(|word| word.strip_prefix("--")).collect();
    assert!(options.contains(&"silent-minutes"), "{options:?}");
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&binary(&["completions", shell]).output().unwrap());
        let commands = ["serve", "runs", "show", "tail", "export", "import", "terminate", "token", "doctor"];
        for word in commands.iter().chain(&options) {
            assert!(
                script.contains(word.trim_end_matches(|c: char| !c.is_alphanumeric())),
                "{shell}: {word}"
            );
        }
    }
    assert!(!binary(&["completions", "tcsh"]).output().unwrap().status.success());
}

#[test]
fn silence_of_a_run_is_bounded_by_the_options_of_the_command_line() {
    let arguments = ["--port", "0", "--silent-minutes", "0", "--end-hours", "0", "--json"];
    let mut server = binary(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let asked = |method: &str, path: &str| -> Value {
        let url = [said["url"].as_str().unwrap(), "/api/v1/agent_instance", path].concat();
        let token = "Bearer any";
        let answer = match method {
            "GET" => ureq::get(&url).header("Authorization", token).call(),
            _ => ureq::post(&url).header("Authorization", token).send_empty(),
        };
        serde_json::from_str(&answer.unwrap().body_mut().read_to_string().unwrap()).unwrap()
    };
    let run = asked("POST", "/register")["details"]["id"].as_str().unwrap().to_owned();
    asked("POST", &format!("/{run}/start"));
    until(|| asked("GET", &format!("/{run}"))["details"]["status"] == "complete");
    server.kill().unwrap();
    server.wait().unwrap();
}

/// The "browser" writes down which address it is given.
#[cfg(unix)]
#[test]
fn open_gives_the_browser_the_page_without_the_token() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("open");
    let (browser, opened) = (folder.file("browser"), folder.file("opened"));
    fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > {0}.new && mv {0}.new {0}\n", opened.display()))
        .unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o700)).unwrap();
    let mut server = binary(&["serve", "--port", "0", "--token", "pf_secret", "--open", "--json"])
        .env("BROWSER", &browser)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["page_url"], format!("{}/#token=pf_secret", said["url"].as_str().unwrap()));
    until(|| opened.exists());
    assert_eq!(fs::read_to_string(&opened).unwrap().trim(), format!("{}/", said["url"].as_str().unwrap()));
    server.kill().unwrap();
    server.wait().unwrap();
}
