//! The limits on connections, and on the time for the head of a request.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use prefactor_local::Server;

use crate::client::{Connection, start_with, status};

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).unwrap()
}

/// Waits until the server closes the connection: with an answer, at once, or by a reset. It fails after a minute.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn assert_ends(connection: &mut TcpStream) {
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    if let Err(error) = connection.read_to_end(&mut Vec::new()) {
        assert!(![ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()), "{error}");
    }
}

#[test]
fn connection_beyond_the_limit_is_answered_with_503_and_closed() {
    let client = start_with(Server::builder().max_connections(2));
    let host = format!("Host: {}", client.server.address());
    let head = ["GET / HTTP/1.1", &host];
    let mut open: Vec<_> = (0..2).map(|_| Connection::to(&client.server)).collect();
    for connection in &mut open {
        assert_eq!(status(&connection.ask(&head, b"")), 200);
    }
    let mut answer = String::new();
    connect(&client.server).read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(answer.contains("retry-after: 1\r\n") && answer.contains("too many connections"), "{answer}");
    assert_eq!(status(&open[0].ask(&head, b"")), 200);
    open.pop();
    loop {
        let mut next = connect(&client.server);
        next.write_all(format!("{}\r\nConnection: close\r\n\r\n", head.join("\r\n")).as_bytes()).unwrap();
        let mut answer = String::new();
        next.read_to_string(&mut answer).unwrap();
        if status(&answer) == 200 {
            break;
        }
        assert_eq!(status(&answer), 503, "{answer}");
    }
}

#[test]
fn head_that_drips_does_not_keep_its_connection() {
    let client = start_with(Server::builder().head_timeout(Duration::from_millis(300)));
    let mut slow = connect(&client.server);
    slow.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let mut dripping = slow.try_clone().unwrap();
    let drip = thread::spawn(move || {
        while dripping.write_all(b"X-Drip: 1\r\n").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_ends(&mut slow);
    drip.join().unwrap();
    assert_eq!(client.get("ping").http, 200);
}

#[test]
fn head_of_any_size_ends_with_an_answer_or_a_closed_connection() {
    let client = start_with(Server::builder());
    let mut large = connect(&client.server);
    let line = format!("X-Large: {}\r\n", "x".repeat(64 << 10));
    let _ = large.write_all(b"GET / HTTP/1.1\r\n");
    let taken = (0..1024).take_while(|_| large.write_all(line.as_bytes()).is_ok()).count();
    assert!(taken < 1024, "the server takes a head of 64 MiB");
    assert_ends(&mut large);
    assert_eq!(client.get("ping").http, 200);
}

/// The time counts from the answer before: an idle connection is closed as well.
#[test]
fn connection_that_is_idle_is_closed() {
    let client = start_with(Server::builder().head_timeout(Duration::from_millis(300)));
    let host = format!("Host: {}", client.server.address());
    let mut idle = connect(&client.server);
    idle.write_all(format!("GET /api/v1/ping HTTP/1.1\r\n{host}\r\n\r\n").as_bytes()).unwrap();
    assert_ends(&mut idle);
}
