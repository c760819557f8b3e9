use std::{
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use prefactor_local::oracle::{Fault, Gate, Kind, Rule};
use serde_json::json;

use super::client::{bulk, watched};
use crate::client::{id, raw, status};

const LONG: Duration = Duration::from_secs(20);

#[test]
fn status_is_answered_in_place_of_the_request() {
    let it = watched();
    it.oracle.inject(Rule::new(Fault::status(429).retry_after("-1")).path("/agent_spans").times(1));
    let answer = it.post_raw("agent_spans", &it.create("k1", "active")).unwrap();
    assert_eq!(status(&answer), 429);
    assert!(answer.contains("retry-after: -1\r\n"), "{answer}");
    assert!(answer.contains(r#""code":"rate_limited""#), "{answer}");
    assert_eq!(it.spans(), 0);
    assert_eq!(it.client.post("agent_spans", &it.create("k1", "active")).http, 200);
    let ledger = it.oracle.ledger();
    let answered: Vec<_> =
        ledger.requests().iter().filter(|request| request.path == "/agent_spans").collect();
    assert_eq!((answered[0].answered, answered[1].answered), (Some(429), Some(200)));
    assert_eq!((it.spans(), it.tally().resent), (1, 1));
}

#[test]
fn fault_may_come_after_the_effect() {
    let it = watched();
    it.oracle.next(1, Fault::status(500).applied());
    let body = it.create("k1", "complete");
    assert_eq!(it.client.post("agent_spans", &body).http, 500);
    assert_eq!(it.spans(), 1);
    assert_eq!(it.client.post("agent_spans", &body).http, 200);
    assert_eq!((it.spans(), it.tally().finished), (1, 1), "once, although it came twice");
}

#[test]
fn reset_before_or_after_the_effect_is_a_reset_for_the_client() {
    for (fault, effects) in [(Fault::reset(), 0), (Fault::reset().applied(), 1)] {
        let it = watched();
        it.oracle.next(1, fault);
        let error = it.post_raw("agent_spans", &it.create("k1", "active")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(it.spans(), effects);
        assert_eq!(it.oracle.ledger().requests().last().unwrap().answered, None);
    }
}

#[test]
fn connection_may_be_closed_instead_of_an_answer() {
    let it = watched();
    it.oracle.next(1, Fault::hang_up());
    assert_eq!(it.post_raw("agent_spans", &it.create("k1", "active")).unwrap(), "");
    assert_eq!(it.spans(), 0);
}

#[test]
fn answer_may_be_cut_within_its_body() {
    let it = watched();
    it.oracle.next(1, Fault::cut(5));
    let answer = it.post_raw("agent_spans", &it.create("k1", "active")).unwrap();
    assert_eq!(status(&answer), 200);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 5);
    assert!(head.contains("content-length: ") && !head.contains("content-length: 5\r\n"), "{head}");
    assert_eq!(it.spans(), 1);
}

#[test]
fn connection_may_be_closed_after_its_answer_without_notice() {
    let it = watched();
    it.oracle.next(1, Fault::close_after());
    let address = it.client.server.address();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET /api/v1/ping HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer t\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with(r#""details":{"token_type":"api"}}"#), "{answer}");
    assert!(!answer.contains("connection: close"), "{answer}");
}

#[test]
fn effect_may_come_long_before_its_answer() {
    let it = watched();
    it.oracle.next(1, Fault::answered_after(Duration::from_millis(200)));
    let (body, begin) = (it.create("k1", "active"), Instant::now());
    thread::scope(|scope| {
        let answer = scope.spawn(|| it.client.post("agent_spans", &body));
        assert!(it.oracle.wait_until(LONG, |ledger| ledger.count(Kind::CreateSpan) == 1));
        assert!(!answer.is_finished());
        assert_eq!(answer.join().unwrap().http, 200);
    });
    assert!(begin.elapsed() >= Duration::from_millis(200));
}

#[test]
fn answer_that_tells_of_a_termination_may_be_held_back_while_others_pass() {
    let it = watched();
    let gate = Gate::new();
    it.oracle.inject(Rule::new(Fault::signal_held(&gate)));
    it.client.make("agent_spans", &it.create("k1", "active"));
    let line = format!("POST /page/runs/{}/terminate HTTP/1.1", it.instance);
    let host = format!("Host: {}", it.client.server.address());
    let kind = ["prefactor-page: 1", "Content-Type: application/json", "Content-Length: 19"];
    let head = [&[line.as_str(), &host], &kind[..]].concat();
    assert_eq!(status(&raw(&it.client.server, &head, br#"{"reason":"enough"}"#)), 200);
    let signalled = it.create("k2", "active");
    thread::scope(|scope| {
        let answer = scope.spawn(|| it.client.post("agent_spans", &signalled));
        assert!(it.oracle.wait_until(LONG, |ledger| ledger.count(Kind::CreateSpan) == 2));
        it.client.get("ping");
        assert!(!answer.is_finished());
        gate.open();
        assert_eq!(answer.join().unwrap().body["control"]["terminate"], true);
    });
    it.client.make("agent_spans", &it.create("k3", "active"));
    let ledger = it.oracle.ledger();
    let told = ledger.requests().iter().find(|request| request.told_to_stop).unwrap();
    assert_eq!(told.followed_by, Some(told.number + 2), "the ping arrived before the answer");
    let later: Vec<_> = ledger.effects_after(told).map(|effect| effect.key.as_deref()).collect();
    assert_eq!(later, [Some("k3")]);
}

#[test]
fn effect_may_come_after_its_client_has_gone() {
    let it = watched();
    it.oracle.next(1, Fault::applied_after(Duration::from_millis(50)));
    let body = it.create("k1", "active").to_string();
    let (address, token) = (it.client.server.address(), it.client.server.token());
    let mut connection = TcpStream::connect(address).unwrap();
    write!(
        connection,
        "POST /api/v1/agent_spans HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    assert!(it.oracle.wait_until(LONG, |ledger| ledger.sends(Kind::CreateSpan) == 1));
    assert_eq!(it.spans(), 0, "it has arrived and waits");
    drop(connection);
    assert!(it.oracle.wait_until(LONG, |ledger| ledger.count(Kind::CreateSpan) == 1));
}

#[test]
fn answers_may_be_anything() {
    let it = watched();
    for (body, kind) in [("<html>", "text/html"), ("", "application/json"), ("{", "application/json")] {
        it.oracle.next(1, Fault::body(200, kind, body));
        let answer = it.post_raw("agent_spans", &it.create("k1", "active")).unwrap();
        assert_eq!((status(&answer), answer.split_once("\r\n\r\n").unwrap().1), (200, body));
        assert!(answer.contains(&format!("content-type: {kind}\r\n")), "{answer}");
    }
    assert_eq!(it.spans(), 0);
}

#[test]
fn bulk_answers_may_lack_outputs_or_have_too_many() {
    let it = watched();
    let items = bulk(&[it.item("key-0001", "complete"), it.item("key-0002", "complete")]);
    it.oracle.next(1, Fault::without_outputs(|place| place == 1));
    let answer = it.client.post("bulk", &items);
    assert_eq!(answer.body["outputs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["key-0002"]);
    it.oracle.next(1, Fault::with_strange_outputs());
    let answer = it.client.post("bulk", &items);
    assert_eq!(answer.text.matches(r#""key-0001":"#).count(), 2);
    assert_eq!(answer.body["outputs"].as_object().unwrap().len(), 3);
    assert_eq!(it.spans(), 2, "all of them took effect, once");
}

#[test]
fn control_may_stand_anywhere() {
    let it = watched();
    let control = json!({"terminate": true, "reason": "scripted"});
    let items = bulk(&[it.item("key-0001", "complete"), it.item("key-0002", "complete")]);
    it.oracle.next(1, Fault::control(control.clone()));
    assert_eq!(it.client.post("agent_spans", &it.create("k", "complete")).body["control"], control);
    it.oracle.next(1, Fault::control(control.clone()));
    assert_eq!(it.client.post("bulk", &items).body["outputs"]["key-0002"]["control"], control);
    it.oracle.next(1, Fault::control_at_top(json!(7)));
    assert_eq!(it.client.post("bulk", &items).body["control"], 7);
    it.oracle.next(1, Fault::control(control.clone()).applied());
    let finish = json!({"status": "complete", "idempotency_key": "f"});
    let path = format!("agent_instance/{}/finish", it.instance);
    assert_eq!(it.client.post(&path, &finish).body["control"], control);
}

#[test]
fn server_may_make_other_ids_than_it_was_asked_for() {
    let it = watched();
    it.oracle.inject(Rule::new(Fault::server_made_ids()).path("/agent_spans"));
    let asked_for = it.client.span(&it.instance, "complete");
    let mut body = it.create("key-0001", "complete");
    body["details"]["id"] = asked_for.as_str().into();
    let made = id(&it.client.make("agent_spans", &body));
    assert_ne!(made, asked_for);
    assert_eq!(it.oracle.ledger().effects().last().unwrap().id, made);
    assert_eq!(it.client.make("agent_spans", &body)["id"], made.as_str());
}
