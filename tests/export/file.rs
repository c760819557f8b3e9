//! Files of JSON Lines: their content, their rotation, and the local server as their reader.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use prefactor::export::FileExporter;
use prefactor::{Agent, Client, InstanceStatus, Registration, span};
use serde_json::{Value, json};

use crate::support::{TIMEOUT, record, stats};

#[span("test:outer")]
fn outer(text: &str, api_key: &str) -> Result<usize, String> {
    let _ = api_key;
    inner(text.len())
}

#[span("test:inner")]
fn inner(count: usize) -> Result<usize, String> {
    if count > 3 { Err("too many".into()) } else { Ok(count) }
}

/// A folder of the test's own, empty.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn lines(path: &std::path::Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn file_has_a_line_for_each_run_and_span_with_ids_that_belong_together() {
    let path = folder("file_lines").join("spans.jsonl");
    let client = Client::builder().file(&path).build().unwrap();
    let run = client.register(Registration::new(Agent::new("tester").with_version("2")));
    assert!(run.in_scope(|| outer("abcde", "canary")).is_err());
    run.finish(InstanceStatus::Failed);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let lines = lines(&path);
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["agent_instance", "agent_span", "agent_span", "agent_instance"]);
    let [first, inner, outer, last] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&first["id"], &first["agent"]["name"]), (&last["id"], &json!("tester")));
    assert_eq!((&first["status"], &last["status"]), (&json!("active"), &json!("failed")));
    assert_eq!(first["agent_version"]["external_identifier"], "2");
    assert_eq!((&inner["parent_span_id"], &outer["parent_span_id"]), (&outer["id"], &Value::Null));
    assert_eq!(inner["agent_instance_id"], first["id"]);
    assert_eq!(
        (&inner["status"], &inner["result_payload"]["message"]),
        (&json!("failed"), &json!("too many"))
    );
    assert_eq!(outer["payload"], json!({ "text": "abcde", "api_key": "[REDACTED]" }));
    for line in &lines {
        assert!(line["id"].as_str().unwrap().parse::<prefactor::Pfid>().is_ok(), "{line}");
    }
}

#[test]
fn full_file_becomes_the_first_of_the_old_ones_and_each_stands_alone() {
    let path = folder("file_rotation").join("spans.jsonl");
    let exporter = FileExporter::new(&path).max_bytes(4_000).max_files(3);
    let client = Client::builder().file(exporter).build().unwrap();
    let run = client.register("tester");
    for _ in 0..10 {
        for _ in 0..5 {
            run.span("test:step").complete(&"x".repeat(100));
        }
        assert!(client.flush(TIMEOUT).is_complete);
    }
    assert!(client.shutdown(TIMEOUT).is_complete);
    let names: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for number in ["", ".1", ".2"] {
        let path = format!("{}{number}", path.display());
        let lines = lines(std::path::Path::new(&path));
        assert!(fs::metadata(&path).unwrap().len() <= 4_000, "{number}");
        assert_eq!(lines[0]["type"], "agent_instance", "{number}");
    }
    assert_eq!(stats(&client).acknowledged, 50);
}

#[test]
fn second_client_appends() {
    let path = folder("file_append").join("spans.jsonl");
    for _ in 0..2 {
        let client = Client::builder().file(&path).build().unwrap();
        record(&client, 0..2);
        assert!(client.shutdown(TIMEOUT).is_complete);
    }
    assert_eq!(lines(&path).iter().filter(|line| line["type"] == "agent_span").count(), 4);
}

#[test]
fn batch_that_cannot_be_written_waits_until_it_can_be() {
    let folder = folder("file_blocked");
    fs::create_dir_all(folder.join("spans.jsonl")).unwrap();
    let path = folder.join("spans.jsonl");
    let client = Client::builder().file(&path).build().unwrap();
    record(&client, 0..3);
    while stats(&client).requests == 0 {
        thread::yield_now();
    }
    fs::remove_dir(&path).unwrap();
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!((stats(&client).acknowledged, stats(&client).dropped_total()), (3, 0));
    assert_eq!(lines(&path).iter().filter(|line| line["type"] == "agent_span").count(), 3);
}

/// Without Prefactor, a span that no file has taken is not delivered.
#[test]
fn report_of_a_file_that_cannot_be_written_says_what_is_lost() {
    let folder = folder("report");
    fs::create_dir_all(&folder).unwrap();
    let client = Client::builder().file(&folder).build().unwrap();
    client.register("writer").span("tool:step").complete(&1);
    let until = Instant::now() + TIMEOUT;
    while client.processor_stats()[0].1.created == 0 {
        assert!(Instant::now() < until, "the exporter is told of the span");
        thread::yield_now();
    }
    let report = client.flush(Duration::ZERO);
    assert_eq!((report.is_complete, report.processors.len()), (false, 1), "{report:?}");
    assert!(report.to_string().starts_with("file: 0 of 1 spans delivered"), "{report}");
    let report = client.shutdown(Duration::ZERO);
    assert!(report.to_string().starts_with("file: 0 of 1 spans delivered, 1 "), "{report}");
}

#[test]
fn local_server_imports_what_was_written_and_shows_the_same_tree() {
    let path = folder("file_import").join("spans.jsonl");
    let client = Client::builder().file(&path).build().unwrap();
    let run = client.register("tester");
    assert_eq!(run.in_scope(|| outer("abc", "")), Ok(3));
    run.finish(InstanceStatus::Complete);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let server = prefactor_local::Server::start().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let answer = ureq::post(format!("{}/local/import", server.url()))
        .header("authorization", format!("Bearer {}", server.token()))
        .header("content-type", "application/jsonl")
        .send(&text);
    assert!(answer.is_ok(), "{answer:?}");
    let spans = prefactor_tests::stored::list::<prefactor_tests::stored::StoredSpan>(&server, "agent_spans");
    let find = |name: &str| spans.iter().find(|span| span.schema_name == name).unwrap();
    assert_eq!(find("test:inner").parent_span_id.as_ref(), Some(&find("test:outer").id));
    assert_eq!(find("test:outer").payload["text"], "abc");
    let run: Value = prefactor_tests::stored::get(
        &server,
        &format!("/api/v1/agent_instance/{}", find("test:outer").agent_instance_id),
    );
    assert_eq!(run["details"]["status"], "complete", "{run}");
}
