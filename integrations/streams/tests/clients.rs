//! Each client's real stream from a stub model, through an annotated function with the reader of its module.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use prefactor::testing::{RecordedSpan, Recorder};
use prefactor::transport::{Request, SendError, SendFuture, Transport};
use prefactor::{Client, span};
use prefactor_foreign_integrations::{Answer, Model, stream};
use prefactor_streams as readers;
use serde_json::{Value, json};

/// Reads the stream that a body makes: at most so many items. Gives back the span.
async fn read<S: Stream>(limit: usize, body: impl AsyncFnOnce() -> S) -> RecordedSpan {
    let recorder = Recorder::new();
    recorder
        .run_async(async {
            let items = body().await;
            items.take(limit).count().await
        })
        .await;
    recorder.trace().find("agent:llm_call").clone()
}

fn error_of(span: &RecordedSpan) -> &str {
    span.error.as_ref().map_or("", |error| error.error_type.as_str())
}

mod genai_client {
    use genai::adapter::AdapterKind;
    use genai::chat::{ChatMessage, ChatOptions, ChatRequest};
    use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
    use genai::{Client, ModelIden, ServiceTarget};

    use super::*;

    #[span("agent:llm_call", skip_all, stream(with = readers::genai::Answer))]
    async fn ask(client: &Client) -> genai::Result<impl Stream<Item = readers::genai::Item> + use<>> {
        let options = ChatOptions::default().with_capture_usage(true);
        let request = ChatRequest::new(vec![ChatMessage::user("why?")]);
        Ok(client.exec_chat_stream("small-1", request, Some(&options)).await?.stream)
    }

    async fn asked(answer: Answer, limit: usize) -> RecordedSpan {
        let model = Model::serve(vec![answer]);
        let url = model.url.clone();
        let resolver = ServiceTargetResolver::from_resolver_fn(
            move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
                Ok(ServiceTarget {
                    endpoint: Endpoint::from_owned(url.clone()),
                    auth: AuthData::from_single("none"),
                    model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
                })
            },
        );
        let client = Client::builder().with_service_target_resolver(resolver).build().unwrap();
        read(limit, async || ask(&client).await.unwrap()).await
    }

    #[tokio::test]
    async fn stream_is_complete_by_its_end_and_else_not() {
        let whole = asked(stream(&["be", "cause"]), 100).await;
        assert_eq!(whole.status.to_string(), "complete");
        assert_eq!(whole.result["output"]["text"], "because");
        assert_eq!(whole.result["token_usage"]["prompt_tokens"], 12);

        let half = asked(Answer::Events(stream(&["be", "cause"]).first(1)), 100).await;
        assert_eq!((half.status.to_string().as_str(), error_of(&half)), ("failed", "stream_truncated"));
        assert_eq!(half.result["output"]["text"], "be");

        let cut = asked(Answer::Cut(stream(&["be", "cause"]).first(1)), 100).await;
        assert_eq!(cut.status.to_string(), "failed");

        let error = json!({ "error": { "message": "busy", "type": "overloaded" } }).to_string();
        let events = [stream(&["be"]).first(1), vec![error, "[DONE]".to_owned()]].concat();
        let failed = asked(Answer::Events(events), 100).await;
        assert_eq!(failed.status.to_string(), "failed", "its `End` comes after the `Err`");

        let left = asked(Answer::Open(stream(&["be", "cause"]).first(1)), 2).await;
        assert_eq!(left.status.to_string(), "cancelled");
    }
}

mod rig_client {
    use rig::agent::StreamingResult;
    use rig::providers::openai::OpenAIConfig;
    use rig::{Agent, AgentBuilder};

    use super::*;

    #[span("agent:llm_call", skip_all, stream(with = readers::rig::Answer))]
    fn ask(agent: &Agent) -> StreamingResult {
        agent.prompt("why?").stream()
    }

