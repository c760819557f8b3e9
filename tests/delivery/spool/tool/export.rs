//! `export` writes what waits as lines of JSON, and leaves it there.

use std::fs;
use std::path::Path;
use std::process::Output;

use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Rule};
use prefactor_tests::stored::{StoredSpan, list};
use serde_json::{Value, json};

use super::{deliver, killed, run};
use crate::child::{client, leave, server};
use crate::identity::lengths;
use crate::kinds;
use crate::programs::tool;

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
    let (text, code) = super::run(deliver(&server, spool.path(), &[]));
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
