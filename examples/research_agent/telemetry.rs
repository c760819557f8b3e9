//! The destination of the spans: the server that the environment names, else one in this process.

use std::env;
use std::time::Duration;

use prefactor::{Agent, AgentInstance, Client, ShutdownGuard};
use prefactor_local::Server;

use crate::{trace, tree};

/// The timeout of the shutdown: long enough for a server far away, short enough at a prompt.
const DEADLINE: Duration = Duration::from_secs(5);

/// The client of this process, and the local server if there is one.
pub(crate) struct Telemetry {
    guard: ShutdownGuard,
    server: Option<Server>,
}

impl Telemetry {
    pub(crate) fn start(agent: Agent) -> Result<Self, Box<dyn std::error::Error>> {
        if env::var_os("PREFACTOR_API_TOKEN").is_some() && env::var_os("PREFACTOR_API_URL").is_some() {
            return Ok(Self { guard: prefactor::init()?, server: None });
        }
        let server = Server::start()?;
        let guard =
            Client::builder().api_url(server.url()).api_token(server.token()).agent(agent).install()?;
        Ok(Self { guard, server: Some(server) })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.guard
    }

    /// Delivers the remaining spans, and returns lines for the terminal about the run on the server.
    pub(crate) async fn report(&self, instance: &AgentInstance, serve: bool) -> String {
        let delivered = self.guard.shutdown_async(DEADLINE).await;
        let (Some(server), Some(id)) = (&self.server, instance.id()) else {
            return format!("Telemetry: {delivered}");
        };
        let tree = match trace::fetch(server, &id).await {
            Ok(spans) => tree::draw(&spans),
            Err(error) => format!("The trace could not be read back: {error}"),
        };
        let how = if serve { "until ctrl-c" } else { "--serve keeps it open" };
        format!("{tree}\n\nTelemetry: {delivered}\nTrace page: {} ({how})", server.trace_url(&id))
    }

    /// Keeps the trace page open until ctrl-c. There is none here when the spans went to another server.
    pub(crate) fn serve(self) {
        if let Some(server) = self.server {
            server.wait();
        }
    }
}
