//! F58, S2, S3: the log lines of delivery, and the spans that it must not make.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use prefactor::DropReason;

use crate::support::{
    Authority, Origin, TIMEOUT, TOKEN, accept, answer, builder, given, is_child, run_child, server_config,
    shut_down, until,
};

/// Lines and events of the delivery thread.
static NOTICED: AtomicUsize = AtomicUsize::new(0);
static LINES: Mutex<String> = Mutex::new(String::new());

/// A logger that makes spans.
#[prefactor::span("test:noticed")]
fn notice(line: &str) {
    if thread::current().name() == Some("prefactor-worker") {
        NOTICED.fetch_add(1, SeqCst);
    }
    *LINES.lock().unwrap() += line;
}

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        notice(&format!("{} {}\n", record.target(), record.args()));
    }

    fn flush(&self) {}
}

struct Subscriber;

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        notice(&format!("{attributes:?}\n"));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        notice(&format!("{event:?}\n"));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn child_traces_its_logger() {
    if !is_child() {
        return;
    }
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Subscriber).unwrap();

    let origin = Origin::accepting();
    let prefactor = builder(&origin.url()).install().unwrap();
    prefactor::span("test:one").complete(&());
    assert!(prefactor.flush(TIMEOUT).is_complete);
    let (stats, requests) = (prefactor.stats(), origin.received().len());
    let noticed = NOTICED.load(SeqCst);
    assert!(noticed > 0, "nothing was logged on the delivery thread");
    assert_eq!((stats.created, stats.acknowledged), (1, 1), "{stats}");

    // If the worker traced itself, each flush would make work for the next.
    for _ in 0..10 {
        assert!(prefactor.flush(TIMEOUT).is_complete);
    }
    assert_eq!(origin.received().len(), requests);
    assert_eq!(prefactor.stats().requests, stats.requests);

    let report = prefactor.shutdown(TIMEOUT);
    assert_eq!((report.stats.created, report.stats.acknowledged), (1, 1), "{report}");
    let spans = origin.received().iter().filter(|received| received.line.contains("agent_spans")).count();
    assert_eq!(spans, 1);
    let lines = LINES.lock().unwrap();
    assert!(lines.contains("reqwest") || lines.contains("hyper"), "{lines}");
    assert!(!lines.contains(TOKEN), "the token is logged");
    println!("all good");
}

#[test]
fn f58_the_delivery_thread_makes_no_spans() {
    let text = run_child("noise::child_traces_its_logger", &[]);
    assert!(text.contains("all good"), "{text}");
}

#[test]
fn child_is_refused() {
    if !is_child() {
        return;
    }
    let client = builder(&given("PREFACTOR_API_URL")).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:refused").complete(&"canary"));
    assert!(client.flush(TIMEOUT).is_complete);
    println!("refused: {}", client.stats().dropped_total());
}

#[test]
fn child_is_unauthorized() {
    if !is_child() {
        return;
    }
    let client = builder(&given("PREFACTOR_API_URL")).build().unwrap();
    let instance = client.register("tester");
    for _ in 0..100 {
        instance.span("test:kept").complete(&());
    }
    // After a refused token nothing is sent for half a minute.
    assert!(!client.flush(Duration::from_secs(1)).is_complete);
    let stats = shut_down(&client, Duration::from_millis(100)).stats;
    println!("auth: {}, requests: {}", stats.dropped(DropReason::Auth), stats.requests);
}

#[test]
fn f11_a_token_that_is_refused_is_said_once_and_costs_what_is_queued_at_the_shutdown_only() {
    let origin = Origin::answering(|_| {
        answer("401 Unauthorized", &[], r#"{"status":"error","code":"bad_authtoken","message":"no"}"#)
    });
    let text = run_child("noise::child_is_unauthorized", &[("PREFACTOR_API_URL", &origin.url())]);
    assert!(text.contains("auth: 100"), "{text}");
    assert!(origin.received().len() <= 3, "{text}");
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with("prefactor: ")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("PREFACTOR_API_TOKEN") && lines[1].contains("100 dropped (auth)"), "{text}");
}

