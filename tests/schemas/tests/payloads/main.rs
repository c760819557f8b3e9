//! Recorded payloads are valid under the contributed schemas, which the server checks, whatever stands in a value's
//! place.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

mod corpus;
mod validity;
mod versions;

use std::time::Duration;

use prefactor::{Client, ClientBuilder};
use prefactor_local::Server;

const TIMEOUT: Duration = Duration::from_secs(60);

fn builder(server: &Server) -> ClientBuilder {
    Client::builder().api_url(server.url()).api_token(server.token())
}
