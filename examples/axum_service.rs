//! A web service: one run a request, a streamed answer, and a shutdown that loses nothing.
//!
//! ```text
//! cargo run --example axum_service             asks itself twice, and ends
//! cargo run --example axum_service -- --serve  listens until ctrl-c or SIGTERM
//! ```
//!
//! With an account, or beside a running `prefactor-local`, `prefactor::init()?` replaces the first two lines of `main`.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::{Stream, StreamExt as _, stream};
use prefactor::{Agent, AgentInstance, Client, span};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

struct Service {
    client: Client,
}

#[derive(Deserialize)]
struct Ask {
    question: String,
}

#[span("agent:answer")]
async fn answer(question: &str) -> Result<String> {
    Ok(format!("{question} Because blue light is scattered most."))
}

/// The span lasts until the stream has ended, or its client has left. It belongs to the run that this is called in,
/// wherever the stream is polled: axum polls it outside of the handler.
#[span("agent:stream", ret(items))]
fn words(question: String) -> impl Stream<Item = String> + Send + use<> {
    let words: Vec<_> = format!("{question} Because blue light is scattered most.")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    stream::iter(words)
}

fn register(service: &Service) -> AgentInstance {
    service.client.register(Agent::new("web").with_version("1.0.0"))
}

/// Starts one run for each request. The platform may end it early, with a reason.
async fn ask(State(service): State<Arc<Service>>, Query(ask): Query<Ask>) -> Result<String, String> {
    let answered = register(&service).run(answer(&ask.question)).await;
    answered.map_err(|terminated| terminated.to_string())?.map_err(|error| error.to_string())
}

/// The run ends with its stream, as `complete`. The guide's page on services has one that fails with it.
async fn ask_streamed(
    State(service): State<Arc<Service>>,
    Query(ask): Query<Ask>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let words = register(&service).in_scope(|| words(ask.question));
    Sse::new(words.map(|word| Ok(Event::default().data(word))))
}

#[tokio::main]
async fn main() -> Result<()> {
    let server = prefactor_local::Server::start()?;
    let prefactor = Client::builder().api_url(server.url()).api_token(server.token()).install()?;

    let service = Arc::new(Service { client: prefactor.client().clone() });
    let routes = Router::new().route("/ask", get(ask)).route("/stream", get(ask_streamed));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("listening on {url}, traces on {}", server.url());

    let (stop, stopped) = oneshot::channel::<()>();
    let signal = prefactor.shutdown_on_signal()?;
    let end = async move {
        tokio::select! {
            _ = signal => {}
            _ = stopped => {}
        }
    };
    // With `--serve` the sender is kept, so only a signal ends the service.
    let mut stop = Some(stop);
    if !std::env::args().any(|argument| argument == "--serve") {
        let stop = stop.take();
        tokio::spawn(async move {
            println!("{}", get_text(&format!("{url}/ask?question=Why%3F")).await);
            println!("{}", get_text(&format!("{url}/stream?question=Why%3F")).await);
            drop(stop);
        });
    }
    axum::serve(listener, routes.with_state(service)).with_graceful_shutdown(end).await?;
    println!("{}", prefactor.shutdown_async(Duration::from_secs(5)).await);
    Ok(())
}

async fn get_text(url: &str) -> String {
    let answer = async { reqwest::get(url).await?.text().await }.await;
    answer.unwrap_or_else(|error| error.to_string())
}
