//! Arize Phoenix: the stored corpus, read back through its API. The ordinary run leaves it out, because Phoenix is
//! large; README.md has the command.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use prefactor::Client;
use prefactor::export::otlp;
use serde_json::{Value, json};

use crate::{corpus, five_trees};

struct Phoenix {
    child: Child,
    url: String,
}

impl Drop for Phoenix {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Phoenix {
    /// Starts it with a fresh database, without reports to its makers.
    fn start() -> Self {
        let python =
            std::env::var("PREFACTOR_PHOENIX").expect("PREFACTOR_PHOENIX, an interpreter that has it");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("phoenix");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let (port, grpc) = (free_port(), free_port());
        let child = Command::new(&python)
            .args(["-m", "phoenix.server.main", "serve"])
            .env("PHOENIX_TELEMETRY_ENABLED", "false")
            .env("PHOENIX_WORKING_DIR", &folder)
            .env("PHOENIX_HOST", "127.0.0.1")
            .env("PHOENIX_PORT", port.to_string())
            .env("PHOENIX_GRPC_PORT", grpc.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let phoenix = Self { child, url: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while ureq::get(format!("{}/healthz", phoenix.url)).call().is_err() {
            assert!(begun.elapsed() < Duration::from_secs(300), "it does not start");
            thread::sleep(Duration::from_millis(500));
        }
        phoenix
    }

    fn get(&self, path: &str) -> Option<Value> {
        ureq::get(format!("{}{path}", self.url)).call().ok()?.body_mut().read_json().ok()
    }

    /// Returns the spans of a project, once there are `count` of them.
    fn spans(&self, project: &str, count: usize) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let page = self.get(&format!("/v1/projects/{project}/spans?limit=1000"));
            let spans = page.and_then(|page| page["data"].as_array().cloned()).unwrap_or_default();
            if spans.len() >= count {
                return spans;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "{} of {count} spans", spans.len());
            thread::sleep(Duration::from_millis(500));
        }
    }

