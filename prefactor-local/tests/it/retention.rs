//! The server deletes old runs if it is asked to, and nothing else.

use std::time::Duration;

use prefactor_local::Server;
use serde_json::json;

use crate::{
    client::{Client, start_with, until},
    folder::Folder,
};

fn finished_run(client: &Client) -> String {
    let run = client.running();
    for _ in 0..3 {
        client.span(&run, "complete");
    }
    client.make(&format!("agent_instance/{run}/finish"), &json!({}));
    run
}

fn count(file: &std::path::Path, table: &str) -> i64 {
    let connection = rusqlite::Connection::open(file).expect("the database opens");
    connection.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).expect("a count")
}

/// Returns the tables of a file that hold `text`.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn tables_with(file: &std::path::Path, text: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(file).unwrap();
    let select = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'";
    let mut tables = connection.prepare(select).unwrap();
    let names: Vec<String> =
        tables.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let holds = |table: &String| {
        let mut rows = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                if value.as_str().is_ok_and(|value| value.contains(text)) {
                    return true;
                }
            }
        }
        false
    };
    names.into_iter().filter(holds).collect()
}

#[test]
fn deleted_run_leaves_no_row_in_any_table() {
    let folder = Folder::new("nothing-left");
    let file = folder.file("runs.db");
    let client = start_with(Server::builder().database(&file));
    let schema = json!({"external_identifier": "1", "alert_schemas": [{"name": "leak", "schema": {}}],
                        "quality_schemas": [{"name": "score", "schema": {}}]});
    let run = client.make(
        "agent_instance/register",
        &json!({"agent_version": {"name": "a"}, "agent_schema_version": schema, "idempotency_key": "r"}),
    );
    let run = crate::client::id(&run);
    client.make(&format!("agent_instance/{run}/start"), &json!({"idempotency_key": "s"}));
    let secret = json!({"$sensitive": "string", "value": "zebra 4711"});
    let usage = json!({"model": "m", "usage": {"input_tokens": 1}, "tags": ["zebra"], "question": "zebra"});
    let span = json!({"agent_instance_id": run, "schema_name": "s", "status": "complete", "payload": usage,
                      "result_payload": {"a": secret}, "sensitive_encoding": true});
    client.make("agent_spans", &json!({"details": span, "idempotency_key": "t"}));
    client.make(
        "alerts/raise",
        &json!({"agent_instance_id": run, "name": "leak", "severity": "info", "payload": {"a": "zebra"}, "idempotency_key": "u"}),
    );
    client.make(
        &format!("agent_instance/{run}/record_quality"),
        &json!({"name": "score", "payload": {"a": "zebra"}, "idempotency_key": "v"}),
    );
    client.make(&format!("agent_instance/{run}/finish"), &json!({"idempotency_key": "w"}));
    client.server.stop();
    for text in ["zebra", &run] {
        assert!(tables_with(&file, text).len() > 4, "{:?}", tables_with(&file, text));
    }

    let client = start_with(Server::builder().database(&file).keep_for(Duration::ZERO));
    until(|| count(&file, "idempotency") == 0 && client.get(&format!("agent_instance/{run}")).http == 404);
    client.server.stop();
    for text in ["zebra", &run] {
        assert_eq!(tables_with(&file, text), [""; 0], "{text}");
    }
}

#[test]
fn runs_that_ended_are_deleted_by_age_with_all_that_belongs_to_them() {
    let folder = Folder::new("age");
    let file = folder.file("runs.db");
    let client = start_with(Server::builder().database(&file));
    let (old, open) = (finished_run(&client), client.running());
    client.span(&open, "active");
    client.server.stop();

    let client = start_with(Server::builder().database(&file));
    assert_eq!(client.get(&format!("agent_instance/{old}")).http, 200);
    client.server.stop();
    let client = start_with(Server::builder().database(&file).keep_for(Duration::ZERO));
    until(|| client.get(&format!("agent_instance/{old}")).http == 404);
    assert_eq!(client.get(&format!("agent_instance/{open}")).http, 200);
    client.server.stop();
    for table in ["agent_instance", "agent_span", "agent_span_payload"] {
        assert_eq!(count(&file, table), 1, "{table}");
    }
}

#[test]
fn oldest_runs_are_deleted_while_the_rows_take_too_much() {
    let folder = Folder::new("size");
    let file = folder.file("runs.db");
    let client = start_with(Server::builder().database(&file));
    let runs: Vec<_> = (0..3).map(|_| finished_run(&client)).collect();
    let open = client.running();
    client.server.stop();
    let client = start_with(Server::builder().database(&file).keep_bytes(1));
    until(|| client.get(&format!("agent_instance/{}", runs[2])).http == 404);
    assert_eq!(client.get("agent_instance").summaries().len(), 1);
    assert_eq!(client.get(&format!("agent_instance/{open}")).http, 200, "what runs is kept");
}
