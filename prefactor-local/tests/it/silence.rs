//! Runs that have not changed for long.

use std::time::Duration;

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::{
    client::{Client, start_with, until},
    folder::Folder,
};

const NEVER: Duration = Duration::from_secs(24 * 60 * 60);
const SOON: Duration = Duration::from_millis(40);

fn details(client: &Client, instance: &str) -> Value {
    client.get(&format!("agent_instance/{instance}")).body["details"].clone()
}

/// Asks until the answer is the wanted one.
fn wait_until(client: &Client, instance: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    until(|| {
        last = details(client, instance);
        wanted(&last)
    });
    last
}

#[test]
fn silent_run_is_marked_and_stays_active() {
    let client = start_with(Server::builder().silent_runs(SOON, NEVER));
    let instance = client.running();
    let marked = wait_until(&client, &instance, |details| details["silent_since"].is_string());
    assert_eq!(marked["status"], "active");
    assert_eq!(marked["silent_since"], marked["updated_at"], "since its start");
}

#[test]
fn run_that_was_never_started_is_not_silent() {
    let client = start_with(Server::builder().silent_runs(SOON, SOON));
    let (pending, active) = (client.register(), client.running());
    wait_until(&client, &active, |details| details["status"] == "complete");
    assert_eq!(details(&client, &pending)["status"], "pending");
}

#[test]
fn silent_run_ends_by_itself_and_a_late_span_reopens_it() {
    let client = start_with(Server::builder().silent_runs(SOON, SOON));
    let instance = client.running();
    client.span(&instance, "active");
    let ended = wait_until(&client, &instance, |details| details["status"] == "complete");
    assert_eq!(ended["finished_at"], ended["last_activity_span_at"], "it ended when it was last heard of");
    client.span(&instance, "complete");
    let counts = details(&client, &instance)["span_counts"].clone();
    assert_eq!(counts["total"], 2);
    let again = wait_until(&client, &instance, |details| {
        details["finished_at"].as_str() > ended["finished_at"].as_str()
    });
    assert_eq!(again["status"], "complete");
}

#[test]
fn finish_of_a_run_that_ended_by_itself_is_taken() {
    let client = start_with(Server::builder().silent_runs(SOON, SOON));
    let instance = client.running();
    wait_until(&client, &instance, |details| details["status"] == "complete");
    let path = format!("agent_instance/{instance}/finish");
    let finished = client.make(&path, &json!({"status": "failed"}));
    assert_eq!((&finished["status"], &finished["silent_since"]), (&json!("failed"), &Value::Null));
    assert!(client.post(&path, &json!({})).is_error(409, "invalid_action"));
}

/// The runs were last heard of so many minutes before the server starts, which looks for silent ones at once.
#[test]
fn by_default_silence_is_marked_after_ten_minutes_and_ends_a_run_after_a_day() {
    let folder = Folder::new("silence");
    let file = folder.file("runs.db");
    let client = start_with(Server::builder().database(&file));
    let ages = [9, 11, 23 * 60 + 50, 24 * 60 + 10].map(|minutes: i64| (minutes, client.running()));
    client.server.stop();
    let database = rusqlite::Connection::open(&file).unwrap();
    for (minutes, run) in &ages {
        let sql = "UPDATE agent_instance SET updated_at = updated_at - ?1 * 60000000 WHERE id = ?2";
        assert_eq!(database.execute(sql, (minutes, run)).unwrap(), 1);
    }
    drop(database);

    let client = start_with(Server::builder().database(&file));
    let [fresh, marked, long, over] = ages.map(|(_, run)| run);
    // One look marks and ends, so what it has not done to the first and the third run by then it does not do.
    let ended = wait_until(&client, &over, |details| details["status"] != "active");
    assert_eq!((&ended["status"], &ended["finished_at"]), (&json!("complete"), &ended["silent_since"]));
    for (run, is_marked) in [(&fresh, false), (&marked, true), (&long, true)] {
        let details = details(&client, run);
        assert_eq!(
            (&details["status"], details["silent_since"].is_string()),
            (&json!("active"), is_marked),
            "{details}"
        );
    }
    client.span(&over, "complete");
    let reopened = details(&client, &over);
    assert_eq!(
        (&reopened["status"], &reopened["finished_at"], &reopened["silent_since"]),
        (&json!("active"), &Value::Null, &Value::Null)
    );
    client.span(&marked, "complete");
    assert_eq!(details(&client, &marked)["silent_since"], Value::Null, "a word takes the mark back");
}
