//! Faulty rules of the program: they delay nothing, and let no value pass.

use std::sync::mpsc;
use std::time::Duration;

use prefactor::{Client, InstanceStatus, span};
use prefactor_local::Server;

use crate::{child, is_child};

const TIMEOUT: Duration = Duration::from_secs(60);

#[span("test:traced")]
fn traced(text: &str) -> String {
    text.to_uppercase()
}

#[test]
fn child_rules() {
    if is_child().is_none() {
        return;
    }
    std::panic::set_hook(Box::new(|_| {}));
    let server = Server::start().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let builder = Client::builder().api_url(server.url()).api_token(server.token());
    let rules = builder
        .redact(move |_, _| {
            let _ = released.lock().unwrap().recv();
            None
        })
        .redact(|name, text| {
            let manual = span("test:manual");
            manual.start(&text);
            assert_ne!(name, "mine");
            (name == "text").then(|| traced(text))
        });
    let guard = rules.install().unwrap();

    assert_eq!(traced("quiet"), "QUIET");
    (0..100).for_each(|_| assert_eq!(traced("quiet"), "QUIET"));
    assert!(!guard.flush(Duration::from_millis(50)).is_complete);
    drop(release);

    let instance = guard.register("tester");
    instance.in_scope(|| span("test:mine").start(&serde_json::json!({ "mine": "whole", "other": "seen" })));
    instance.finish(InstanceStatus::Complete);
    let report = guard.shutdown(TIMEOUT);
    assert!(
        report.is_complete && report.stats.created == 102 && report.stats.acknowledged == 102,
        "{report}"
    );

    let path = format!("{}/api/v1/agent_spans?agent_instance_id={}", server.url(), instance.id().unwrap());
    let request = ureq::get(&path).header("authorization", format!("Bearer {}", server.token()));
    let body: serde_json::Value = request.call().unwrap().body_mut().read_json().unwrap();
    let payload = &body["summaries"][0]["payload"];
    assert_eq!(*payload, serde_json::json!({ "mine": "[REDACTED: the rule panicked]", "other": "seen" }));
    println!("all good");
}

#[test]
fn f32_a_rule_that_blocks_panics_or_is_traced_holds_nobody_up() {
    child("rules::child_rules", "in memory".as_ref());
}
