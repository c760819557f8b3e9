//! The typed client, each of its requests against a server over HTTP.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod administration;
mod agents;
mod alerts;
mod bulk;
mod errors;
mod instances;
mod lists;
mod repeats;
mod settings;
mod spans;
mod versions;

use prefactor::Client;
use prefactor::api::{ApiClient, Instance};
use prefactor_local::Server;
use prefactor_local::oracle::Oracle;

/// A server of its own, and a client of it.
struct Case {
    server: Server,
    oracle: Oracle,
    api: ApiClient,
}

impl Case {
    fn new() -> Self {
        let oracle = Oracle::new();
        let server = Server::builder().oracle(&oracle).start().unwrap();
        let api = Client::builder().api_url(server.url()).api_token(server.token()).api_client().unwrap();
        Self { server, oracle, api }
    }

    /// How many requests have arrived.
    fn requests(&self) -> usize {
        self.oracle.ledger().requests().len()
    }

    /// A run that was registered and started.
    async fn run(&self) -> Instance {
        let run = self.api.instances().register("tester").await.unwrap();
        self.api.instances().start(&run.id).await.unwrap()
    }
}
