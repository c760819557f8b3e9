//! genai: a stream is complete by its `End`, unless an `Err` came.

use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};

use futures_util::Stream;
use prefactor::span;
use prefactor::testing::RecordedSpan;
use prefactor_foreign_integrations::{Answer, Model, stream};
use prefactor_streams as readers;
use serde_json::json;

use super::{error_of, read, read_at_once};

#[span("agent:llm_call", skip_all, stream(with = readers::genai::Answer))]
async fn ask(client: &Client) -> genai::Result<impl Stream<Item = readers::genai::Item> + use<>> {
    let options = ChatOptions::default().with_capture_usage(true);
    let request = ChatRequest::new(vec![ChatMessage::user("why?")]);
    Ok(client.exec_chat_stream("small-1", request, Some(&options)).await?.stream)
}

fn client(model: &Model) -> Client {
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
    Client::builder().with_service_target_resolver(resolver).build().unwrap()
}

async fn asked(answer: Answer, limit: usize) -> RecordedSpan {
    let model = Model::serve(vec![answer]);
    let client = client(&model);
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

#[tokio::test]
async fn concurrent_streams_stay_with_their_own_callers() {
    read_at_once(100, async |word| {
        let model = Model::serve(vec![stream(&[word])]);
        ask(&client(&model)).await.unwrap()
    })
    .await;
}
