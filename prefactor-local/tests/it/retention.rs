//! Old runs are deleted where that was asked for, and nothing else is.

use std::time::Duration;

use prefactor_local::Server;
use serde_json::json;

use crate::{
    client::{Client, start_with},
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
    while client.get(&format!("agent_instance/{old}")).http != 404 {
        std::thread::yield_now();
    }
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
    while client.get(&format!("agent_instance/{}", runs[2])).http != 404 {
        std::thread::yield_now();
    }
    assert_eq!(client.get("agent_instance").summaries().len(), 1);
    assert_eq!(client.get(&format!("agent_instance/{open}")).http, 200, "what runs is kept");
}
