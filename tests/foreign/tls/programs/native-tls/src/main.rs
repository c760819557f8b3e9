//! Makes a client of each kind with the TLS of the operating system.

use std::error::Error;

use prefactor::{Client, span};

#[span("tls:build", ret(skip))]
fn build() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().build()
}

fn main() -> Result<(), Box<dyn Error>> {
    let _prefactor = Client::builder().api_url("https://127.0.0.1:1").api_token("token").install()?;
    build()?;
    Ok(())
}