    fn query(&self, query: &str) -> Value {
        let mut answer =
            ureq::post(format!("{}/graphql", self.url)).send_json(json!({ "query": query })).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        assert!(answer.get("errors").is_none_or(Value::is_null), "{answer}");
        answer["data"].clone()
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_has_the_tree_that_four_other_destinations_have() {
    let phoenix = Phoenix::start();
    let exporter = otlp::phoenix().endpoint(format!("{}/v1/traces", phoenix.url)).project("trees");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    five_trees::compare("trees_with_phoenix", exporter, |count| {
        let node = |span: Value| {
            (
                text(&span["context"]["span_id"]).unwrap(),
                text(&span["parent_id"]),
                text(&span["attributes"]["prefactor.schema_name"]).unwrap(),
                span["status_code"] == "ERROR",
            )
        };
        phoenix.spans("trees", count).into_iter().map(node).collect()
    });
}

/// Returns the value of an attribute, which may be opened or a text of JSON.
fn as_value(attribute: &Value) -> Value {
    let text = attribute.as_str().and_then(|text| serde_json::from_str(text).ok());
    text.unwrap_or_else(|| attribute.clone())
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_knows_the_kind_of_every_type_of_span_data() {
    let phoenix = Phoenix::start();
    let exporter = otlp::phoenix().endpoint(format!("{}/v1/traces", phoenix.url)).project("typed");
    let client = Client::builder().otlp(exporter).build().unwrap();
    client.register("typed").in_scope(corpus::typed);
    assert!(client.shutdown(corpus::TIMEOUT).is_complete);
    let spans = phoenix.spans("typed", 13);
    for (schema, kind) in [
        ("agent:run", "AGENT"),
        ("agent:turn", "CHAIN"),
        ("agent:tool_call", "TOOL"),
        ("agent:llm_call", "LLM"),
        ("agent:llm_response", "LLM"),
        ("agent:handoff", "CHAIN"),
        ("agent:guardrail", "GUARDRAIL"),
        ("custom", "CHAIN"),
    ] {
        let span = spans.iter().find(|span| span["attributes"]["prefactor.schema_name"] == schema).unwrap();
        assert_eq!(span["span_kind"], kind, "{schema}");
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_stores_every_span_and_shows_panes_tokens_cost_session_user_and_errors() {
    let phoenix = Phoenix::start();
    let exporter = otlp::phoenix().endpoint(format!("{}/v1/traces", phoenix.url)).project("corpus");
    let memory = corpus::record(Client::builder().otlp(exporter));
    let spans = phoenix.spans("corpus", memory.spans().len());
    assert_eq!(spans.len(), memory.spans().len());
    let find = |schema: &str| {
        let found = spans.iter().find(|span| span["attributes"]["prefactor.schema_name"] == schema);
        found.unwrap_or_else(|| panic!("{schema} is missing"))
    };
    for record in memory.spans() {
        let span = find(&record.schema_name);
        assert_eq!(span["context"]["span_id"], record.span_id.to_string());
        assert_eq!(span["parent_id"].as_str().map(str::to_owned), record.parent_id.map(|id| id.to_string()));
    }
    for (schema, kind) in [
        ("agent:llm_call", "LLM"),
        ("tool:search", "TOOL"),
        ("agent:retrieval", "RETRIEVER"),
        ("agent:run", "AGENT"),
        ("agent:embedding", "EMBEDDING"),
        ("guardrail:pii", "GUARDRAIL"),
        ("test:odd", "CHAIN"),
    ] {
        assert_eq!(find(schema)["span_kind"], kind, "{schema}");
    }
    assert_eq!(find("tool:failing")["status_code"], "ERROR");
    assert_eq!(find("tool:failing")["events"][0]["name"], "exception");
    let chat = &find("agent:llm_call")["attributes"];
    for (key, value) in [
        ("llm.model_name", json!("gpt-4o-mini")),
        ("llm.provider", json!("openai")),
        ("llm.input_messages.0.message.role", json!("system")),
        ("llm.input_messages.0.message.content", json!("be brief")),
        ("llm.output_messages.0.message.content", json!("so")),
        ("llm.token_count.total", json!(42)),
        ("llm.token_count.prompt", json!(40)),
        ("llm.token_count.completion", json!(2)),
        ("llm.token_count.prompt_details.cache_read", json!(8)),
        ("llm.token_count.completion_details.reasoning", json!(1)),
        ("session.id", json!("session-1")),
        ("user.id", json!("user-1")),
    ] {
        assert_eq!(chat[key], value, "{key} of {chat}");
    }
    assert_eq!(as_value(&chat["llm.invocation_parameters"])["temperature"], 0.5, "{chat}");
    assert_eq!(chat["metadata.answer"], 42, "{chat}");
    assert_eq!(as_value(&chat["tag.tags"]), json!(["one", "two"]), "{chat}");
    let tool = &find("tool:search")["attributes"];
    assert_eq!((&tool["tool.name"], &tool["tool.parameters.q"]), (&json!("search"), &json!("x")), "{tool}");
    assert_eq!(find("agent:run")["attributes"]["agent.name"], "corpus");
    let roots = phoenix.get("/v1/projects/corpus/spans?parent_id=null").unwrap();
    assert_eq!(roots["data"].as_array().map(Vec::len), Some(1), "{roots}");
    for (schema, answer) in [
        ("agent:llm_call", "so"),
        ("tool:search", "hits"),
        ("agent:retrieval", "documents"),
        ("agent:run", "so"),
    ] {
        let id = &find(schema)["context"]["span_id"];
        let shown = phoenix.query(&format!(
            "{{ getSpanByOtelId(spanId: {id}) {{ input {{ value mimeType }} output {{ value mimeType }} propagatedStatusCode \
             costSummary {{ total {{ cost }} }} }} }}"
        ));
        let shown = &shown["getSpanByOtelId"];
        for pane in ["input", "output"] {
            assert_eq!(shown[pane]["mimeType"], "json", "{schema} {pane}: {shown}");
            assert!(
                shown[pane]["value"].as_str().is_some_and(|text| text.starts_with('{')),
                "{schema} {pane}: {shown}"
            );
        }
        assert!(
            shown["output"]["value"].as_str().unwrap().contains(answer),
            "{schema}: the answer, not the model: {shown}"
        );
        if schema == "agent:run" {
            assert_eq!(shown["propagatedStatusCode"], "ERROR", "{shown}");
        }
        if schema == "agent:llm_call" {
            assert!(shown["costSummary"]["total"]["cost"].as_f64().is_some_and(|cost| cost > 0.0), "{shown}");
        }
    }
    let sessions = phoenix.get("/v1/projects/corpus/sessions").unwrap();
    assert_eq!(sessions["data"][0]["session_id"], "session-1", "{sessions}");
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_stores_a_batch_that_is_sent_twice_once() {
    use prefactor_tests::receiver::{Receiver, Reply};

    let phoenix = Phoenix::start();
    let recorder = Receiver::start([Reply::Close]);
    corpus::record(Client::builder().otlp(otlp::phoenix().endpoint(recorder.url()).project("twice")));
    let bodies: Vec<_> = recorder.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 2);
    for body in &bodies {
        let answer = ureq::post(format!("{}/v1/traces", phoenix.url))
            .header("content-type", "application/x-protobuf")
            .send(&body[..]);
        assert_eq!(answer.unwrap().status(), 200);
    }
    let count = phoenix.spans("twice", 13).len();
    let memory = corpus::record(
        Client::builder()
            .otlp(otlp::phoenix().endpoint(format!("{}/v1/traces", phoenix.url)).project("after")),
    );
    phoenix.spans("after", memory.spans().len());
    assert_eq!((phoenix.spans("twice", 13).len(), count), (13, 13));
}
