//! All integrations at once, in two processes: an axum service, a rig agent, an annotated tool, an rmcp server in a process of
//! its own, and a call of async-openai there. They make one tree.
//!
//! It has a `main` of its own, so that it can be started again as the server.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed step ends the test, and the result is printed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use async_openai::config::OpenAIConfig;
use async_openai::middleware::ReqwestService;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs};
use axum::extract::State;
use axum::routing::get;
use prefactor::async_openai::per_call;
use prefactor::rmcp::{SpanServer, call};
use prefactor::tower::ServerLayer;
use prefactor::{Client, span};
use prefactor_foreign_integrations::{Model, text, tool_call};
use prefactor_local::Server;
use prefactor_tests::stored::{StoredSpan, list};
use rig::providers::openai::OpenAIConfig as RigConfig;
use rig::tool::{Tool, ToolContext};
use rig::{Agent, AgentBuilder};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolRequestParams;
use rmcp::service::RoleClient;
use rmcp::transport::TokioChildProcess;
use rmcp::{Peer, ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

const TIMEOUT: Duration = Duration::from_mins(1);
/// The variable of the server's process, with the address of its model.
const MODEL: &str = "PREFACTOR_TEST_MODEL";

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Word {
    word: String,
}

#[span("agent:answer")]
async fn answer(agent: &Agent) -> Result<String, String> {
    let response = agent.prompt("what does the word mean?").await.map_err(|error| error.to_string())?;
    Ok(response.output().clone())
}

/// The agent's tool, which calls the other process.
struct Lookup {
    server: Peer<RoleClient>,
}

#[span("tool:lookup", skip(server))]
async fn lookup(server: &Peer<RoleClient>, word: &str) -> Result<Value, rmcp::ServiceError> {
    let arguments = json!({ "word": word }).as_object().cloned().unwrap();
    let params = CallToolRequestParams::new("explain").with_arguments(arguments);
    let result = call(params, |params| server.call_tool(params)).await?;
    Ok(result.content.first().and_then(|block| Some(block.as_text()?.text.clone())).into())
}

impl Tool for Lookup {
    const NAME: &'static str = "lookup";
    type Args = Word;
    type Output = Value;
    type Error = Infallible;

    fn description(&self) -> String {
        "What a word means".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({ "type": "object", "properties": { "word": { "type": "string" } }, "required": ["word"] })
    }

    async fn call(&self, _: &mut ToolContext, arguments: Word) -> Result<Value, Infallible> {
        Ok(lookup(&self.server, &arguments.word).await.unwrap())
    }
}

#[derive(Clone)]
struct Words {
    client: async_openai::Client<OpenAIConfig>,
}

#[span("tool:explain", skip(client))]
async fn explain(client: &async_openai::Client<OpenAIConfig>, word: &str) -> String {
    let request = CreateChatCompletionRequestArgs::default()
        .model("small-2")
        .messages([ChatCompletionRequestUserMessage::from(word).into()])
        .build()
        .unwrap();
    let answer = client.chat().create(request).await.unwrap();
    answer.choices.into_iter().next().and_then(|choice| choice.message.content).unwrap()
}

#[tool_router]
impl Words {
    #[tool(description = "What a word means")]
    async fn explain(&self, Parameters(Word { word }): Parameters<Word>) -> String {
        explain(&self.client, &word).await
    }
}

#[tool_handler]
impl ServerHandler for Words {}

async fn serve(model: &str) {
    let prefactor = prefactor::init().unwrap();
    let config = OpenAIConfig::new().with_api_base(model.trim_end_matches('/')).with_api_key("none");
    let client =
        async_openai::Client::with_config(config).with_http_service(per_call(ReqwestService::default()));
    let server = SpanServer::new(Words { client }).join_callers(&prefactor);
    server.serve(rmcp::transport::stdio()).await.unwrap().waiting().await.unwrap();
    let report = prefactor.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 3, "{report}");
    assert_eq!(report.stats.runs.created, 0, "{report}");
}

fn ask(address: std::net::SocketAddr) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET /ask HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

async fn run() {
    let server = Server::start().unwrap();
    let prefactor = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let models = [
        Model::serve(vec![tool_call("lookup", &json!({ "word": "seven" })), text("a number")]),
        Model::serve(vec![text("six and one")]),
    ];
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(prefactor::tracing::layer()))
        .unwrap();

    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command
        .env(MODEL, &models[1].url)
        .env("PREFACTOR_API_URL", server.url())
        .env("PREFACTOR_API_TOKEN", server.token());
    let mcp = ().serve(TokioChildProcess::new(command).unwrap()).await.unwrap();

    let rig = RigConfig::new("none").with_base_url(models[0].url.trim_end_matches('/')).client();
    let tool = Lookup { server: mcp.peer().clone() };
    let agent = AgentBuilder::new(rig.chat("small-1")).name("helper").tool(tool).default_max_turns(3).build();
    let app = axum::Router::new()
        .route("/ask", get(|State(agent): State<Agent>| async move { answer(&agent).await }))
        .layer(ServerLayer::new().run_per_request(&prefactor, |_| "everything".into()))
        .with_state(agent);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tokio::spawn(async move { axum::serve(listener, app).await });
    let answer = tokio::task::spawn_blocking(move || ask(address)).await.unwrap();
    assert!(answer.contains("200 OK") && answer.contains("a number"), "{answer}");
    service.abort();

    mcp.cancel().await.unwrap();
    let report = prefactor.shutdown_async(TIMEOUT).await;
    assert!(report.is_complete && report.stats.acknowledged == 8, "{report}");

    let spans: Vec<StoredSpan> = list(&server, "agent_spans");
    let runs: BTreeSet<_> = spans.iter().map(|span| &span.agent_instance_id).collect();
    assert_eq!(runs.len(), 1, "one run: {runs:?}");
    assert_eq!(outline(&spans), TREE.trim_start(), "no node twice, no orphan");
    assert_eq!(models.each_ref().map(|model| model.requests().len()), [2, 1]);
    print!("{}", outline(&spans));
}

const TREE: &str = "
http:request complete
  agent:answer complete
    agent:run complete
      agent:llm_call complete
      agent:tool_call complete
        tool:lookup complete
          mcp:tool_call complete
            mcp:serve_tool_call complete
              tool:explain complete
                agent:llm_call complete
      agent:llm_call complete
";

type Children<'a> = BTreeMap<Option<&'a str>, Vec<&'a StoredSpan>>;

/// Draws the tree; a span whose parent is missing stands at the left.
fn outline(spans: &[StoredSpan]) -> String {
    let ids: BTreeSet<_> = spans.iter().map(|span| span.id.as_str()).collect();
    let mut children = Children::new();
    for span in spans {
        let parent = span.parent_span_id.as_deref().filter(|parent| ids.contains(parent));
        children.entry(parent).or_default().push(span);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|span| &span.started_at);
    }
    let mut out = String::new();
    add(None, 0, &children, &mut out);
    out
}

fn add(parent: Option<&str>, depth: usize, children: &Children<'_>, out: &mut String) {
    for span in children.get(&parent).into_iter().flatten() {
        writeln!(out, "{}{} {}", "  ".repeat(depth), span.schema_name, span.status).unwrap();
        add(Some(&span.id), depth + 1, children, out);
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match std::env::var(MODEL) {
        Ok(model) => runtime.block_on(serve(&model)),
        // Test runners call `--list` first: they find no test, so a filter skips this program as a whole.
        Err(_) if std::env::args().any(|argument| argument == "--list") => {}
        Err(_) => runtime.block_on(run()),
    }
}
