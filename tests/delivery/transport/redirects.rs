//! F26: the configured origin alone gets the token, whatever it answers.

use std::thread;
use std::time::Duration;

use crate::support::{
    Authority, Origin, accept, answer, builder, given, is_child, run_child, server_config, shut_down, until,
};

const REDIRECTS: [&str; 5] = [
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

/// Sends to an origin that redirects, until it has tried again, and checks that nothing counts as delivered.
fn assert_not_followed(origin: &Origin, authority: Option<&Authority>) {
    let mut builder = builder(&origin.url());
    if let Some(authority) = authority {
        builder = builder.add_root_certificates_pem(authority.pem());
    }
    let client = builder.build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:redirected").complete(&()));
    until("it tries again", || origin.received().len() > 2);
    let stats = shut_down(&client, Duration::from_millis(300)).stats;
    assert_eq!((stats.created, stats.acknowledged), (1, 0), "{stats}");
    for received in origin.received() {
        assert!(!received.line.contains("/elsewhere"), "{received:?}");
    }
}

fn for_each_redirect(test: impl Fn(&'static str) + Sync) {
    thread::scope(|scope| {
        for status in REDIRECTS {
            scope.spawn(|| test(status));
        }
    });
}

#[test]
fn f26_a_redirect_to_the_same_host_is_not_followed() {
    for_each_redirect(|status| {
        let origin = Origin::answering(move |_| answer(status, &[("location", "/elsewhere")], ""));
        assert_not_followed(&origin, None);
    });
}

#[test]
fn f26_a_redirect_to_another_host_is_not_followed() {
    for_each_redirect(|status| {
        let other = Origin::accepting();
        let location = other.url_at("localhost") + "/elsewhere";
        let origin = Origin::answering(move |_| answer(status, &[("location", &location)], ""));
        assert_not_followed(&origin, None);
        other.assert_untouched();
    });
}

#[test]
fn f26_a_redirect_to_clear_text_is_not_followed() {
    for_each_redirect(|status| {
        let authority = Authority::new();
        let other = Origin::accepting();
        let location = other.url() + "/elsewhere";
        let config = server_config(authority.sign(&["127.0.0.1"]), rustls::ALL_VERSIONS);
        let origin = Origin::with_tls(config, move |_| answer(status, &[("location", &location)], ""));
        assert_not_followed(&origin, Some(&authority));
        other.assert_untouched();
    });
}

/// A redirect with a good body is not a success.
#[test]
fn f26_a_redirect_is_not_a_success_whatever_its_body_says() {
    let origin = Origin::answering(|received| {
        let reply = accept(received);
        Box::new(move |stream| {
            let mut text = Vec::new();
            reply(&mut text)?;
            let text =
                String::from_utf8(text).unwrap().replacen("200 OK", "302 Found\r\nlocation: /elsewhere", 1);
            stream.write_all(text.as_bytes())
        })
    });
    assert_not_followed(&origin, None);
}

#[test]
fn child_is_redirected() {
    if !is_child() {
        return;
    }
    let client = builder(&given("PREFACTOR_API_URL")).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:redirected").complete(&()));
    until("it tries three times", || client.stats().requests > 3);
    let _ = shut_down(&client, Duration::ZERO);
}

#[test]
fn f26_redirects_are_logged_once() {
    let origin =
        Origin::answering(|_| answer("302 Found", &[("location", "https://other.example/canary")], "canary"));
    let text = run_child("redirects::child_is_redirected", &[("PREFACTOR_API_URL", &origin.url())]);
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with("prefactor: ")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("HTTP 302") && lines[1].contains("shut down with losses"), "{text}");
    assert!(!text.contains("canary") && !text.contains("other.example"), "{text}");
}
