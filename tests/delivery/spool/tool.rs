//! `prefactor-spool` shows, delivers and exports waiting journals, without the agent and beside running agents.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Kind, Oracle, Rule};
use prefactor_tests::stored::{StoredSpan, list};
use serde_json::{Value, json};

use crate::child::{Program, TIMEOUT, client, end, files, leave, server, wait_for_finished, wait_until};
use crate::identity::lengths;
use crate::kinds;
use crate::programs::tool;
use crate::restart::{assert_died, start};

/// The tool as it delivers to a server.
fn deliver(server: &Server, spool: &Path, arguments: &[&str]) -> Command {
    let mut tool = tool();
    tool.arg("deliver").arg(spool).args(arguments);
    tool.env("PREFACTOR_API_URL", server.url()).env("PREFACTOR_API_TOKEN", server.token());
    tool
}

/// Returns its output and its exit status.
fn run(mut tool: Command) -> (String, Option<i32>) {
    let Output { status, stdout, stderr } = tool.output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (text, status.code())
}

/// Processes that could not deliver, and were killed: eleven spans each, one of them open.
fn killed(oracle: &Oracle, server: &Server, spool: &Path, count: usize) {
    oracle.inject(Rule::new(Fault::status(503).retry_after("3600")));
    let programs: Vec<_> = (0..count).map(|_| start(server.url(), server.token(), spool)).collect();
    // A process that was told to wait has no request under way, which the server could read after the process was killed.
    let were_told = oracle.wait_until(TIMEOUT, |ledger| {
        let told = ledger.requests().iter().filter(|request| request.answered.is_some());
        let registered = told.flat_map(|request| &request.items).filter(|item| item.kind == Kind::Register);
        registered.filter_map(|item| item.key.as_deref()).collect::<BTreeSet<_>>().len() == count
    });
    assert!(were_told, "each process registers its run");
    programs.into_iter().for_each(Program::kill);
    oracle.heal();
}

#[test]
fn inspect_shows_what_waits_whose_it_is_and_who_holds_it_and_changes_nothing() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let program = start(server.url(), server.token(), spool.path());
    let inspect = || {
        let mut tool = tool();
        tool.arg("inspect").arg(spool.path());
        let (text, code) = run(tool);
        assert_eq!(code, Some(0), "{text}");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (of, process) = (format!("  of the agent spooler at {}", server.url()), program.id());
    let alive = inspect();
    assert_eq!(alive[1..3], [of.clone(), format!("  held by the process {process} or one that delivers it")]);
    assert!(alive[3].starts_with("  11 spans, 1 run, 23 operations, "), "{alive:?}");
    assert_eq!(alive.last().unwrap(), "11 spans in 1 journal wait for delivery");
    program.kill();
    let before = lengths(spool.path());
    let left = inspect();
    assert_eq!(left[1..3], [of, format!("  left by the process {process}")]);
    assert!(left[3].starts_with("  11 spans, 1 of them cut off, 1 run, 23 operations, "), "{left:?}");
    assert_eq!(left[0], alive[0]);
    assert_eq!(lengths(spool.path()), before);
}

#[test]
fn deliver_sends_what_killed_processes_left_without_their_agent() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 3);
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("33 spans delivered\n", Some(0)));
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (33, 33, 3));
    assert_died(&oracle.ledger());
    assert_eq!(files(spool.path()), Vec::<String>::new());
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("0 spans delivered\n", Some(0)), "there is nothing to be done twice");
}

#[test]
fn f42_ends_of_what_was_cut_off_are_written_once_however_many_processes_take_it_over() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 1);
    oracle.inject(Rule::new(Fault::status(503)));
    for _ in 0..3 {
        let client = client(&server, spool.path());
        wait_until("the journal to be taken over", || client.stats().adopted == 11);
        drop(client.shutdown(Duration::ZERO));
        drop(client);
        let mut inspect = tool();
        inspect.arg("inspect").arg(spool.path());
        let (text, _) = run(inspect);
        assert!(
            text.contains("  11 spans, 1 run, 25 operations, "),
            "23, and an end of the span and of the run: {text}"
        );
    }
    oracle.heal();
    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    assert_eq!(end(&next, &oracle).finished, 11);
    assert_died(&oracle.ledger());
}

