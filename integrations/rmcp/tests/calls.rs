//! A real client and a real server over a pipe: one tree, with a span on each side of a call.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use prefactor::export::MemoryProcessor;
use prefactor::testing::{Recorder, Trace};
use prefactor::{Client, InstanceStatus, span};
use prefactor_rmcp::{SpanServer, SpanTransport, call, notify_progress};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, GetPromptRequestParams, GetPromptResult, MetaObject,
    ProgressNotificationParam, PromptMessage, ReadResourceRequestParams, ReadResourceResponse,
    ReadResourceResult, RequestMetaObject, ResourceContents, Role, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleClient, RoleServer, RunningService};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{ErrorData, ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};
use serde_json::json;
use tokio::sync::Notify;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Word {
    word: String,
}

#[derive(Clone, Default)]
struct Words {
    is_asked: Arc<Notify>,
}

#[span("tool:length")]
async fn length(word: &str) -> usize {
    word.len()
}

#[tool_router]
impl Words {
    #[tool(description = "The length of a word")]
    async fn length(&self, Parameters(Word { word }): Parameters<Word>) -> String {
        length(&word).await.to_string()
    }

    #[tool(description = "Fails by its result")]
    async fn fails(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("no such word")])
    }

    #[tool(description = "Fails by an error")]
    async fn breaks(&self) -> Result<CallToolResult, ErrorData> {
        Err(ErrorData::internal_error("the index is gone", Some(json!({ "shard": 3 }))))
    }

    #[tool(description = "Answers with a `_meta` of its own, which names the caller's tenant")]
    async fn marked(&self, context: RequestContext<RoleServer>) -> CallToolResult {
        let mut result = CallToolResult::success(vec![ContentBlock::text("done")]);
        let tenant = context.meta.0.0["tenant"].clone();
        result.meta = Some(MetaObject(serde_json::Map::from_iter([("for".to_owned(), tenant)])));
        result
    }

    #[tool(description = "Tells of its progress")]
    async fn slow(&self, context: RequestContext<RoleServer>) -> String {
        let token = context.meta.get_progress_token().unwrap();
        let progress = ProgressNotificationParam::new(token, 1.0).with_total(2.0);
        notify_progress(&context.peer, progress).await.unwrap();
        "done".to_owned()
    }

    #[tool(description = "Waits until it is cancelled")]
    async fn waits(&self, context: RequestContext<RoleServer>) -> String {
        self.is_asked.notify_one();
        context.ct.cancelled().await;
        "too late".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Words {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(
            ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build(),
        )
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(ReadResourceResult::new(vec![ResourceContents::text("a note", request.uri)]).into())
    }

    async fn get_prompt(
        &self,
        _: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<rmcp::model::GetPromptResponse, ErrorData> {
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, "why?")]).into())
    }
}

type Running = RunningService<RoleClient, ()>;

/// A client and the server that answers it, in one process.
async fn connected(recorder: &Recorder, words: Words) -> Running {
    let (one, other) = tokio::io::duplex(1 << 16);
    let server = SpanServer::new(words).join_callers(recorder.client());
    tokio::spawn(async move {
        let running = server.serve(tokio::io::split(other)).await.unwrap();
        running.waiting().await
    });
    let (read, write) = tokio::io::split(one);
    ().serve(SpanTransport::new(AsyncRwTransport::new_client(read, write))).await.unwrap()
}

#[span("agent:answer", skip_all)]
async fn use_tool(client: &Running, name: &'static str, word: Option<&str>) -> Result<String, String> {
    let mut params = CallToolRequestParams::new(name);
    if let Some(word) = word {
        params = params.with_arguments(json!({ "word": word }).as_object().unwrap().clone());
    }
    let result = call(params, |params| client.call_tool(params)).await.map_err(|error| error.to_string())?;
    Ok(result
        .content
        .first()
        .and_then(|block| block.as_text())
        .map(|text| text.text.clone())
        .unwrap_or_default())
}

/// Boxed, for calls of rmcp are large.
fn traced<'a, F: Future + 'a>(
    recorder: &'a Recorder,
    body: F,
) -> Pin<Box<dyn Future<Output = (F::Output, Trace)> + 'a>> {
    Box::pin(async {
        let output = recorder.run_async(body).await;
        (output, recorder.trace())
    })
}