#[test]
fn child_meets_a_stranger() {
    if !is_child() {
        return;
    }
    let builder = builder(&given("PREFACTOR_API_URL")).add_root_certificates_pem(given("TEST_EXTRA_CA"));
    let client = builder.build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:unheard").complete(&()));
    until("it tries again", || client.stats().requests > 2);
    let _ = shut_down(&client, Duration::ZERO);
}

/// A certificate may have any number of names, and errors quote them.
#[test]
fn s3_what_a_certificate_says_is_cut() {
    let authority = Authority::new();
    let names: Vec<_> = (0..200).map(|number| format!("name-{number}.example")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let origin = Origin::with_tls(server_config(authority.sign(&names), rustls::ALL_VERSIONS), accept);
    let variables = [("PREFACTOR_API_URL", origin.url()), ("TEST_EXTRA_CA", authority.pem())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let text = run_child("noise::child_meets_a_stranger", &variables);
    let line = text.lines().find(|line| line.contains("out of reach")).unwrap();
    assert!(line.contains("certificate") && (200..300).contains(&line.len()), "{line}");
    assert_eq!(origin.received().len(), 0);
}

/// The body of a refusal may quote what was sent, and anybody may have written it.
#[test]
fn s3_what_a_server_says_is_not_repeated() {
    let origin = Origin::answering(|received| {
        if !received.line.contains("agent_spans") {
            return accept(received);
        }
        let sent = String::from_utf8_lossy(&received.body).into_owned();
        let code = "invalid\r\nprefactor: forged\u{1b}[2J";
        let body =
            serde_json::json!({ "status": "error", "code": code, "message": sent, "errors": { "x": sent } });
        answer("422 Unprocessable Entity", &[("x-canary", "canary")], body.to_string())
    });
    let text = run_child("noise::child_is_refused", &[("PREFACTOR_API_URL", &origin.url())]);
    assert!(text.contains("refused: 1") && text.contains("HTTP 422"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    assert!(!text.contains("\nprefactor: forged") && !text.contains('\u{1b}'), "{text}");
    assert!(
        text.lines().filter(|line| line.starts_with("prefactor:")).all(|line| line.len() <= 500),
        "{text}"
    );
}

#[test]
fn child_is_told_its_token() {
    if !is_child() {
        return;
    }
    let client = builder(&given("PREFACTOR_API_URL")).build().unwrap();
    let instance = client.register("tester");
    instance.in_scope(|| prefactor::span("test:refused").complete(&"canary"));
    assert!(client.flush(TIMEOUT).is_complete);
    until("the run is terminated", || instance.termination().is_some());
    println!("reason: {:?}", instance.termination().unwrap().reason);
    println!("refused: {}", client.stats().dropped_total());
    let _ = shut_down(&client, TIMEOUT);
}

/// Codes and reasons repeat the token, at their beginning, and where they are cut.
#[test]
fn s3_token_in_what_a_server_says_is_hidden_before_it_is_logged_or_returned() {
    for padding in ["", &"x".repeat(50), &"x".repeat(490)] {
        let said = format!("{padding}{TOKEN}\u{1b}[2J");
        let origin = Origin::answering(move |received| {
            if received.line.contains("agent_spans") || received.line.contains("/bulk") {
                let body = serde_json::json!({ "status": "error", "code": said, "message": said });
                return answer("422 Unprocessable Entity", &[], body.to_string());
            }
            if !received.line.ends_with("/start HTTP/1.1") {
                return accept(received);
            }
            let id = received.line.split('/').nth(4).unwrap();
            let body = serde_json::json!({
                "status": "success",
                "details": { "id": id },
                "control": { "terminate": true, "reason": said },
            });
            answer("200 OK", &[], body.to_string())
        });
        let text = run_child("noise::child_is_told_its_token", &[("PREFACTOR_API_URL", &origin.url())]);
        assert!(text.contains("refused: 1") && text.contains("HTTP 422"), "{text}");
        assert!(!text.contains(&TOKEN[..12]) && !text.contains('\u{1b}'), "{text}");
        assert_eq!(text.contains("reason: Some(\"[REDACTED]"), padding.is_empty(), "{text}");
    }
}
