//! Is refused without a provider, then installs its own and reports one span with it.

use std::error::Error;
use std::time::Duration;

use prefactor::{Client, ClientBuilder, span};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

fn builder() -> Result<ClientBuilder, Box<dyn Error>> {
    let authority = std::fs::read(std::env::var("TEST_AUTHORITY")?)?;
    Ok(Client::builder().add_root_certificates_pem(authority))
}

fn main() -> Result<(), Box<dyn Error>> {
    let Err(refusal) = builder()?.build() else { return Err("it was built without a provider".into()) };
    if !(refusal.is_configuration() && refusal.to_string().contains("install_default")) {
        return Err(refusal.into());
    }
    let own = CryptoProvider {
        cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
        ..aws_lc_rs::default_provider()
    };
    own.install_default().map_err(|_| "another provider was installed before")?;
    let prefactor = builder()?.install()?;
    span("tls:own").complete(&());
    let report = prefactor.shutdown(Duration::from_secs(30));
    if report.stats.acknowledged == 1 { Ok(()) } else { Err(report.to_string().into()) }
}
