//! The protocol over HTTP: the context is in `_meta` there too, so client and server make one tree.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::pin::Pin;

use prefactor::rmcp::{SpanHandler, SpanTransport, call, notify_progress};
use prefactor::span;
use prefactor::testing::Recorder;
use rmcp::model::{CallToolRequestParams, ProgressNotificationParam};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpClientTransport, StreamableHttpService};
use rmcp::{ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};

#[derive(Clone)]
struct Words;

#[span("tool:count")]
fn count() -> usize {
    3
}

#[tool_router]
impl Words {
    #[tool(description = "How many words there are")]
    async fn count(&self, context: RequestContext<RoleServer>) -> String {
        let token = context.meta.get_progress_token().unwrap();
        let progress = ProgressNotificationParam::new(token, 1.0).with_total(2.0);
        notify_progress(&context.peer, progress).await.unwrap();
        count().to_string()
    }
}

#[tool_handler]
impl ServerHandler for Words {}

#[tokio::test]
async fn call_over_http_is_one_tree_on_both_sides() {
    let recorder = Recorder::new();
    let client = recorder.client().clone();
    let service = StreamableHttpService::new(
        move || Ok(SpanHandler::new(Words).join_callers(&client)),
        LocalSessionManager::default().into(),
        rmcp::transport::StreamableHttpServerConfig::default(),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let app = axum::Router::new().nest_service("/mcp", service);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let transport = SpanTransport::new(StreamableHttpClientTransport::from_uri(url));
    let client = ().serve(transport).await.unwrap();
    let work: Pin<Box<dyn Future<Output = _>>> = Box::pin(recorder.run_async(async {
        let params = CallToolRequestParams::new("count");
        call(params, |params| client.call_tool(params)).await.unwrap()
    }));
    work.await;
    let trace = recorder.trace();
    trace.assert_outline(&[
        "mcp:tool_call complete",
        "  mcp:serve_tool_call complete",
        "    tool:count complete",
    ]);
    for side in ["mcp:tool_call", "mcp:serve_tool_call"] {
        assert_eq!(trace.find(side).events[0].name, "progress", "{side}");
    }
}