#[test]
fn deliver_leaves_to_a_process_that_lives_what_it_holds() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let alive = start(server.url(), server.token(), spool.path());
    let held = lengths(spool.path());
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.starts_with("0 spans delivered\n") && text.contains("is held by a running process"),
        "{text}"
    );
    assert!(
        held.iter().all(|file| lengths(spool.path()).iter().any(|now| now.0 == file.0 && now.1 >= file.1))
    );
    alive.kill();
    oracle.heal();
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
    assert_eq!(oracle.ledger().check().unwrap().finished, 11);
}

#[test]
fn two_that_deliver_at_once_and_an_agent_beside_them_send_each_span_once() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 4);
    let tools: Vec<_> =
        (0..2).map(|_| deliver(&server, spool.path(), &[]).stdout(Stdio::null()).spawn().unwrap()).collect();
    let agent = client(&server, spool.path());
    for mut tool in tools {
        assert!(tool.wait().unwrap().success());
    }
    wait_for_finished(&oracle, 4);
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (44, 44, 4));
    end(&agent, &oracle);
}

#[test]
fn deliver_keeps_what_is_of_another_server_or_token_and_says_what_to_do() {
    let (spool, (oracle, own)) = (tempfile::tempdir().unwrap(), server());
    let (other_oracle, other) = server();
    killed(&oracle, &own, spool.path(), 1);
    let kept = lengths(spool.path());
    let (text, code) = run(deliver(&other, spool.path(), &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is of another server: set PREFACTOR_API_URL"), "{text}");
    let mut stranger = deliver(&own, spool.path(), &[]);
    stranger.env("PREFACTOR_API_TOKEN", "another-token");
    let (text, code) = run(stranger);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is written with another token: set PREFACTOR_API_TOKEN"), "{text}");
    assert_eq!(lengths(spool.path()), kept);
    assert_eq!(oracle.ledger().count(Kind::Register) + other_oracle.ledger().count(Kind::Register), 0);

    let mut renewed = deliver(&own, spool.path(), &["--renewed-token"]);
    renewed.env("PREFACTOR_API_TOKEN", "another-token");
    let (text, code) = run(renewed);
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
}

#[test]
fn deliver_gives_up_on_a_server_that_stays_away_and_loses_nothing() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 1);
    oracle.inject(Rule::new(Fault::status(503)));
    let (text, code) = run(deliver(&server, spool.path(), &["--idle-timeout", "0.2"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("0 spans delivered") && text.contains("is left: "), "{text}");
    oracle.heal();
    oracle.inject(Rule::new(Fault::answered_after(Duration::from_secs(3_600))));
    let mut killed = deliver(&server, spool.path(), &[]).stdout(Stdio::null()).spawn().unwrap();
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.count(Kind::Register) > 0));
    killed.kill().unwrap();
    killed.wait().unwrap();
    oracle.heal();
    let (text, code) = run(deliver(&server, spool.path(), &[]));
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
    let tally = oracle.ledger().check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (11, 11, 1));
}

