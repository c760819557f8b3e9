//! F08: `Retry-After` stalls neither delivery nor a shutdown.

use std::thread;
use std::time::Duration;

use prefactor::Client;

use crate::support::{Origin, answer, assert_ended_by_the_deadline, builder, shut_down, until};

/// A client with one span, and its server, which answers all but the ping with that header, after a number of requests.
fn refused(wish: &str, requests: usize) -> (Client, Origin) {
    let header = wish.to_owned();
    let origin = Origin::answering(move |received| {
        let status = if received.line.contains("ping") { "404 Not Found" } else { "429 Too Many Requests" };
        answer(status, &[("retry-after", &header)], "")
    });
    let client = builder(&origin.url()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:refused").complete(&()));
    until(wish, || origin.received().len() >= requests);
    (client, origin)
}

#[test]
fn f08_a_wish_that_says_nothing_stalls_nothing() {
    thread::scope(|scope| {
        for wish in ["-1", "abc", "NaN", "0", "", "1e9", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            scope.spawn(move || {
                let stats = shut_down(&refused(wish, 4).0, Duration::ZERO).stats;
                assert_eq!((stats.created, stats.acknowledged), (1, 0), "{wish}: {stats}");
            });
        }
    });
}

#[test]
fn f08_a_shutdown_does_not_wait_for_what_a_server_wishes() {
    let ten_to_the_40th = format!("1{}", "0".repeat(40));
    thread::scope(|scope| {
        for wish in ["86400", &ten_to_the_40th, "Fri, 31 Dec 9999 23:59:59 GMT"] {
            scope.spawn(move || {
                let (client, origin) = refused(wish, 2);
                assert_ended_by_the_deadline(&client);
                assert!(origin.received().len() > 2, "{wish}");
            });
        }
    });
}
