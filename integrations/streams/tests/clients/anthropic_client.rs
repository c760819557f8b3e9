//! async-anthropic: a stream is complete by its `MessageStop`, and begins anew where the client sends its request again.

use async_anthropic::Client;
use async_anthropic::types::{
    CreateMessagesRequestBuilder, CreateMessagesResponseStream, MessageBuilder, MessageRole,
};
use prefactor::span;
use prefactor::testing::RecordedSpan;
use prefactor_foreign_integrations::{Answer, Model};
use prefactor_streams as readers;
use serde_json::{Value, json};

use super::{error_of, read, read_at_once};

#[span("agent:llm_call", skip_all, stream(with = readers::anthropic::Answer))]
async fn ask(client: &Client) -> CreateMessagesResponseStream {
    let question = MessageBuilder::default().role(MessageRole::User).content("why?").build().unwrap();
    let request =
        CreateMessagesRequestBuilder::default().model("small-1").messages(vec![question]).build().unwrap();
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

fn client(answers: Vec<Answer>) -> Client {
    let model = Model::serve(answers);
    let url = model.url.strip_suffix("/v1/").unwrap();
    Client::builder().base_url(url).api_key("none").build().unwrap()
}

async fn asked(answers: Vec<Answer>, limit: usize) -> RecordedSpan {
    let client = client(answers);
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

#[tokio::test]
async fn stream_that_is_left_is_cancelled_with_what_was_said() {
    let left = asked(vec![Answer::Open(vec![start(), text("be")])], 2).await;
    assert_eq!(left.status.to_string(), "cancelled");
    assert_eq!(left.result["output"]["text"], "be");
}

#[tokio::test]
async fn tool_call_is_put_together_from_its_pieces() {
    let tool = json!({ "type": "tool_use", "id": "t1", "name": "length", "input": {} });
    let pieces = [r#"{"word":"#, r#""seven"}"#].map(|json| {
        let delta = json!({ "type": "input_json_delta", "partial_json": json });
        event(&json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
    });
    let begin = event(&json!({ "type": "content_block_start", "index": 0, "content_block": tool }));
    let events = [start(), begin].into_iter().chain(pieces).chain(end()).collect();
    let called = asked(vec![Answer::Open(events)], 6).await;
    assert_eq!(called.status.to_string(), "complete");
    let calls = json!([{ "id": "t1", "name": "length", "arguments": r#"{"word":"seven"}"# }]);
    assert_eq!(called.result["output"]["tool_calls"], calls);
    assert_eq!(called.result["output"]["finish_reason"], "end_turn");
}

/// The client tells of the status as the first item of its stream.
#[tokio::test]
async fn call_that_is_refused_is_failed() {
    let refusal = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "no" } });
    let refused = asked(vec![Answer::Whole(400, refusal)], 1).await;
    assert_eq!(refused.status.to_string(), "failed");
}

#[tokio::test]
async fn concurrent_streams_stay_with_their_own_callers() {
    read_at_once(4, async |word| ask(&client(vec![Answer::Open(whole(&[word]))])).await).await;
}