#[tokio::test]
async fn call_is_one_tree_on_both_sides_with_the_annotated_work_below_it() {
    let recorder = Recorder::new();
    let client = connected(&recorder, Words::default()).await;
    let (answer, trace) = traced(&recorder, use_tool(&client, "length", Some("seven"))).await;
    assert_eq!(answer.unwrap(), "5");
    trace.assert_outline(&[
        "agent:answer complete",
        "  mcp:tool_call complete",
        "    mcp:serve_tool_call complete",
        "      tool:length complete",
    ]);
    for kind in ["mcp:tool_call", "mcp:serve_tool_call"] {
        let call = trace.find(kind);
        assert_eq!(call.payload["name"], "length", "{kind}");
        assert_eq!(call.payload["method"], "tools/call", "{kind}");
        assert_eq!(call.payload["arguments"]["word"], "seven", "{kind}");
        assert_eq!(call.result["content"][0]["text"], "5", "{kind}");
        assert!(call.payload.get("_meta").is_none() && call.result.get("_meta").is_none(), "{kind}");
    }
}

#[tokio::test]
async fn meta_of_request_and_answer_goes_through_and_is_not_recorded() {
    let recorder = Recorder::new();
    let client = connected(&recorder, Words::default()).await;
    let (result, trace) = traced(&recorder, async {
        let mut params = CallToolRequestParams::new("marked");
        let mut meta = RequestMetaObject::new();
        meta.0.0.insert("tenant".to_owned(), "blue".into());
        params.meta = Some(meta);
        call(params, |params| client.call_tool(params)).await.unwrap()
    })
    .await;
    assert_eq!(result.meta.unwrap().0["for"], "blue");
    for side in ["mcp:tool_call", "mcp:serve_tool_call"] {
        let shown = trace.find(side);
        let text = format!("{} {}", shown.payload, shown.result);
        assert!(text.contains("done"), "{side}: {text}");
        assert!(!text.contains("_meta") && !text.contains("blue"), "{side}: {text}");
    }
}

#[tokio::test]
async fn failing_tools_fail_both_spans_by_result_and_by_error() {
    for (tool, kind, message) in [
        ("fails", "tool_error", "no such word"),
        ("breaks", "-32603", "the index is gone"),
        ("missing", "-32602", ""),
    ] {
        let recorder = Recorder::new();
        let client = connected(&recorder, Words::default()).await;
        let (_, trace) = traced(&recorder, use_tool(&client, tool, None)).await;
        for side in ["mcp:tool_call", "mcp:serve_tool_call"] {
            let call = trace.find(side);
            assert_eq!(call.status.to_string(), "failed", "{tool} {side}");
            let error = call.error.as_ref().unwrap();
            assert_eq!(error.error_type, kind, "{tool} {side}");
            assert!(error.message.contains(message), "{tool} {side}");
        }
    }
}

#[tokio::test]
async fn progress_is_an_event_on_both_sides() {
    let recorder = Recorder::new();
    let client = connected(&recorder, Words::default()).await;
    let (answer, trace) = traced(&recorder, use_tool(&client, "slow", None)).await;
    assert_eq!(answer.unwrap(), "done");
    for side in ["mcp:tool_call", "mcp:serve_tool_call"] {
        let events = &trace.find(side).events;
        assert_eq!(events.len(), 1, "{side}");
        assert_eq!(events[0].name, "progress", "{side}");
        assert_eq!(events[0].data::<serde_json::Value>().unwrap()["total"], 2.0, "{side}");
    }
}