fn export(spool: &Path) -> Vec<Value> {
    let mut tool = tool();
    let Output { status, stdout, stderr } = tool.arg("export").arg(spool).output().unwrap();
    assert!(status.success() && stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &'static str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

#[test]
fn export_says_of_every_span_what_its_delivery_says_and_leaves_it_there() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let agent = client(&server, spool.path());
    let is_not_of_runs = |path: &str| !path.ends_with("/register") && !path.ends_with("/start");
    oracle.inject(Rule::new(Fault::status(503)).when(move |request| is_not_of_runs(&request.path)));
    let run = kinds::begin(&agent);
    kinds::say_everything(&agent, &run);
    let id = run.id().unwrap();
    leave(&agent);
    drop((run, agent));
    let kept = lengths(spool.path());
    let lines = export(spool.path());
    assert_eq!(lengths(spool.path()), kept, "it is left there");

    oracle.heal();
    let (text, code) = crate::tool::run(deliver(&server, spool.path(), &[]));
    assert_eq!(code, Some(0), "{text}");
    let stored: Vec<StoredSpan> = list(&server, &format!("agent_spans?agent_instance_id={id}"));
    let spans = of_type(&lines, "agent_span");
    assert_eq!((stored.len(), spans.len()), (6, 6), "{lines:#?}");
    for line in spans {
        let span = stored.iter().find(|span| line["id"] == *span.id).unwrap();
        let of_server = json!({
            "agent_instance_id": span.agent_instance_id, "parent_span_id": span.parent_span_id,
            "schema_name": span.schema_name, "status": span.status, "started_at": span.started_at,
            "finished_at": span.finished_at,
        });
        for (name, value) in of_server.as_object().unwrap() {
            // The server has no times for a span that was cancelled before its start.
            if !(span.status == "cancelled" && name.ends_with("_at")) {
                assert_eq!(line[name], *value, "{name} of {line}");
            }
        }
        if span.schema_name != "test:call" {
            assert_eq!((&line["payload"], &line["result_payload"]), (&span.payload, span.result()), "{line}");
        }
    }
    let runs = of_type(&lines, "agent_instance");
    let run = runs.iter().find(|line| line["id"] == *id).unwrap();
    assert_eq!((&run["agent"]["name"], &run["status"]), (&json!("spooler"), &json!("complete")));
    let text = lines.iter().map(Value::to_string).collect::<String>();
    assert!(!text.contains("Ada") && !text.contains("hunter2"), "{text}");
}

#[test]
fn export_ends_what_was_cut_off_and_the_local_server_imports_it() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    killed(&oracle, &server, spool.path(), 2);
    let file = spool.path().with_extension("jsonl");
    let mut to_file = tool();
    to_file.arg("export").arg(spool.path()).arg("--output").arg(&file);
    let (text, code) = run(to_file);
    assert_eq!((text.as_str(), code), ("", Some(0)));
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let died: Vec<_> =
        lines.iter().filter(|line| line["result_payload"]["error_type"] == "process_died").collect();
    assert_eq!((lines.len(), died.len()), (24, 2), "{text}");
    for span in died {
        let run = lines.iter().find(|line| line["id"] == span["agent_instance_id"]).unwrap();
        assert_eq!((&run["status"], &run["finished_at"]), (&json!("failed"), &span["finished_at"]));
    }

    let local = Server::builder().start().unwrap();
    let answer = ureq::post(format!("{}/local/import", local.url()))
        .header("authorization", format!("Bearer {}", local.token()))
        .header("content-type", "application/json")
        .send(text)
        .unwrap();
    let answer: Value = answer.into_body().read_json().unwrap();
    assert_eq!(
        (&answer["details"]["runs"], &answer["details"]["spans"]),
        (&json!(2), &json!(22)),
        "{answer}"
    );
    let stored: Vec<StoredSpan> = list(&local, "agent_spans");
    assert_eq!(stored.iter().filter(|span| span.status == "failed").count(), 2);
}

#[test]
fn command_line_that_is_wrong_says_so_and_help_names_the_commands() {
    for (arguments, words) in [
        (&[][..], "say what to do: inspect, deliver or export"),
        (&["export"], "name the directory"),
        (&["delete", "x"], "there is no command delete"),
        (&["inspect", "a", "b"], "one directory at a time"),
        (&["deliver", "a", "--idle-timeout", "-1"], "--idle-timeout"),
        (&["inspect", "--all"], "--all"),
    ] {
        let mut tool = tool();
        tool.args(arguments);
        let (text, code) = run(tool);
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(words) && text.contains("--help"), "{arguments:?}: {text}");
    }
    let mut help = tool();
    help.arg("--help");
    let (text, code) = run(help);
    assert_eq!(code, Some(0));
    for word in ["inspect DIR", "deliver DIR", "export DIR", "PREFACTOR_API_TOKEN"] {
        assert!(text.contains(word), "{text}");
    }
    for (command, words) in [("inspect", "cannot be read"), ("export", "cannot be read")] {
        let mut tool = tool();
        tool.args([command, "/nonexistent/spool"]);
        let (text, code) = run(tool);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
    let mut without_token = tool();
    without_token.args(["deliver", "/nonexistent/spool"]);
    let (text, code) = run(without_token);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("PREFACTOR_API_TOKEN"), "{text}");
}

