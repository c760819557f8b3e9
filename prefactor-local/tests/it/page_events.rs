//! Events of the page: they name changed runs, and bring the changes of one run.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::client::{Client, start};

/// Returns the next event of a stream: its name and its data.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn next_event(stream: &mut impl BufRead) -> (String, Value) {
    let (mut name, mut line, begin) = (None, String::new(), Instant::now());
    loop {
        line.clear();
        // The stream never falls silent: the server sends a comment now and then.
        assert!(begin.elapsed() < Duration::from_secs(60), "no event came within a minute");
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "the stream ended");
        if let Some(event) = line.trim_end().strip_prefix("event: ") {
            name = Some(event.to_owned());
        }
        if let (Some(name), Some(data)) = (&name, line.trim_end().strip_prefix("data: ")) {
            return (name.clone(), serde_json::from_str(data).unwrap());
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn listen(client: &Client, path: &str) -> BufReader<TcpStream> {
    let mut connection = TcpStream::connect(client.server.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let host = client.server.address();
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut stream = BufReader::new(connection);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
    }
    stream
}

#[test]
fn events_bring_the_changes_of_one_run_and_name_those_of_all() {
    let client = start();
    let (run, other) = (client.running(), client.running());
    let (mut one, mut all) =
        (listen(&client, &format!("/page/events?run={run}")), listen(&client, "/page/events"));
    client.span(&other, "complete");
    let span = client.span(&run, "active");
    let (name, changed) = next_event(&mut all);
    assert_eq!(name, "runs");
    assert!(changed.as_array().unwrap().contains(&json!(other)), "{changed}");
    let (name, seen) = next_event(&mut one);
    assert_eq!((name.as_str(), &seen["run"]["id"], &seen["run"]["open"]), ("run", &json!(run), &json!(1)));
    let (name, rows) = next_event(&mut one);
    assert_eq!(
        (name.as_str(), &rows["spans"][0][1], &rows["spans"][0][4]),
        ("spans", &json!(span), &json!(1))
    );
    client.make(&format!("agent_spans/{span}/finish"), &json!({"status": "failed"}));
    assert_eq!(next_event(&mut one).1["run"]["failed"], 1);
    assert_eq!(next_event(&mut one).1["spans"][0][4], 3);
}

/// One request stores more spans than changes are kept for a listener.
#[test]
fn page_that_changes_came_too_fast_for_is_told_to_read_all_of_it_again() {
    let client = start();
    let run = client.running();
    let mut events =
        [format!("/page/events?run={run}"), "/page/events".to_owned()].map(|path| listen(&client, &path));
    let item = |number: u32| {
        let details =
            json!({"agent_instance_id": run, "schema_name": "s", "status": "complete", "payload": {}});
        json!({"_type": "agent_spans/create", "idempotency_key": format!("number-{number:08}"), "details": details})
    };
    let items: Vec<_> = (0..5000).map(item).collect();
    assert_eq!(client.post("bulk", &json!({"items": items})).http, 200);
    for stream in &mut events {
        assert_eq!(next_event(stream), ("missed".to_owned(), json!({})));
    }
    client.span(&run, "complete");
    assert_eq!(next_event(&mut events[0]).1["run"]["spans"], 5001, "and of what comes later as usual");
}
