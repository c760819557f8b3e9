//! Arize Phoenix: the stored corpus, read back through its API. The ordinary run leaves it out, because Phoenix is
//! large; README.md has the command.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use prefactor::export::{MemoryProcessor, otlp};
use prefactor::{Client, Registration, SpanError};
use prefactor_tests::receiver::{Receiver, Reply};
use serde_json::{Value, json};

use crate::{corpus, five_trees};

struct Phoenix {
    child: Child,
    folder: PathBuf,
    url: String,
}

impl Drop for Phoenix {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
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
        let (port, grpc) = (free_port(), free_port());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("phoenix-{port}"));
        fs::create_dir_all(&folder).unwrap();
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
        let phoenix = Self { child, folder, url: format!("http://127.0.0.1:{port}") };
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

    /// Asks for what its pages show.
    fn query(&self, query: &str) -> Value {
        let mut answer =
            ureq::post(format!("{}/graphql", self.url)).send_json(json!({ "query": query })).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        assert!(answer.get("errors").is_none_or(Value::is_null), "{answer}");
        answer["data"].clone()
    }

    /// The exporter to a project of it.
    fn exporter(&self, project: &str) -> otlp::Otlp {
        otlp::phoenix().endpoint(format!("{}/v1/traces", self.url)).project(project)
    }
}

/// A Phoenix that has the corpus, and what was recorded.
struct Stored {
    phoenix: Phoenix,
    spans: Vec<Value>,
    memory: MemoryProcessor,
}

impl Stored {
    fn new() -> Self {
        let phoenix = Phoenix::start();
        let memory = corpus::record(Client::builder().otlp(phoenix.exporter("corpus")));
        let spans = phoenix.spans("corpus", memory.spans().len());
        Self { phoenix, spans, memory }
    }

    fn span(&self, schema: &str) -> &Value {
        let found = self.spans.iter().find(|span| span["attributes"]["prefactor.schema_name"] == schema);
        found.unwrap_or_else(|| panic!("{schema} is missing"))
    }

    /// Returns fields of the page of a span.
    fn shown(&self, schema: &str, fields: &str) -> Value {
        shown(&self.phoenix, &self.span(schema)["context"]["span_id"], fields)
    }
}