    async fn asked(answer: Answer, limit: usize) -> RecordedSpan {
        let model = Model::serve(vec![answer]);
        let client = OpenAIConfig::new("none").with_base_url(model.url.trim_end_matches('/')).client();
        let agent = AgentBuilder::new(client.chat("small-1")).name("helper").build();
        read(limit, async || ask(&agent)).await
    }

    #[tokio::test]
    async fn stream_is_complete_by_its_final_response_and_else_not() {
        let whole = asked(stream(&["be", "cause"]), 100).await;
        assert_eq!(whole.status.to_string(), "complete");
        assert_eq!(whole.result["output"]["text"], "because");
        assert_eq!(whole.result["token_usage"]["completion_tokens"], 5);

        for answer in [
            Answer::Events(stream(&["be", "cause"]).first(1)),
            Answer::Cut(stream(&["be", "cause"]).first(1)),
            Answer::Whole(200, json!({ "error": { "message": "busy" } })),
        ] {
            let shown = format!("{answer:?}");
            assert_eq!(asked(answer, 100).await.status.to_string(), "failed", "{shown}");
        }
        let left = asked(Answer::Open(stream(&["be", "cause"]).first(1)), 1).await;
        assert_eq!(left.status.to_string(), "cancelled");
    }
}

mod ollama_client {
    use ollama_rs::Ollama;
    use ollama_rs::error::OllamaError;
    use ollama_rs::generation::chat::request::ChatMessageRequest;
    use ollama_rs::generation::chat::{ChatMessage, ChatMessageResponseStream};

    use super::*;

    #[span("agent:llm_call", skip_all, stream(with = readers::ollama::Answer))]
    async fn ask(client: &Ollama) -> Result<ChatMessageResponseStream, OllamaError> {
        let question = ChatMessage::user("why?".to_owned());
        client.send_chat_messages_stream(ChatMessageRequest::new("small-1".to_owned(), vec![question])).await
    }

    fn line(content: &str, is_done: bool) -> String {
        let mut line = json!({
            "model": "small-1", "created_at": "2026-01-01T00:00:00Z", "done": is_done,
            "message": { "role": "assistant", "content": content },
        });
        if is_done {
            let counts = json!({
                "total_duration": 9, "load_duration": 1, "prompt_eval_count": 12, "prompt_eval_duration": 1,
                "eval_count": 5, "eval_duration": 1,
            });
            line.as_object_mut().unwrap().extend(counts.as_object().unwrap().clone());
        }
        format!("{line}\n")
    }

    async fn asked(lines: &[String]) -> RecordedSpan {
        let model = Model::serve(vec![Answer::Typed(200, "application/x-ndjson", lines.concat())]);
        let url = model.url.strip_suffix("v1/").unwrap();
        let client = Ollama::from_url(url.parse().unwrap());
        read(100, async || ask(&client).await.unwrap()).await
    }

    #[tokio::test]
    async fn stream_is_complete_by_done_and_else_not() {
        let whole = asked(&[line("be", false), line("cause", false), line("", true)]).await;
        assert_eq!(whole.status.to_string(), "complete");
        assert_eq!(whole.result["output"]["text"], "because");
        assert_eq!(whole.result["token_usage"]["prompt_tokens"], 12);

        let half = asked(&[line("be", false)]).await;
        assert_eq!((half.status.to_string().as_str(), error_of(&half)), ("failed", "stream_truncated"));
        assert_eq!(half.result["output"]["text"], "be");

        let error = format!("{}\n", json!({ "error": "the model is away" }));
        let failed = asked(&[line("be", false), error]).await;
        assert_eq!(error_of(&failed), "stream_truncated", "the client passes over the server's error");
    }
}

mod anthropic_client {
    use async_anthropic::Client;
    use async_anthropic::types::{
        CreateMessagesRequestBuilder, CreateMessagesResponseStream, MessageBuilder, MessageRole,
    };
    use serde_json::Value;

    use super::*;

