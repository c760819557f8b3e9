//! A chat whose answer is streamed by a stub model on loopback, so no account is needed.
//!
//! `cargo run --manifest-path tests/foreign/Cargo.toml -p prefactor-async-openai --example chat`
//!
//! The recorder keeps the spans in memory. A program calls `prefactor::init()` instead.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::ReqwestService;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs};
use futures_util::StreamExt as _;
use prefactor::span;
use prefactor::testing::Recorder;
use prefactor_async_openai::per_call;
use prefactor_foreign_integrations::{Model, stream};

#[span("agent:answer", skip(client))]
async fn answer(client: &Client<OpenAIConfig>, question: &str) -> Result<String, OpenAIError> {
    let request = CreateChatCompletionRequestArgs::default()
        .model("small-1")
        .messages([ChatCompletionRequestUserMessage::from(question).into()])
        .build()?;
    let mut chunks = client.chat().create_stream(request).await?;
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        text.extend(chunk?.choices.into_iter().filter_map(|choice| choice.delta.content));
    }
    Ok(text)
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example prints its spans")]
async fn main() -> Result<(), OpenAIError> {
    let model = Model::serve(vec![stream(&["Because ", "it is."])]);
    let config = OpenAIConfig::new().with_api_base(model.url.trim_end_matches('/')).with_api_key("none");
    let client = Client::with_config(config).with_http_service(per_call(ReqwestService::default()));
    let recorder = Recorder::new();
    println!("{}", recorder.run_async(answer(&client, "Why?")).await?);
    let trace = recorder.trace();
    print!("{trace}");
    let call = trace.find("agent:llm_call");
    println!(
        "{}: {} within {} ms",
        call.payload["name"], call.result["token_usage"], call.result["time_to_first_token_ms"]
    );
    Ok(())
}
