//! F08: no wish of a server stalls delivery or a shutdown.

use std::thread;
use std::time::Duration;

use crate::support::{Origin, answer, builder, shut_down, until};

/// Answers all but the ping with that wish, and waits for so many requests.
fn refuse(wish: &str, requests: usize) {
    let header = wish.to_owned();
    let origin = Origin::answering(move |received| {
        let status = if received.line.contains("ping") { "404 Not Found" } else { "429 Too Many Requests" };
        answer(status, &[("retry-after", &header)], "")
    });
    let client = builder(&origin.url()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:refused").complete(&()));
    until(wish, || origin.received().len() >= requests);
    let stats = shut_down(&client, Duration::from_millis(300)).stats;
    assert_eq!((stats.created, stats.acknowledged), (1, 0), "{wish}: {stats}");
}

fn for_each(wishes: &[&str], requests: usize) {
    thread::scope(|scope| {
        for wish in wishes {
            scope.spawn(move || refuse(wish, requests));
        }
    });
}

#[test]
fn f08_a_wish_that_says_nothing_stalls_nothing() {
    // The ping, and three tries: one more than a stalled client would make.
    for_each(&["-1", "abc", "NaN", "0", "", "1e9", "Sun, 06 Nov 1994 08:49:37 GMT"], 4);
}

#[test]
fn f08_a_shutdown_does_not_wait_for_what_a_server_wishes() {
    let ten_to_the_40th = format!("1{}", "0".repeat(40));
    for_each(&["86400", &ten_to_the_40th, "Fri, 31 Dec 9999 23:59:59 GMT"], 2);
}
