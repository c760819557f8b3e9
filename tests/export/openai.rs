//! What OpenAI's traces ingest is sent.

use prefactor::export::OpenAi;
use prefactor::{Client, InstanceStatus, Registration, span};
use prefactor_tests::receiver::{Receiver, Reply};
use serde_json::{Value, json};

use crate::support::{Kind, TIMEOUT, record, stats};

#[span("agent:run")]
fn run() -> Result<Value, String> {
    drop(generate("why"));
    search("x")
}

#[span("agent:llm_call")]
fn generate(prompt: &str) -> Value {
    json!({
        "text": prompt,
        "model": "gpt-4o-mini",
        "token_usage": { "prompt_tokens": 40, "completion_tokens": 2, "cached_tokens": 8 },
    })
}

#[span("tool:search")]
fn search(query: &str) -> Result<Value, String> {
    Err(format!("nothing about {query}"))
}

fn items(receiver: &Receiver) -> Vec<Value> {
    let bodies = receiver
        .requests()
        .into_iter()
        .map(|request| serde_json::from_slice::<Value>(&request.body).unwrap());
    bodies.flat_map(|body| body["data"].as_array().unwrap().clone()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_run_goes_before_its_spans_in_the_shapes_of_the_agents_sdk() {
    let receiver = Receiver::start([]);
    let openai = OpenAi::new().api_key("sk-1").organization("org-1").project("proj_1");
    let openai = openai.endpoint(format!("{}/v1/traces/ingest", receiver.url()));
    let client = Client::builder().openai(openai).build().unwrap();
    let registration = Registration::new("researcher")
        .with_session_id("s1")
        .with_group_id("g1")
        .with_metadata(&json!({ "n": 1 }));
    let instance = client.register(registration);
    assert!(instance.in_scope(run).is_err());
    instance.finish(InstanceStatus::Complete);
    assert!(client.shutdown(TIMEOUT).is_complete);

    let request = receiver.requests().remove(0);
    for (name, value) in [
        ("authorization", "Bearer sk-1"),
        ("content-type", "application/json"),
        ("openai-beta", "traces=v1"),
        ("openai-organization", "org-1"),
        ("openai-project", "proj_1"),
    ] {
        assert_eq!(request.headers[name], value);
    }
    let items = items(&receiver);
    let [trace, generation, function, agent] = &items[..] else { panic!("{items:#?}") };
    let trace_id = trace["id"].as_str().unwrap();
    assert!(trace_id.strip_prefix("trace_").is_some_and(|hex| hex.len() == 32), "{trace_id}");
    let expected = json!({
        "object": "trace", "id": trace_id, "workflow_name": "researcher", "group_id": "g1",
        "metadata": { "n": "1", "session_id": "s1" },
    });
    assert_eq!(*trace, expected);
    for span in [generation, function, agent] {
        let expected =
            ["ended_at", "error", "id", "object", "parent_id", "span_data", "started_at", "trace_id"];
        assert_eq!(keys(span), expected);
        assert_eq!((&span["object"], &span["trace_id"]), (&json!("trace.span"), &trace["id"]));
        assert!(span["id"].as_str().unwrap().strip_prefix("span_").is_some_and(|hex| hex.len() == 24));
        assert!(span["started_at"].as_str().unwrap().ends_with("+00:00"));
    }
    assert_eq!((&generation["parent_id"], &agent["parent_id"]), (&agent["id"], &Value::Null));
    let data = &generation["span_data"];
    assert_eq!(keys(data), ["input", "model", "model_config", "output", "type", "usage"]);
    assert_eq!(data["input"], json!([{ "role": "user", "content": "why" }]));
    assert_eq!(data["output"], json!([{ "role": "assistant", "content": "why" }]));
    assert_eq!((&data["model"], &data["usage"]["input_tokens"]), (&json!("gpt-4o-mini"), &json!(40)));
    assert_eq!(keys(&function["span_data"]), ["input", "mcp_data", "name", "output", "type"]);
    assert_eq!(function["span_data"]["name"], "search");
    assert_eq!(function["span_data"]["input"], json!(r#"{"query":"x"}"#));
    assert_eq!(function["error"]["message"], "nothing about x");
    assert_eq!(agent["span_data"]["type"], "agent");
}

#[test]
fn a_run_is_sent_once_however_many_batches_its_spans_are() {
    let receiver = Receiver::start([]);
    let client = Kind::OpenAi.client(&receiver);
    record(&client, 0..301);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let items = items(&receiver);
    assert_eq!(items.iter().filter(|item| item["object"] == "trace").count(), 1);
    assert_eq!(items.len(), 302);
    for request in receiver.requests() {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert!(body["data"].as_array().unwrap().len() <= 128);
    }
}

#[test]
fn runs_with_keys_of_their_own_are_sent_under_them() {
    let receiver = Receiver::start([]);
    let openai = OpenAi::new().api_key("sk-common").endpoint(receiver.url());
    let openai =
        openai.api_key_for(|trace| trace.agent.name().strip_prefix("own ").map(|name| format!("sk-{name}")));
    let client = Client::builder().openai(openai).build().unwrap();
    for agent in ["own a", "own b", "other"] {
        client.register(agent).span("test:step").complete(&agent);
    }
    assert!(client.shutdown(TIMEOUT).is_complete);
    let mut keys: Vec<_> =
        receiver.requests().into_iter().map(|request| request.headers["authorization"].clone()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys, ["Bearer sk-a", "Bearer sk-b", "Bearer sk-common"]);
    assert_eq!(stats(&client).acknowledged, 3);
}

#[test]
fn one_item_that_is_refused_does_not_cost_its_batch() {
    let receiver = Receiver::start([Reply::status(400), Reply::status(400)]);
    let client = Kind::OpenAi.client(&receiver);
    record(&client, 0..16);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let stats = stats(&client);
    assert_eq!((stats.acknowledged, stats.dropped_total()), (16, 0), "{stats:?}");
}

#[test]
fn a_server_that_says_not_to_try_again_is_not_asked_again() {
    let receiver = Receiver::start([Reply::Status(503, "x-should-retry: false\r\n", Vec::new())]);
    let client = Kind::OpenAi.client(&receiver);
    record(&client, 0..1);
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!((receiver.requests().len(), stats(&client).dropped_total()), (1, 1));
}

#[test]
fn the_longer_of_two_wishes_to_wait_is_granted() {
    let receiver =
        Receiver::start([Reply::Status(503, "retry-after: 0\r\nretry-after-ms: 1200\r\n", Vec::new())]);
    let client = Kind::OpenAi.client(&receiver);
    record(&client, 0..1);
    assert!(client.flush(TIMEOUT).is_complete);
    let requests = receiver.requests();
    assert!((requests[1].at - requests[0].at).as_millis() >= 1_190);
}

#[test]
fn without_content_there_are_kinds_names_and_usage() {
    let receiver = Receiver::start([]);
    let openai = OpenAi::new().api_key("sk").endpoint(receiver.url()).content(false);
    let client = Client::builder().openai(openai).build().unwrap();
    assert!(client.register("researcher").in_scope(run).is_err());
    assert!(client.shutdown(TIMEOUT).is_complete);
    let text = String::from_utf8(receiver.requests().remove(0).body).unwrap();
    assert!(!text.contains("why") && !text.contains("nothing about"), "{text}");
    assert!(text.contains("gpt-4o-mini") && text.contains(r#""input_tokens":40"#), "{text}");
}

#[test]
fn values_for_another_address_are_sent_as_they_are() {
    let receiver = Receiver::start([]);
    let client = Client::builder()
        .max_output_length(1_000_000)
        .openai(OpenAi::new().api_key("sk").endpoint(receiver.url()))
        .build()
        .unwrap();
    client.register("tester").span("agent:llm_call").complete(&json!({ "text": "x".repeat(300_000) }));
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert!(receiver.requests()[0].body.len() > 300_000);
}
