//! More requests than the queue takes: they are refused at once, with the time to retry after.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use prefactor_local::Server;

use crate::{
    client::{raw, start_with, status},
    folder::Folder,
};

/// The database is locked as by another program, so nothing is stored until the lock is released.
#[test]
fn more_requests_than_may_wait_are_answered_with_429_and_retry_after() {
    let folder = Folder::new("overload");
    let client = start_with(Server::builder().database(folder.file("runs.db")));
    let run = client.running();
    let server = &client.server;
    let text = "x".repeat(7 << 20);
    let body = format!(
        r#"{{"details":{{"agent_instance_id":"{run}","schema_name":"s","status":"active","payload":{{"t":"{text}"}}}}}}"#
    );
    let host = format!("Host: {}", server.address());
    let length = format!("Content-Length: {}", body.len());
    let kind = "Content-Type: application/json";
    let head = ["POST /api/v1/agent_spans HTTP/1.1", &host, "Authorization: Bearer x", kind, &length];
    let mut other = rusqlite::Connection::open(folder.file("runs.db")).unwrap();
    let lock = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let is_refused = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while !is_refused.load(Ordering::Relaxed) {
                    let answer = raw(server, &head, body.as_bytes());
                    // The other threads end by this, also where an assertion fails here.
                    if status(&answer) != 503 {
                        is_refused.store(true, Ordering::Relaxed);
                    }
                    assert!([429, 503].contains(&status(&answer)), "{answer}");
                    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
                }
            });
        }
    });
    drop(lock);
    assert_eq!(client.span_count(&run), 0);
    client.span(&run, "active");
    assert_eq!(client.span_count(&run), 1);
}