/// A user without rights.
#[cfg(unix)]
const NOBODY: u32 = 65_534;

/// Runs a tool as that user, where the tests run as one with all rights, from a folder where that user may execute it.
#[cfg(unix)]
fn as_somebody(tool: &mut Command, folder: &Path) -> Command {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    if fs::metadata(folder).unwrap().uid() != 0 {
        return std::mem::replace(tool, Command::new("false"));
    }
    let copy = folder.join("prefactor-spool");
    // By another process: a program that is forked here meanwhile would hold the file open for writing, so that it cannot be run.
    assert!(Command::new("cp").arg(tool.get_program()).arg(&copy).status().unwrap().success());
    let mut other = Command::new(&copy);
    other.args(tool.get_args()).uid(NOBODY).gid(NOBODY).current_dir("/");
    for (name, value) in tool.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other
}

#[cfg(unix)]
#[test]
fn journal_that_cannot_be_read_is_told_of_by_every_command() {
    use std::os::unix::fs::PermissionsExt as _;

    let (folder, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let spool = folder.path().join("spool");
    killed(&oracle, &server, &spool, 1);
    let journal = fs::read_dir(&spool).unwrap().next().unwrap().unwrap().path();
    fs::set_permissions(&spool, fs::Permissions::from_mode(0o755)).unwrap();
    let mut files = fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path());
    let segment = files.find(|path| path.extension().is_some_and(|end| end == "segment")).unwrap();
    let name = journal.file_name().unwrap().to_str().unwrap();
    let of = |command: &str| {
        let mut tool = if command == "deliver" { deliver(&server, &spool, &[]) } else { tool() };
        if command != "deliver" {
            tool.arg(command).arg(&spool);
        }
        run(as_somebody(&mut tool, folder.path()))
    };
    for (mode, of_journal) in [(0o000, true), (0o755, false)] {
        fs::set_permissions(&segment, fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(&journal, fs::Permissions::from_mode(mode)).unwrap();
        let (text, code) = of("inspect");
        assert!(text.contains(name) && text.contains("cannot be read"), "{text}");
        assert_eq!(code, Some(0), "{text}");
        let (text, code) = of("export");
        assert!(text.contains(name) && text.contains("cannot be read"), "{text}");
        assert_eq!(code, Some(1), "{text}");
        if of_journal {
            let (text, code) = of("deliver");
            assert!(text.contains(&format!("{name} is not readable by this user")), "{text}");
            assert_eq!(code, Some(1), "{text}");
        }
    }
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o700)).unwrap();
    let (text, code) = run(deliver(&server, &spool, &[]));
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
}

#[cfg(unix)]
#[test]
fn f47_segment_that_cannot_be_read_is_set_aside_and_the_others_are_delivered() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

    let (folder, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let spool = folder.path().join("spool");
    killed(&oracle, &server, &spool, 1);
    let journal = fs::read_dir(&spool).unwrap().next().unwrap().unwrap().path();
    let entries = || fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let segment =
        entries().into_iter().find(|path| path.extension().is_some_and(|end| end == "segment")).unwrap();
    let closed = journal.join("00009999.segment");
    fs::copy(&segment, &closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::metadata(&spool).unwrap().uid() == 0 {
        for path in [spool.clone(), journal.clone()].into_iter().chain(entries()) {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let (text, _) = run(as_somebody(&mut deliver(&server, &spool, &[]), folder.path()));
    assert!(text.contains("11 spans delivered"), "{text}");
    let name = format!("{}-00009999.unreadable", journal.file_name().unwrap().display());
    assert!(spool.join("set-aside").join(name).exists(), "{text}");
}
