use serde_json::json;

use crate::client::{id, start};

const FIRST: &str = "013xrzp12g3nqk8n0000000000000001";
const FOREIGN: &str = "013xrzp12g0000000000000000000001";

fn own(like: &str, tail: &str) -> String {
    format!("{}{tail:0>16}", &like[..16])
}

#[test]
fn account_takes_the_partition_of_the_first_agent_named() {
    let client = start();
    let first = client.make("agent_instance/register", &json!({"agent_id": FIRST}));
    assert_eq!(first["agent_id"], FIRST);
    assert_eq!(id(&first)[10..16], FIRST[10..16]);
    assert_eq!(first["account_id"].as_str().unwrap()[10..16], FIRST[10..16]);
    let second = client.make("agent_instance/register", &json!({"agent_id": FOREIGN}));
    assert_eq!(second["agent_id"], FOREIGN);
    assert_eq!(id(&second)[10..16], FIRST[10..16], "the partition is fixed by then");
}

#[test]
fn agent_seen_first_without_an_id_fixes_the_partition() {
    let client = start();
    let instance = client.register();
    let named = client.make("agent_instance/register", &json!({"agent_id": FIRST}));
    assert_eq!(id(&named)[10..16], instance[10..16]);
}

#[test]
fn client_may_choose_ids_in_the_partition_of_its_agent() {
    let client = start();
    let instance = own(FIRST, "a");
    let details = client.make("agent_instance/register", &json!({"agent_id": FIRST, "id": instance}));
    assert_eq!(details["id"], instance);
    let mut span = crate::client::span(&instance, "active");
    span["details"]["id"] = own(FIRST, "b").into();
    assert_eq!(client.make("agent_spans", &span)["id"], own(FIRST, "b"));
}

#[test]
fn chosen_id_that_is_no_pfid_or_of_another_partition_is_invalid() {
    let client = start();
    let instance = client.running();
    let upper = instance.to_uppercase();
    for chosen in ["", "x", FOREIGN, upper.as_str(), "../../etc/passwd"] {
        let answer = client.post("agent_instance/register", &json!({"id": chosen}));
        assert_eq!(answer.invalid_fields(), ["id"], "{chosen:?}");
        let mut span = crate::client::span(&instance, "active");
        span["details"]["id"] = chosen.into();
        assert_eq!(client.post("agent_spans", &span).invalid_fields(), ["id"], "{chosen:?}");
    }
    assert_eq!(client.span_count(&instance), 0);
}

#[test]
fn agent_or_environment_id_that_is_no_pfid_is_invalid() {
    let client = start();
    for field in ["agent_id", "environment_id"] {
        let answer = client.post("agent_instance/register", &json!({field: "mine"}));
        assert_eq!(answer.invalid_fields(), [field]);
    }
    assert_eq!(
        client.get("agent").body["pagination"]["item_count"],
        0,
        "a refused registration leaves nothing"
    );
}

#[test]
fn id_that_is_taken_is_a_conflict() {
    let client = start();
    let instance = client.running();
    let span = client.span(&instance, "active");
    let again = client.post("agent_instance/register", &json!({"id": instance, "idempotency_key": "k"}));
    assert!(again.is_error(409, "conflict"), "{again:?}");
    let mut body = crate::client::span(&instance, "active");
    body["details"]["id"] = span.into();
    assert!(client.post("agent_spans", &body).is_error(409, "conflict"));
}

#[test]
fn external_identifier_that_is_taken_is_a_conflict() {
    let client = start();
    let body = json!({"external_identifier": "nightly"});
    client.make("agent_instance/register", &body);
    assert!(client.post("agent_instance/register", &body).is_error(409, "conflict"));
}
