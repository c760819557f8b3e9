//! A streamed answer with reasoning and tool calls, folded into one result. `cargo run --example streams`
//!
//! The events are those of an OpenAI-like chat: pieces of text, pieces of reasoning, tool calls by index whose arguments come in
//! pieces, and the usage at the end. The span says when the first piece came, what the whole answer is, and whether it is
//! whole: a stream that ends without its end marker is `failed`.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use futures_util::stream::{self, Stream, StreamExt as _};
use prefactor::{Client, StreamStep, span};
use serde::Serialize;

/// One event of the model's answer.
enum Event {
    /// The connection is open, and nothing was said. A client that sends the request again yields it again.
    Start,
    Reasoning(&'static str),
    Text(&'static str),
    /// A piece of the tool call with this index. The name comes with the first piece only.
    ToolCall {
        index: u32,
        name: Option<&'static str>,
        arguments: &'static str,
    },
    Usage {
        output_tokens: u32,
    },
    /// The end marker.
    Stop,
}

/// The result of the span.
#[derive(Default, Serialize)]
struct Answer {
    text: String,
    reasoning: String,
    tool_calls: BTreeMap<u32, ToolCall>,
    output_tokens: u32,
}

#[derive(Default, Serialize)]
struct ToolCall {
    name: String,
    arguments: String,
}

/// Folds the events, one step at a time.
fn fold(answer: &mut Answer, step: StreamStep<'_, Result<Event>>) {
    match step {
        StreamStep::Restart => *answer = Answer { output_tokens: answer.output_tokens, ..Answer::default() },
        StreamStep::Item(Ok(Event::Text(piece))) => answer.text.push_str(piece),
        StreamStep::Item(Ok(Event::Reasoning(piece))) => answer.reasoning.push_str(piece),
        StreamStep::Item(Ok(Event::ToolCall { index, name, arguments })) => {
            let call = answer.tool_calls.entry(*index).or_default();
            call.name.push_str(name.unwrap_or_default());
            call.arguments.push_str(arguments);
        }
        // Some clients write 0 for a missing number, and some servers count up: the maximum is right for both.
        StreamStep::Item(Ok(Event::Usage { output_tokens })) => {
            answer.output_tokens = answer.output_tokens.max(*output_tokens);
        }
        _ => {}
    }
}

#[span(
    "example:chat",
    stream(
        end = |event| matches!(event, Ok(Event::Stop)),
        first = |event| matches!(event, Ok(Event::Text(_) | Event::Reasoning(_) | Event::ToolCall { .. })),
        restart = |event| matches!(event, Ok(Event::Start)),
    ),
    ret(fold = fold)
)]
async fn chat(prompt: &str) -> Result<impl Stream<Item = Result<Event>> + Send + use<>> {
    anyhow::ensure!(!prompt.is_empty(), "no prompt");
    let events = [
        Event::Start,
        Event::Reasoning("Two cities, "),
        Event::Reasoning("two calls."),
        Event::ToolCall { index: 0, name: Some("weather"), arguments: r#"{"city":"# },
        Event::ToolCall { index: 1, name: Some("weather"), arguments: r#"{"city":"Rome"}"# },
        Event::ToolCall { index: 0, name: None, arguments: r#""Oslo"}"# },
        Event::Text("Let me "),
        Event::Text("look."),
        Event::Usage { output_tokens: 42 },
        Event::Stop,
    ];
    Ok(stream::iter(events.map(Ok)))
}

#[tokio::main]
async fn main() -> Result<()> {
    let server = prefactor_local::Server::start()?;
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build()?;
    let run = client.register("streams");
    run.scope(async {
        let events = chat("What is the weather in Oslo and Rome?").await?;
        println!("{} events were read", events.count().await);
        anyhow::Ok(())
    })
    .await?;
    run.finish(prefactor::InstanceStatus::Complete);
    println!("{}", client.shutdown_async(Duration::from_secs(5)).await);
    let url = format!("{}/api/v1/agent_spans", server.url());
    let spans = reqwest::Client::new().get(url).bearer_auth(server.token()).send().await?;
    let spans: serde_json::Value = spans.error_for_status()?.json().await?;
    let span = &spans["summaries"][0];
    println!("{} {}: {:#}", span["schema_name"], span["status"], span["result_payload"]["output"]);
    Ok(())
}
