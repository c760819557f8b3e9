//! Secrets that are hidden by default, a rule of the program's own, and skipped arguments.
//!
//! ```text
//! cargo run --example redaction
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::time::Duration;

use anyhow::{Context as _, Result};
use prefactor::{Client, InstanceStatus, span};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Customer {
    name: &'static str,
    /// Hidden by its name, whatever it holds.
    password: &'static str,
    /// Sent by default; the rule below hides it by its form.
    number: &'static str,
}

/// The built-in rules find keys and tokens by their shape, also within a `note`. `skip` leaves `document` out: it is
/// for arguments that are large, or must not leave the process.
#[span("agent:check_customer", skip(document))]
fn check_customer(customer: &Customer, note: &str, document: &[u8]) -> usize {
    let _ = (customer, note);
    document.len()
}

/// Replaces the numbers of customers, such as `C-20418`. A rule sees the name and the text of each value.
fn hide_customers(_name: &str, text: &str) -> Option<String> {
    let digits = text.strip_prefix("C-")?;
    digits.chars().all(|c| c.is_ascii_digit()).then(|| "[CUSTOMER]".to_owned())
}

#[tokio::main]
async fn main() -> Result<()> {
    let server = prefactor_local::Server::start()?;
    let builder = Client::builder().api_url(server.url()).api_token(server.token());
    let client = builder.redact(hide_customers).build()?;
    let instance = client.register("support");
    instance.in_scope(|| {
        let customer = Customer { name: "Ada", password: "hunter2", number: "C-20418" };
        check_customer(&customer, "she wrote: my key is sk-proj-abcdefghijklmnopqrstuvwx", b"a long letter")
    });
    instance.finish(InstanceStatus::Complete);
    println!("{}", client.shutdown_async(Duration::from_secs(5)).await);
    println!("{}", stored_payload(&server, &instance.id().context("the run is registered")?).await?);
    Ok(())
}

/// The payload of the run's span, as the server has stored it.
async fn stored_payload(server: &prefactor_local::Server, run: &str) -> Result<String> {
    let url = format!("{}/api/v1/agent_spans?agent_instance_id={run}", server.url());
    let request = reqwest::Client::new().get(url).bearer_auth(server.token());
    let answer: Value = request.send().await?.json().await?;
    Ok(serde_json::to_string_pretty(&answer["summaries"][0]["payload"])?)
}
