//! Two spans, one inside the other, delivered to a server that this program starts. `cargo run --example quickstart`
//!
//! With an account, or beside a running `prefactor-local`, `prefactor::init()?` replaces the first two lines of `main`.

use prefactor::{Client, span};

#[span("agent:llm_call")]
async fn call_llm(prompt: &str) -> anyhow::Result<String> {
    Ok(format!("{prompt} Because blue light is scattered most."))
}

#[span("agent:run")]
async fn answer(question: &str) -> anyhow::Result<String> {
    call_llm(question).await
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example prints its results")]
async fn main() -> anyhow::Result<()> {
    let server = prefactor_local::Server::start()?;
    let prefactor = Client::builder().api_url(server.url()).api_token(server.token()).install()?;
    println!("{}", answer("Why is the sky blue?").await?);
    println!("{}", prefactor.shutdown_async(std::time::Duration::from_secs(5)).await);
    Ok(())
}