    #[span("agent:llm_call", skip_all, stream(with = readers::anthropic::Answer))]
    async fn ask(client: &Client) -> CreateMessagesResponseStream {
        let question = MessageBuilder::default().role(MessageRole::User).content("why?").build().unwrap();
        let request = CreateMessagesRequestBuilder::default()
            .model("small-1")
            .messages(vec![question])
            .build()
            .unwrap();
        client.messages().create_stream(request).await
    }

    /// With its name, which the client looks at.
    fn event(event: &Value) -> String {
        format!("{event}\nevent: {}", event["type"].as_str().unwrap())
    }

    fn start() -> String {
        let message = json!({
            "id": "m1", "type": "message", "role": "assistant", "model": "small-1", "content": [],
            "usage": { "input_tokens": 12, "output_tokens": 1 },
        });
        event(&json!({ "type": "message_start", "message": message }))
    }

    fn text(text: &str) -> String {
        let delta = json!({ "type": "text_delta", "text": text });
        event(&json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
    }

    fn end() -> [String; 2] {
        let delta = json!({ "stop_reason": "end_turn", "stop_sequence": null });
        [
            // A server may leave out here what `message_start` contained.
            event(&json!({ "type": "message_delta", "delta": delta, "usage": { "output_tokens": 5 } })),
            event(&json!({ "type": "message_stop" })),
        ]
    }

    fn whole(words: &[&str]) -> Vec<String> {
        std::iter::once(start()).chain(words.iter().map(|word| text(word))).chain(end()).collect()
    }

    async fn asked(answers: Vec<Answer>, limit: usize) -> RecordedSpan {
        let model = Model::serve(answers);
        let url = model.url.strip_suffix("/v1/").unwrap();
        let client = Client::builder().base_url(url).api_key("none").build().unwrap();
        read(limit, async || ask(&client).await).await
    }

    #[tokio::test]
    async fn stream_is_complete_by_its_stop_and_begins_anew_where_the_client_asks_again() {
        let complete = asked(vec![Answer::Open(whole(&["be", "cause"]))], 5).await;
        assert_eq!(complete.status.to_string(), "complete", "the reader stopped at the marker");
        assert_eq!(complete.result["output"]["text"], "because");
        assert_eq!(complete.result["token_usage"]["prompt_tokens"], 12);
        assert_eq!(complete.result["token_usage"]["completion_tokens"], 5);

        let half = asked(vec![Answer::Events(vec![start(), text("be")])], 5).await;
        assert_eq!((half.status.to_string().as_str(), error_of(&half)), ("failed", "stream_truncated"));

        let answers = vec![Answer::Cut(vec![start(), text("be")]), Answer::Open(whole(&["because"]))];
        let twice = asked(answers, 7).await;
        assert_eq!(twice.status.to_string(), "failed");
        assert_eq!(twice.result["output"]["text"], "because", "not joined to what broke off");
    }
}

/// Tells of registrations and answers nothing.
struct Heard(Mutex<Sender<Value>>);

impl Transport for Heard {
    fn send(&self, request: Request) -> SendFuture<'_> {
        if request.path.ends_with("/register") {
            let _ = self.0.lock().unwrap().send(serde_json::from_slice(&request.body).unwrap());
        }
        Box::pin(async { Err(SendError::not_sent("a test")) })
    }
}

#[test]
fn readers_are_named_in_registrations_after_the_first_answer() {
    let _ = readers::genai::Answer::default();
    let (sender, registrations) = channel();
    let client = Client::builder().transport(Heard(Mutex::new(sender))).build().unwrap();
    client.register("tester").start();
    let body = registrations.recv_timeout(Duration::from_mins(1)).unwrap();
    let _ = client.shutdown(Duration::ZERO);
    let said = &body["agent_version"]["runtime_environment"]["agent_sdk"];
    assert_eq!(*said, json!([readers::SDK_ENTRY]));
}
