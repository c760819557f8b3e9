//! Asks the server by reqwest and reports one span, both over TLS.

use std::error::Error;
use std::time::Duration;

use prefactor::{Client, span};

#[span("tls:ask")]
async fn ask(url: &str, authority: &[u8]) -> Result<u16, reqwest::Error> {
    let authority = reqwest::Certificate::from_pem(authority)?;
    let client = reqwest::Client::builder().tls_certs_merge([authority]).build()?;
    Ok(client.get(url).send().await?.status().as_u16())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("PREFACTOR_API_URL")?;
    let authority = std::fs::read(std::env::var("TEST_AUTHORITY")?)?;
    let prefactor = Client::builder().add_root_certificates_pem(authority.clone()).install()?;
    ask(&url, &authority).await?;
    let report = prefactor.shutdown_async(Duration::from_secs(30)).await;
    if report.stats.acknowledged == 1 { Ok(()) } else { Err(report.to_string().into()) }
}
