//! ollama-rs: a stream is complete by its item with `done`.

use ollama_rs::Ollama;
use ollama_rs::error::OllamaError;
use ollama_rs::generation::chat::request::ChatMessageRequest;
use ollama_rs::generation::chat::{ChatMessage, ChatMessageResponseStream};

use prefactor::span;
use prefactor::testing::RecordedSpan;
use prefactor_foreign_integrations::{Answer, Model};
use prefactor_streams as readers;
use serde_json::json;

use super::{error_of, read, read_at_once};

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

fn client(answer: Answer) -> Ollama {
    let model = Model::serve(vec![answer]);
    Ollama::from_url(model.url.strip_suffix("v1/").unwrap().parse().unwrap())
}

fn lines(lines: &[String]) -> Answer {
    Answer::Typed(200, "application/x-ndjson", lines.concat())
}

async fn asked(answer: &[String], limit: usize) -> RecordedSpan {
    let client = client(lines(answer));
    read(limit, async || ask(&client).await.unwrap()).await
}

#[tokio::test]
async fn stream_is_complete_by_done_and_else_not() {
    let whole = asked(&[line("be", false), line("cause", false), line("", true)], 100).await;
    assert_eq!(whole.status.to_string(), "complete");
    assert_eq!(whole.result["output"]["text"], "because");
    assert_eq!(whole.result["token_usage"]["prompt_tokens"], 12);

    let half = asked(&[line("be", false)], 100).await;
    assert_eq!((half.status.to_string().as_str(), error_of(&half)), ("failed", "stream_truncated"));
    assert_eq!(half.result["output"]["text"], "be");

    let error = format!("{}\n", json!({ "error": "the model is away" }));
    let failed = asked(&[line("be", false), error], 100).await;
    assert_eq!(error_of(&failed), "stream_truncated", "the client passes over the server's error");
}

#[tokio::test]
async fn stream_that_is_left_is_cancelled_with_what_was_said() {
    let left = asked(&[line("be", false), line("cause", false), line("", true)], 1).await;
    assert_eq!(left.status.to_string(), "cancelled");
    assert_eq!(left.result["output"]["text"], "be");
}

#[tokio::test]
async fn call_that_is_refused_is_failed() {
    let client = client(Answer::Whole(500, json!({ "error": "the model is away" })));
    let refused = read(1, async || {
        ask(&client).await.err().unwrap();
        futures_util::stream::empty::<()>()
    })
    .await;
    assert_eq!(refused.status.to_string(), "failed");
    assert!(refused.error.as_ref().unwrap().message.contains("the model is away"), "{:?}", refused.error);
}

#[tokio::test]
async fn concurrent_streams_stay_with_their_own_callers() {
    read_at_once(100, async |word| ask(&client(lines(&[line(word, false), line("", true)]))).await.unwrap())
        .await;
}
