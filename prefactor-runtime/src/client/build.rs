//! Makes a client from its settings.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};

use crate::client::builder::ClientBuilder;
use crate::client::destinations;
use crate::client::exit_hook;
use crate::client::guard::ShutdownGuard;
use crate::client::handle::Client;
#[cfg(feature = "spool")]
use crate::client::spool_owner;
use crate::config::misspelt::misspelt;
use crate::config::settings::Settings;
use crate::config::variable::{self, OthersVariables};
use crate::delivery::pipeline::{PipelineConfig, TransportFactory};
use crate::manager::client_state::ClientState;
use crate::manager::installed;
use crate::manager::panics;
use crate::manager::span_manager::SpanManager;
use crate::platform::internal_log;
use crate::redaction::Mode;
use crate::types::error::Error;
use crate::types::redaction_mode::RedactionMode;
use crate::types::schema::version::SchemaVersion;

impl ClientBuilder {
    /// Builds a client that serves only the instances registered with it.
    ///
    /// # Errors
    ///
    /// When a setting is missing or malformed ([`Error::is_configuration`]), or the delivery thread cannot be
    /// started. The server is not asked: nothing here waits for the network. When nothing will be recorded, the log line
    /// that says so is waited for, one second at most.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let client = Client::builder().api_url("http://127.0.0.1:7411").api_token("a-token").build()?;
    /// # drop(client);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn build(self) -> Result<Client, Error> {
        for (name, meant) in misspelt(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
            internal_log::log_always(&format!(
                "{name} is set, and nothing reads it: {meant} is the variable"
            ));
        }
        let built = self.build_with(|name| std::env::var_os(name));
        if !built.as_ref().is_ok_and(Client::is_enabled) {
            // Where there is nothing to shut down, nothing else waits for the lines before the program ends.
            internal_log::wait_for_lines();
        }
        built
    }

    /// Builds the client of the process: the one for all spans that are made outside of any other.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`], and when a client is installed already ([`Error::is_already_installed`]).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// fn main() -> Result<(), prefactor::Error> {
    ///     let _prefactor = prefactor::Client::builder().capture_outputs(false).install()?;
    ///     // the agent
    ///     Ok(())
    /// }
    /// ```
    pub fn install(self) -> Result<ShutdownGuard, Error> {
        let state = installed::install(|| Ok(self.build()?.into_state()))?;
        Ok(ShutdownGuard::new(Client::of(state)))
    }

    /// As [`ClientBuilder::build`], without the environment.
    pub(crate) fn build_without_environment(self) -> Result<Client, Error> {
        self.build_with(|_| None)
    }

    pub(super) fn build_with(mut self, lookup: impl Fn(&str) -> Option<OsString>) -> Result<Client, Error> {
        let settings = self.settings.with_environment(&lookup)?;
        let variables = OthersVariables::new(&lookup);
        let text = |name: &str| variables.text(name);
        let agent = settings.agent();
        let (shutdown, drain) = (settings.shutdown_timeout(), settings.drain_timeout());
        let new_state = |manager| ClientState::new(manager, agent, shutdown, drain);
        let names_none = !settings.is_disabled()
            && self.transport.is_none()
            && self.destinations.is_empty()
            && !self.sends_to_prefactor;
        if names_none {
            let named = destinations::named(&text(variable::EXPORTERS).unwrap_or_default(), &text);
            variables.check()?;
            let named = named?;
            if named.is_nothing {
                return Ok(Client::of(Arc::new(new_state(None))));
            }
            (self.sends_to_prefactor, self.destinations) = (named.has_prefactor, named.destinations);
        }
        let has_destination =
            self.transport.is_some() || !self.destinations.is_empty() || self.sends_to_prefactor;
        let is_set_up = has_destination || is_set_up(&settings);
        if !is_set_up && !settings.is_disabled() {
            internal_log::log_always(
                "no spans are recorded: set PREFACTOR_API_TOKEN to record them, PREFACTOR_EXPORTERS=console to see them \
                 in the terminal, or PREFACTOR_DISABLED=true to silence this line",
            );
        }
        if !is_set_up || settings.is_disabled() {
            return Ok(Client::of(Arc::new(new_state(None))));
        }
        let (mut identity, limits) = (settings.identity()?, settings.limits());
        identity.schema_version = Arc::new(SchemaVersion::new(self.schemas));
        #[cfg(feature = "spool")]
        let has_transport = self.transport.is_some();
        let sampling = settings.sampling()?;
        let transport = match self.transport {
            Some(transport) => TransportFactory::Given(transport),
            None if self.destinations.is_empty() || self.sends_to_prefactor => default_transport(&settings)?,
            None => TransportFactory::None,
        };
        let mut redaction = self.redaction;
        redaction.set_mode(match settings.redact.unwrap_or_default() {
            RedactionMode::Hide => Mode::Hide,
            RedactionMode::Mark => Mode::Mark,
            RedactionMode::Off => Mode::Off,
        });
        settings.redact_allow.iter().flatten().for_each(|name| redaction.allow(name.clone()));
        let sinks = destinations::build(self.destinations, &settings, &text);
        variables.check()?;
        let sinks = sinks?;
        #[cfg(feature = "spool")]
        if settings.spool.is_some() && matches!(transport, TransportFactory::None) {
            return Err(Error::configuration(
                "a spool keeps spans for the Prefactor API, and the client reports to processors alone: call \
                 .prefactor() as well, or leave .spool() and PREFACTOR_SPOOL_DIR out",
            ));
        }
        #[cfg(feature = "spool")]
        let spool = spool_owner::spool_of(&settings, has_transport, &identity, self.spool_owner)?;
        let manager = SpanManager::begin(PipelineConfig {
            queue: settings.queue(),
            limits,
            sampling,
            identity,
            names_runs: settings.propagate_runs.unwrap_or(true),
            drain_timeout: settings.shutdown_timeout(),
            redaction,
            is_terminable: settings.termination.unwrap_or(true),
            reads_usage: settings.read_usage.unwrap_or(false),
            transport,
            sinks: Mutex::new(sinks),
            #[cfg(feature = "spool")]
            spool,
        })?;
        panics::install_hook(exit_hook::before_abort);
        let state = new_state(Some(Arc::new(manager)));
        let client = Client::of(Arc::new(state));
        exit_hook::add(&client, settings.exit_hook);
        Ok(client)
    }
}

/// Whether spans have a destination. A program that names no part of the API runs without telemetry; one that names a part
/// gets an error that names the missing parts.
#[cfg(feature = "http")]
fn is_set_up(settings: &Settings) -> bool {
    settings.names_the_api()
}

/// Without a transport the error says so.
#[cfg(not(feature = "http"))]
fn is_set_up(_: &Settings) -> bool {
    true
}

#[cfg(feature = "http")]
#[expect(clippy::unnecessary_wraps, reason = "the form without HTTP has none")]
fn default_transport(settings: &Settings) -> Result<TransportFactory, Error> {
    use crate::transport::http::HttpTransport;
    let settings = settings.clone();
    Ok(TransportFactory::Made(Box::new(move || Ok(Arc::new(HttpTransport::new(&settings)?)))))
}

#[cfg(not(feature = "http"))]
fn default_transport(_: &Settings) -> Result<TransportFactory, Error> {
    Err(Error::configuration(
        "prefactor was built without a transport: enable its feature `http`, or give it one",
    ))
}
