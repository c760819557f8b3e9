//! A stream of genai from a stub model on loopback, which breaks off: its span is failed, with what was said.
//!
//! `cargo run --manifest-path tests/foreign/Cargo.toml -p prefactor-streams --example answer`
//!
//! The recorder keeps the spans in memory. A program calls `prefactor::init()` instead.

use futures_util::{Stream, StreamExt as _};
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};
use prefactor::span;
use prefactor::testing::Recorder;
use prefactor_foreign_integrations::{Answer as Sent, Model, stream};
use prefactor_streams::genai::{Answer, Item};

#[span("agent:llm_call", skip(client), stream(with = Answer))]
async fn ask(client: &Client, question: &str) -> genai::Result<impl Stream<Item = Item> + use<>> {
    let options = ChatOptions::default().with_capture_usage(true);
    let request = ChatRequest::new(vec![ChatMessage::user(question)]);
    Ok(client.exec_chat_stream("small-1", request, Some(&options)).await?.stream)
}

fn client(url: String) -> genai::Result<Client> {
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(url.clone()),
                auth: AuthData::from_single("none"),
                model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
            })
        },
    );
    Client::builder().with_service_target_resolver(resolver).build()
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example prints its spans")]
async fn main() -> genai::Result<()> {
    let whole = stream(&["Because ", "it is."]);
    let model = Model::serve(vec![whole.clone(), Sent::Events(whole.first(1))]);
    let client = client(model.url.clone())?;
    let recorder = Recorder::new();
    for question in ["Why?", "Why not?"] {
        recorder
            .run_async(async {
                let items = ask(&client, question).await?;
                println!("{question}: {} items, and no error", items.count().await);
                genai::Result::Ok(())
            })
            .await?;
    }
    for call in &recorder.trace().roots {
        println!("{} {}: {}", call.name, call.status, call.result["output"]["text"]);
    }
    Ok(())
}
