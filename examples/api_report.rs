//! Reads back over the typed client what agents have recorded: runs, failed spans, quality.
//!
//! ```text
//! cargo run --example api_report --features api
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;
use std::time::Duration;

use prefactor::api::{Finish, InstanceFilter, SpanFilter, Status};
use prefactor::{Client, InstanceStatus, span};
use prefactor_local::Server;

#[span("tool:search")]
fn search(query: &str) -> Result<Vec<String>, String> {
    if query.is_empty() { Err("an empty query".into()) } else { Ok(vec![format!("a page about {query}")]) }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let builder = || Client::builder().api_url(server.url()).api_token(server.token());

    let client = builder().build()?;
    for query in ["spans", "", "runs"] {
        let run = client.register("searcher");
        let _ = run.in_scope(|| search(query));
        run.finish(InstanceStatus::Complete);
    }
    let _ = client.shutdown_async(Duration::from_secs(5)).await;

    let api = builder().api_client()?;
    let mut runs = api.instances().list(InstanceFilter::new().sorted_by("id", true));
    while let Some(run) = runs.next().await {
        let run = run?;
        let spans = api.spans().list(SpanFilter::new().instance_id(&run.id)).all().await?;
        let failed = spans.iter().filter(|span| span.status == Status::Failed).count();
        println!("{} {}: {failed} of {} spans failed", run.id, run.status, spans.len());
        if let Finish::AlreadyFinished = api.instances().finish(&run.id, InstanceStatus::Failed).await? {
            println!("  it has ended, and stays as it is");
        }
    }
    println!("{} runs", runs.total().unwrap_or_default());

    let error = api.agents().get("no-such-agent").await.err().ok_or("an agent that nobody made")?;
    println!("{error}");
    assert!(error.is_not_found());
    Ok(())
}
