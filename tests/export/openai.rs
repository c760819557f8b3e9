//! The requests to OpenAI's traces ingest.

use prefactor::export::OpenAi;
use prefactor::span_data::*;
use prefactor::{Client, InstanceStatus, Json, Registration, Usage, span, typed_span};
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
fn run_goes_before_its_spans_in_the_shapes_of_the_agents_sdk() {
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
fn run_is_sent_once_however_many_batches_its_spans_are() {
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

/// Three runs in one batch: two with keys of their own, and one with the common key.
fn of_three_keys(receiver: &Receiver) -> prefactor::Stats {
    let openai = OpenAi::new().api_key("sk-common").endpoint(receiver.url());
    let openai =
        openai.api_key_for(|trace| trace.agent.name().strip_prefix("own ").map(|name| format!("sk-{name}")));
    let client = Client::builder().openai(openai).build().unwrap();
    for agent in ["own a", "own b", "other"] {
        let run = client.register(agent);
        (0..4).for_each(|number| run.span("test:step").complete(&number));
    }
    assert!(client.shutdown(TIMEOUT).is_complete);
    stats(&client)
}

#[test]
fn runs_of_one_key_that_is_to_wait_do_not_make_those_of_others_go_again() {
    let receiver =
        Receiver::start([Reply::status(200), Reply::status(503), Reply::status(200), Reply::status(503)]);
    let stats = of_three_keys(&receiver);
    assert_eq!((stats.acknowledged, stats.dropped_total()), (12, 0), "{stats:?}");
    let keys: Vec<_> =
        receiver.requests().into_iter().map(|request| request.headers["authorization"].clone()).collect();
    assert_eq!(keys, ["Bearer sk-a", "Bearer sk-b", "Bearer sk-common", "Bearer sk-b", "Bearer sk-b"]);
}

#[test]
fn runs_of_a_key_that_is_refused_are_dropped_alone() {
    let receiver = Receiver::start([Reply::status(200), Reply::status(401)]);
    let stats = of_three_keys(&receiver);
    assert_eq!((stats.acknowledged, stats.dropped_total()), (8, 4), "{stats:?}");
    assert_eq!(receiver.requests().len(), 3);
}

/// Ends a span of each kind of typed data, changed after its start.
fn typed() {
    let usage = || Usage::new().with_input_tokens(3).with_output_tokens(4);
    typed_span(AgentSpanData::new("a").with_tools(["t"])).start_marked().finish();
    typed_span(TaskSpanData::new("t").with_usage(usage())).start_marked().finish();
    typed_span(TurnSpanData::new(2, "a")).start_marked().finish();
    let function = typed_span(FunctionSpanData::new("f").with_input("{}"));
    let guard = function.start_marked();
    function.update(|data| data.output = Json::of("found"));
    guard.finish();
    let generation = typed_span(
        GenerationSpanData::new().with_model("m").with_input(&json!([{ "role": "user", "content": "hi" }])),
    );
    let guard = generation.start_marked();
    generation.update(|data| data.usage = Some(usage()));
    guard.finish();
    typed_span(ResponseSpanData::new().with_response_id("r").with_usage(usage())).start_marked().finish();
    typed_span(HandoffSpanData::new().with_from_agent("a").with_to_agent("b")).start_marked().finish();
    typed_span(GuardrailSpanData::new("g").with_triggered(true)).start_marked().finish();
    typed_span(CustomSpanData::new("c")).start_marked().finish();
    typed_span(TranscriptionSpanData::new().with_output("text")).start_marked().finish();
    typed_span(SpeechSpanData::new().with_input("text").with_output("AAA=")).start_marked().finish();
    typed_span(SpeechGroupSpanData::new().with_input("x")).start_marked().finish();
    typed_span(McpToolsSpanData::new().with_server("s").with_result(["t"])).start_marked().finish();
}

#[test]
fn typed_span_data_of_every_kind_is_sent_as_the_agents_sdk_sends_it() {
    let receiver = Receiver::start([]);
    let client =
        Client::builder().openai(OpenAi::new().api_key("sk").endpoint(receiver.url())).build().unwrap();
    client.register("tester").in_scope(typed);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let used = json!({ "input_tokens": 3, "output_tokens": 4, "total_tokens": 7 });
    let sent: Vec<_> = items(&receiver)
        .into_iter()
        .filter(|item| item["object"] == "trace.span")
        .map(|item| item["span_data"].clone())
        .collect();
    let expected = [
        json!({ "type": "agent", "name": "a", "handoffs": [], "tools": ["t"], "output_type": null }),
        json!({ "type": "custom", "name": "task", "data": { "sdk_span_type": "task", "name": "t", "usage": used } }),
        json!({ "type": "custom", "name": "turn", "data": { "sdk_span_type": "turn", "turn": 2, "agent_name": "a" } }),
        json!({ "type": "function", "name": "f", "input": "{}", "output": "found", "mcp_data": null }),
        json!({ "type": "generation", "input": [{ "role": "user", "content": "hi" }], "output": null, "model": "m", "model_config": null, "usage": used }),
        json!({ "type": "response", "response_id": "r", "usage": used }),
        json!({ "type": "handoff", "from_agent": "a", "to_agent": "b" }),
        json!({ "type": "guardrail", "name": "g", "triggered": true }),
        json!({ "type": "custom", "name": "c", "data": {} }),
        json!({ "type": "transcription", "input": { "data": "", "format": "pcm" }, "output": "text", "model": null, "model_config": null }),
        json!({ "type": "speech", "input": "text", "output": { "data": "AAA=", "format": "pcm" }, "model": null, "model_config": null, "first_content_at": null }),
        json!({ "type": "speech_group", "input": "x" }),
        json!({ "type": "mcp_tools", "server": "s", "result": ["t"] }),
    ];
    assert_eq!(sent.len(), expected.len(), "{sent:#?}");
    for (sent, expected) in sent.iter().zip(&expected) {
        assert_eq!(sent, expected);
    }
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
fn server_that_says_not_to_try_again_is_not_asked_again() {
    let receiver = Receiver::start([Reply::Status(503, "x-should-retry: false\r\n", Vec::new())]);
    let client = Kind::OpenAi.client(&receiver);
    record(&client, 0..1);
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!((receiver.requests().len(), stats(&client).dropped_total()), (1, 1));
}

#[test]
fn longer_of_two_wishes_to_wait_is_granted() {
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