#[tokio::test]
async fn dropped_call_is_cancelled_on_both_sides() {
    let recorder = Recorder::new();
    let words = Words::default();
    let is_asked = Arc::clone(&words.is_asked);
    let client = connected(&recorder, words).await;
    recorder
        .run_async(async {
            tokio::select! {
                _ = use_tool(&client, "waits", None) => panic!("it waits"),
                () = is_asked.notified() => {}
            }
        })
        .await;
    let trace = loop {
        let trace = recorder.trace();
        if trace.to_string().contains("serve_tool_call cancelled") {
            break trace;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    trace.assert_outline(&[
        "agent:answer cancelled",
        "  mcp:tool_call cancelled",
        "    mcp:serve_tool_call cancelled",
    ]);
    assert_eq!(trace.find("mcp:serve_tool_call").events[0].name, "cancelled");
}

#[tokio::test]
async fn resources_and_prompts_are_kinds_of_their_own() {
    let recorder = Recorder::new();
    let client = connected(&recorder, Words::default()).await;
    let (_, trace) = traced(&recorder, async {
        let params = ReadResourceRequestParams::new("note:1");
        let read = call(params, |params| client.read_resource(params)).await.unwrap();
        assert_eq!(read.contents.len(), 1);
        let params = GetPromptRequestParams::new("ask");
        call(params, |params| client.get_prompt(params)).await.unwrap()
    })
    .await;
    trace.assert_outline(&[
        "mcp:resource complete",
        "  mcp:serve_resource complete",
        "mcp:prompt complete",
        "  mcp:serve_prompt complete",
    ]);
    assert_eq!(trace.find("mcp:resource").payload["uri"], "note:1");
    assert_eq!(trace.find("mcp:serve_resource").result["contents"][0]["text"], "a note");
}

#[tokio::test]
async fn concurrent_calls_stay_with_their_own_callers() {
    let recorder = Recorder::new();
    let client = connected(&recorder, Words::default()).await;
    let (_, trace) = traced(&recorder, async {
        tokio::join!(
            use_tool(&client, "length", Some("a")),
            use_tool(&client, "length", Some("ab")),
            use_tool(&client, "length", Some("abc")),
        )
    })
    .await;
    let one = [
        "agent:answer complete",
        "  mcp:tool_call complete",
        "    mcp:serve_tool_call complete",
        "      tool:length complete",
    ];
    trace.assert_outline(&one.repeat(3));
    for answer in &trace.roots {
        let client = &answer.children[0];
        assert_eq!(client.payload["arguments"], client.children[0].payload["arguments"]);
    }
}

/// A client of a server that makes a run for each call.
async fn with_runs(recorder: &Recorder, words: Words) -> Running {
    let (one, other) = tokio::io::duplex(1 << 16);
    let server = SpanServer::new(words)
        .join_callers(recorder.client())
        .run_per_call(recorder.client(), |_| "words".into());
    tokio::spawn(async move { server.serve(tokio::io::split(other)).await.unwrap().waiting().await });
    ().serve(tokio::io::split(one)).await.unwrap()
}

#[tokio::test]
async fn caller_of_another_system_is_kept_by_its_ids_and_is_no_parent() {
    let recorder = Recorder::new();
    let client = with_runs(&recorder, Words::default()).await;
    let mut meta = RequestMetaObject::new();
    // Python's client sends flags that no other client sends.
    meta.0.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03");
    let mut params = CallToolRequestParams::new("fails");
    params.meta = Some(meta);
    client.call_tool(params).await.unwrap();
    let trace = recorder.trace();
    trace.assert_outline(&["mcp:serve_tool_call failed"]);
    let call = trace.find("mcp:serve_tool_call");
    assert_eq!(call.payload["remote_parent"]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(call.payload["remote_parent"]["span_id"], "b7ad6b7169203331");
}

#[tokio::test]
async fn run_for_each_call_ends_with_it() {
    let recorder = Recorder::new();
    let before = recorder.client().stats().runs;
    let client = with_runs(&recorder, Words::default()).await;
    for tool in ["fails", "breaks"] {
        let _ = client.call_tool(CallToolRequestParams::new(tool)).await;
    }
    assert!(recorder.client().flush_async(Duration::from_secs(60)).await.is_complete);
    let runs = recorder.client().stats().runs;
    assert_eq!(runs.created - before.created, 2);
    assert_eq!(runs.outstanding, 0, "both have ended");
}

#[tokio::test]
async fn run_of_a_cancelled_call_is_cancelled() {
    let memory = MemoryProcessor::new();
    let recorder = Recorder::with(Client::builder().processor(memory.clone()));
    let words = Words::default();
    let is_asked = Arc::clone(&words.is_asked);
    let client = with_runs(&recorder, words).await;
    tokio::select! {
        _ = client.call_tool(CallToolRequestParams::new("waits")) => panic!("it waits"),
        () = is_asked.notified() => {}
    }
    while memory.traces().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    recorder.trace().assert_outline(&["mcp:serve_tool_call cancelled"]);
    assert_eq!(memory.traces()[0].status, Some(InstanceStatus::Cancelled));
}
