use prefactor_local::{
    Server,
    oracle::{Kind, Oracle},
};
use serde_json::{Value, json};

use super::client::{Watched, bulk, watched};
use crate::client::{id, start_with};

#[test]
fn ledger_has_every_effect_once_and_in_order() {
    let it = watched();
    let parent = it.client.span(&it.instance, "active");
    let mut child = it.item("child-01", "active");
    child["details"]["parent_span_id"] = parent.as_str().into();
    let child = id(&it.client.post("bulk", &bulk(&[child])).body["outputs"]["child-01"]["details"]);
    let ends = |id: &str| {
        let key = format!("end-of-{id}");
        json!({"_type": "agent_spans/finish", "idempotency_key": key, "id": id, "status": "failed"})
    };
    it.client.post("bulk", &bulk(&[ends(&child), ends(&parent)]));
    it.client.post("bulk", &bulk(&[ends(&parent)]));
    let key = format!("end-of-{parent}");
    it.client
        .make(&format!("agent_spans/{parent}/finish"), &json!({"status": "failed", "idempotency_key": key}));
    let ledger = it.oracle.ledger();
    let kinds: Vec<_> = ledger.effects_on(&parent).map(|effect| effect.kind).collect();
    assert_eq!(kinds, [Kind::CreateSpan, Kind::FinishSpan]);
    assert_eq!(ledger.effects_on(&child).next().unwrap().parent.as_deref(), Some(parent.as_str()));
    assert_eq!(ledger.resends().collect::<Vec<_>>(), [(key.as_str(), 3)]);
    let tally = it.tally();
    assert_eq!((tally.spans, tally.finished, tally.instances, tally.resent), (2, 2, 1, 2));
    let bearer = format!("Bearer {}", it.client.server.token());
    assert!(ledger.requests().iter().all(|request| request.header("authorization") == Some(&bearer)));
    assert!(!format!("{ledger:?}").contains(it.client.server.token()));
}

#[test]
fn key_with_other_bytes_is_a_breach() {
    let changed = |change: &dyn Fn(&Watched, Value)| {
        let it = watched();
        let body = it.create("key-0001", "active");
        it.client.make("agent_spans", &body);
        assert_eq!(it.tally().resent, 0);
        change(&it, body);
        it.oracle.ledger().check().unwrap_err().to_string()
    };
    let text = changed(&|it, mut body| {
        body["details"]["payload"] = json!({"other": 1});
        it.client.make("agent_spans", &body);
    });
    assert!(text.contains("key-0001") && text.contains("two texts"), "{text}");
    let text = changed(&|it, body| {
        it.client.post_text("agent_spans", &format!("{body} "));
        it.client.post_text("agent_spans", &body.to_string().replacen(':', ": ", 1));
    });
    assert!(text.contains("two texts"), "{text}");
    let text = changed(&|it, mut body| {
        body["_type"] = "agent_spans/create".into();
        body["details"]["status"] = "complete".into();
        it.client.post("bulk", &bulk(&[body]));
    });
    assert!(text.contains("two texts"), "{text}");
    let text = changed(&|it, _| {
        let path = format!("agent_instance/{}/finish", it.instance);
        it.client.make(&path, &json!({"idempotency_key": "key-0001"}));
    });
    assert!(text.contains("two actions"), "{text}");
}

#[test]
fn oracle_goes_on_with_the_next_server() {
    let oracle = Oracle::new();
    for _ in 0..2 {
        let client = start_with(Server::builder().oracle(&oracle));
        client.register();
    }
    assert_eq!(oracle.ledger().check().unwrap().instances, 2);
}