fn shown(phoenix: &Phoenix, span_id: &Value, fields: &str) -> Value {
    phoenix.query(&format!("{{ getSpanByOtelId(spanId: {span_id}) {{ {fields} }} }}"))["getSpanByOtelId"]
        .clone()
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_has_the_tree_that_four_other_destinations_have() {
    let phoenix = Phoenix::start();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    five_trees::compare("trees_with_phoenix", phoenix.exporter("trees"), |count| {
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
    let client = Client::builder().otlp(phoenix.exporter("typed")).build().unwrap();
    client.register("typed").in_scope(corpus::typed);
    assert!(client.shutdown(corpus::TIMEOUT).is_complete);
    let spans = phoenix.spans("typed", 13);
    let kinds = [
        ("agent:run", "AGENT"),
        ("agent:task", "CHAIN"),
        ("agent:turn", "CHAIN"),
        ("agent:tool_call", "TOOL"),
        ("agent:llm_call", "LLM"),
        ("agent:llm_response", "LLM"),
        ("agent:handoff", "CHAIN"),
        ("agent:guardrail", "GUARDRAIL"),
        ("custom", "CHAIN"),
        ("agent:transcription", "LLM"),
        ("agent:speech", "LLM"),
        ("agent:speech_group", "CHAIN"),
        ("agent:mcp_tools", "CHAIN"),
    ];
    assert_eq!(spans.len(), kinds.len());
    for (schema, kind) in kinds {
        let span = spans.iter().find(|span| span["attributes"]["prefactor.schema_name"] == schema).unwrap();
        assert_eq!(span["span_kind"], kind, "{schema}");
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_stores_every_span_of_the_corpus_below_its_parent_and_with_its_kind() {
    let stored = Stored::new();
    assert_eq!(stored.spans.len(), stored.memory.spans().len());
    for record in stored.memory.spans() {
        let span = stored.span(&record.schema_name);
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
        assert_eq!(stored.span(schema)["span_kind"], kind, "{schema}");
    }
    let roots = stored.phoenix.get("/v1/projects/corpus/spans?parent_id=null").unwrap();
    assert_eq!(roots["data"].as_array().map(Vec::len), Some(1), "{roots}");
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_shows_each_input_and_output_in_its_pane_as_it_was_recorded() {
    let stored = Stored::new();
    for record in stored.memory.spans() {
        let schema = &*record.schema_name;
        let panes = stored.shown(schema, "input { value mimeType } output { value mimeType }");
        for (pane, json) in [("input", record.payload_json()), ("output", record.result_json())] {
            let expected =
                if json == "{}" { Value::Null } else { json!({ "value": json, "mimeType": "json" }) };
            assert_eq!(panes[pane], expected, "{schema} {pane}");
        }
    }
    // Where a span has no input or output, Phoenix makes an input of a query and an output of the answering model's name.
    for (schema, asked, answer) in [
        ("agent:llm_call", r#""content":"why""#, r#""text":"so""#),
        ("tool:search", r#"{"q":"x"}"#, r#"{"hits":3}"#),
        ("agent:retrieval", r#"{"query":"x"}"#, r#"{"documents":[]}"#),
        ("agent:run", r#"{"question":"why"}"#, r#"{"answer":"so"}"#),
        ("test:bytes", "AP8H", ""),
        ("test:numbers", r#""NaN","Infinity""#, r#""a""#),
        ("test:deep", "<too deep>", ""),
        ("test:odd", "xxxxxxxxxx", "text"),
    ] {
        let panes = stored.shown(schema, "input { value } output { value }");
        for (pane, text) in [("input", asked), ("output", answer)] {
            let value = panes[pane]["value"].as_str().unwrap_or_default();
            assert!(value.contains(text), "{schema} {pane}: {panes}");
        }
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_loses_no_span_for_odd_arguments_messages_tags_or_metadata() {
    let phoenix = Phoenix::start();
    let memory = MemoryProcessor::new();
    let builder = Client::builder().otlp(phoenix.exporter("odd")).max_input_length(1 << 20);
    let client = builder.processor(memory.clone()).build().unwrap();
    let odd = corpus::odd();
    let registration = Registration::new("odd")
        .with_session_id("a/b?c#d \u{1f600}")
        .with_user_id("\"\u{1}")
        .with_tag("a.b, \u{0}")
        .with_metadata(&odd);
    let run = client.register(registration);
    for (name, payload, result) in [
        ("tool:odd", odd.clone(), odd.clone()),
        ("agent:retrieval", json!({ "query": odd }), json!({ "documents": [odd, null, 7] })),
        (
            "agent:llm_call",
            json!({ "model": "a.b", "system": odd, "messages": [odd, "text", null, 7], "tools": [odd, null, 7], "temperature": "hot" }),
            json!({ "message": odd, "token_usage": { "prompt_tokens": -1, "completion_tokens": "many" } }),
        ),
    ] {
        let span = run.span(name);
        span.start(&payload);
        span.complete(&result);
    }
    drop(run);
    assert!(client.shutdown(corpus::TIMEOUT).is_complete);
    let spans = phoenix.spans("odd", 3);
    for record in memory.spans() {
        let id = json!(record.span_id.to_string());
        let span = spans.iter().find(|span| span["context"]["span_id"] == id).unwrap();
        assert_eq!(span["attributes"]["prefactor.schema_name"], record.schema_name.to_string());
        let panes = shown(&phoenix, &id, "input { value } output { value }");
        for (pane, json) in [("input", record.payload_json()), ("output", record.result_json())] {
            assert!(panes[pane]["value"] == json, "{} {pane}", record.schema_name);
        }
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_shows_messages_parameters_and_tools() {
    let stored = Stored::new();
    let chat = &stored.span("agent:llm_call")["attributes"];
    for (key, value) in [
        ("llm.model_name", json!("gpt-4o-mini")),
        ("llm.provider", json!("openai")),
        ("llm.input_messages.0.message.role", json!("system")),
        ("llm.input_messages.0.message.content", json!("be brief")),
        ("llm.input_messages.1.message.role", json!("user")),
        ("llm.input_messages.1.message.content", json!("why")),
        ("llm.output_messages.0.message.role", json!("assistant")),
        ("llm.output_messages.0.message.content", json!("so")),
    ] {
        assert_eq!(chat[key], value, "{key} of {chat}");
    }
    assert_eq!(as_value(&chat["llm.invocation_parameters"])["temperature"], 0.5, "{chat}");
    let tool = &stored.span("tool:search")["attributes"];
    assert_eq!((&tool["tool.name"], &tool["tool.parameters.q"]), (&json!("search"), &json!("x")), "{tool}");
    assert_eq!(stored.span("agent:run")["attributes"]["agent.name"], "corpus");
}

/// The cost that Phoenix works out by the model's prices, and the tokens that it takes for it.
const TOKENS_AND_COST: &str =
    "costSummary { prompt { tokens cost } completion { tokens cost } total { tokens cost } }";

fn compare_cost(shown: &Value) {
    let summary = &shown["costSummary"];
    // What a total has beyond the sum is priced as an answer.
    for (part, tokens) in [("prompt", 40.0), ("completion", 5.0), ("total", 45.0)] {
        assert_eq!(summary[part]["tokens"].as_f64(), Some(tokens), "{part}: {shown}");
        assert!(summary[part]["cost"].as_f64().is_some_and(|cost| cost > 0.0), "{part}: {shown}");
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_shows_tokens_and_cost_of_the_span_the_root_the_session_and_the_project() {
    let stored = Stored::new();
    let chat = &stored.span("agent:llm_call")["attributes"];
    for (key, value) in [
        ("llm.token_count.prompt", json!(40)),
        ("llm.token_count.completion", json!(2)),
        // Phoenix adds the two where no total is given, and this one is no sum.
        ("llm.token_count.total", json!(45)),
        ("llm.token_count.prompt_details.cache_read", json!(8)),
        ("llm.token_count.completion_details.reasoning", json!(1)),
        ("llm.cost.total", json!(0.25)),
    ] {
        assert_eq!(chat[key], value, "{key} of {chat}");
    }
    assert_eq!(stored.span("agent:embedding")["attributes"]["llm.token_count.prompt"], 1);
    let span = stored.shown(
        "agent:llm_call",
        &format!("tokenCountPrompt tokenCountCompletion tokenCountTotal tokenPromptDetails {{ cacheRead }} {TOKENS_AND_COST}"),
    );
    for (key, count) in [("tokenCountPrompt", 40), ("tokenCountCompletion", 2), ("tokenCountTotal", 42)] {
        assert_eq!(span[key], count, "{key}: {span}");
    }
    assert_eq!(span["tokenPromptDetails"]["cacheRead"], 8, "{span}");
    compare_cost(&span);
    let root = stored.shown(
        "agent:run",
        &format!("cumulativeTokenCountPrompt cumulativeTokenCountCompletion cumulativeTokenCountTotal trace {{ {TOKENS_AND_COST} }}"),
    );
    for (key, count) in [
        ("cumulativeTokenCountPrompt", 40.0),
        ("cumulativeTokenCountCompletion", 2.0),
        ("cumulativeTokenCountTotal", 42.0),
    ] {
        assert_eq!(root[key].as_f64(), Some(count), "{key}: {root}");
    }
    compare_cost(&root["trace"]);
    let both = stored.phoenix.query(&format!(
        "{{ getProjectSessionById(sessionId: \"session-1\") {{ tokenUsage {{ prompt completion }} {TOKENS_AND_COST} }} \
         getProjectByName(name: \"corpus\") {{ tokenCountPrompt tokenCountCompletion {TOKENS_AND_COST} }} }}"
    ));
    let (session, project) = (&both["getProjectSessionById"], &both["getProjectByName"]);
    assert_eq!(session["tokenUsage"]["prompt"].as_f64(), Some(40.0), "{session}");
    assert_eq!(session["tokenUsage"]["completion"].as_f64(), Some(2.0), "{session}");
    compare_cost(session);
    assert_eq!(project["tokenCountPrompt"].as_f64(), Some(40.0), "{project}");
    assert_eq!(project["tokenCountCompletion"].as_f64(), Some(2.0), "{project}");
    compare_cost(project);
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_shows_session_user_tags_and_metadata() {
    let stored = Stored::new();
    for span in &stored.spans {
        let attributes = &span["attributes"];
        assert_eq!(attributes["session.id"], "session-1", "{attributes}");
        assert_eq!(attributes["user.id"], "user-1", "{attributes}");
        assert_eq!(as_value(&attributes["tag.tags"]), json!(["one", "two"]), "{attributes}");
        assert_eq!(attributes["metadata.answer"], 42, "{attributes}");
    }
    let root =
        stored.shown("agent:run", "userId metadata trace { userId session { sessionId userId numTraces } }");
    let session = json!({ "sessionId": "session-1", "userId": "user-1", "numTraces": 1 });
    assert_eq!(root["trace"], json!({ "userId": "user-1", "session": session }));
    assert_eq!(root["userId"], "user-1", "{root}");
    assert_eq!(as_value(&root["metadata"]), json!({ "answer": 42 }), "{root}");
    let sessions = stored.phoenix.get("/v1/projects/corpus/sessions").unwrap();
    assert_eq!(sessions["data"].as_array().map(Vec::len), Some(1), "{sessions}");
    assert_eq!(sessions["data"][0]["session_id"], "session-1", "{sessions}");
    let session = stored.phoenix.query(
        "{ getProjectSessionById(sessionId: \"session-1\") { numTracesWithError firstInput { value } lastOutput { value } } }",
    );
    let session = &session["getProjectSessionById"];
    assert_eq!(session["firstInput"]["value"], r#"{"question":"why"}"#, "{session}");
    assert_eq!(session["lastOutput"]["value"], r#"{"answer":"so"}"#, "{session}");
    assert_eq!(session["numTracesWithError"], 1, "{session}");
    for (filter, count) in [("user.id:user-1", 13), ("user.id:user-2", 0)] {
        let found =
            stored.phoenix.get(&format!("/v1/projects/corpus/spans?limit=100&attribute={filter}")).unwrap();
        assert_eq!(found["data"].as_array().map(Vec::len), Some(count), "{filter}");
    }
}

/// The fields of the page of a span that say whether it failed.
const FAILURE: &str = "statusCode statusMessage propagatedStatusCode events { name message } trace { errorCount errorsByType { exceptionType count } }";

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_shows_an_error_at_the_root_for_its_own_failure_and_for_one_below() {
    let stored = Stored::new();
    let below = stored.shown("agent:run", FAILURE);
    assert_eq!(
        (&below["statusCode"], &below["propagatedStatusCode"]),
        (&json!("OK"), &json!("ERROR")),
        "{below}"
    );
    let failed = stored.shown("tool:failing", FAILURE);
    let unharmed = stored.shown("tool:search", FAILURE);
    assert_eq!(
        (&unharmed["statusCode"], &unharmed["propagatedStatusCode"]),
        (&json!("OK"), &json!("OK")),
        "{unharmed}"
    );
    let client = Client::builder().otlp(stored.phoenix.exporter("failing")).build().unwrap();
    let run = client.register("failing");
    let root = run.span("agent:run");
    root.start(&json!({ "question": "why" }));
    root.set_error(SpanError::new("no answer").with_type("Timeout"));
    root.finish();
    drop((root, run));
    assert!(client.shutdown(corpus::TIMEOUT).is_complete);
    let root = stored.phoenix.spans("failing", 1).remove(0);
    let own = shown(&stored.phoenix, &root["context"]["span_id"], FAILURE);
    for (span, what) in [(&failed, "below"), (&own, "root")] {
        assert_eq!(span["statusCode"], "ERROR", "{what}: {span}");
        assert_eq!(span["statusMessage"], "no answer", "{what}: {span}");
        assert_eq!(span["propagatedStatusCode"], "ERROR", "{what}: {span}");
        assert_eq!(
            span["events"],
            json!([{ "name": "exception", "message": "no answer" }]),
            "{what}: {span}"
        );
        assert_eq!(
            span["trace"],
            json!({ "errorCount": 1, "errorsByType": [{ "exceptionType": "Timeout", "count": 1 }] }),
            "{what}: {span}"
        );
    }
}

#[test]
#[ignore = "Phoenix is half a gigabyte; README.md has the command"]
fn phoenix_stores_a_batch_that_is_sent_twice_once() {
    let phoenix = Phoenix::start();
    let recorder = Receiver::start([Reply::Close]);
    corpus::record(Client::builder().otlp(otlp::phoenix().endpoint(recorder.url()).project("twice")));
    let bodies: Vec<_> = recorder.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0] == bodies[1], "the batch that is sent again is another one");
    for body in &bodies {
        let answer = ureq::post(format!("{}/v1/traces", phoenix.url))
            .header("content-type", "application/x-protobuf")
            .send(&body[..]);
        assert_eq!(answer.unwrap().status(), 200);
    }
    let count = phoenix.spans("twice", 13).len();
    // What was sent after both copies is there, so both were read.
    let memory = corpus::record(Client::builder().otlp(phoenix.exporter("after")));
    phoenix.spans("after", memory.spans().len());
    assert_eq!((phoenix.spans("twice", 13).len(), count), (13, 13));
    let counted = phoenix.query(&format!(
        "{{ getProjectByName(name: \"twice\") {{ recordCount traceCount tokenCountTotal {TOKENS_AND_COST} }} }}"
    ));
    let counted = &counted["getProjectByName"];
    assert_eq!((&counted["recordCount"], &counted["traceCount"]), (&json!(13), &json!(1)), "{counted}");
    assert_eq!(counted["tokenCountTotal"].as_f64(), Some(42.0), "{counted}");
    compare_cost(counted);
    let roots = phoenix.get("/v1/projects/twice/spans?parent_id=null").unwrap();
    let root = &roots["data"][0]["context"]["span_id"];
    let root = shown(&phoenix, root, "cumulativeTokenCountTotal trace { numSpans errorCount }");
    assert_eq!(root["cumulativeTokenCountTotal"].as_f64(), Some(42.0), "{root}");
    assert_eq!(root["trace"], json!({ "numSpans": 13, "errorCount": 1 }), "{root}");
}
