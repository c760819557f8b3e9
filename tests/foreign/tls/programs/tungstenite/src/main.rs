//! Asks the server by reqwest and by a websocket, and reports a span for each, all over TLS.
//!
//! The websocket relies on the one provider that rustls finds by itself: with two in the program it panics.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use prefactor::{Client, span};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

#[span("tls:ask")]
async fn ask(url: &str, authority: &[u8]) -> Result<u16, reqwest::Error> {
    let authority = reqwest::Certificate::from_pem(authority)?;
    let client = reqwest::Client::builder().tls_certs_merge([authority]).build()?;
    Ok(client.get(url).send().await?.status().as_u16())
}

/// The server answers with an ordinary page: the TLS connection is what is shown.
#[span("tls:connect", skip(authority))]
async fn connect(url: &str, authority: CertificateDer<'static>) -> Result<u16, Box<dyn Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    roots.add(authority)?;
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = Connector::Rustls(Arc::new(config));
    match connect_async_tls_with_config(url, None, false, Some(connector)).await {
        Err(WebSocketError::Http(response)) => Ok(response.status().as_u16()),
        Ok(_) => Err("the server is not one for websockets".into()),
        Err(error) => Err(error.into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let url = std::env::var("PREFACTOR_API_URL")?;
    let authority = std::fs::read(std::env::var("TEST_AUTHORITY")?)?;
    let prefactor = Client::builder().add_root_certificates_pem(authority.clone()).install()?;
    ask(&url, &authority).await?;
    connect(&url.replace("https://", "wss://"), CertificateDer::from_pem_slice(&authority)?).await?;
    let report = prefactor.shutdown_async(Duration::from_secs(30)).await;
    if report.stats.acknowledged == 2 { Ok(()) } else { Err(report.to_string().into()) }
}
