//! Makes a configuration with the provider that rustls finds by itself, which panics where there are two.

use prefactor::{Client, span};
use rustls::{ClientConfig, RootCertStore};

#[span("tls:configure", ret(skip))]
fn configure() -> ClientConfig {
    ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn main() -> Result<(), prefactor::Error> {
    let _prefactor = Client::builder().api_url("https://127.0.0.1:1").api_token("token").install()?;
    configure();
    Ok(())
}
