//! A builder whose settings have no effect.

use std::time::Duration;

use crate::disabled::client::{Client, ShutdownGuard, init};
use crate::disabled::export::{SpanExporter, SpanProcessor};
use crate::transport::Transport;
use crate::types::agent::Agent;
use crate::types::error::Error;
use crate::types::redaction_mode::RedactionMode;
use crate::types::schema::registry::SchemaRegistry;

/// The builder, without effect.
#[derive(Clone, Debug)]
#[must_use = "call .install() or .build()"]
pub struct ClientBuilder;

macro_rules! ignored_settings {
    ($($name:ident($($argument:ty),*);)*) => {$(
        /// Ignored.
        pub fn $name(self, $(_: $argument),*) -> Self {
            self
        }
    )*};
}

impl ClientBuilder {
    ignored_settings! {
        api_url(impl Into<String>);
        api_token(impl Into<String>);
        api_token_file(impl Into<std::path::PathBuf>);
        api_token_provider(
            impl Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static
        );
        redaction(RedactionMode);
        agent(impl Into<Agent>);
        agent_id(impl Into<String>);
        environment_id(impl Into<String>);
        disabled(bool);
        sdk_entry(impl Into<String>);
        capture_inputs(bool);
        capture_outputs(bool);
        max_input_length(usize);
        max_output_length(usize);
        max_debug_length(usize);
        max_list_numbers(usize);
        sample_rate(f64);
        sample_rate_of(impl Into<String>, f64);
        keep_failures(bool);
        propagate_runs(bool);
        terminable(bool);
        read_usage(bool);
        max_queue_operations(usize);
        max_queue_bytes(usize);
        allow_insecure_http(bool);
        add_root_certificates_pem(impl Into<Vec<u8>>);
        request_timeout(Duration);
        shutdown_timeout(Duration);
        drain_timeout(Duration);
        shutdown_on_exit(Duration);
        redact(impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static);
        allow(impl Into<String>);
        transport(impl Transport);
        processor(impl SpanProcessor);
        exporter(impl SpanExporter);
        console();
        file(impl Into<std::path::PathBuf>);
        prefactor();
        schemas(SchemaRegistry);
    }

    /// The client, without effect.
    ///
    /// # Errors
    ///
    /// None.
    pub fn build(self) -> Result<Client, Error> {
        Ok(Client)
    }

    /// The guard, without effect.
    ///
    /// # Errors
    ///
    /// None.
    pub fn install(self) -> Result<ShutdownGuard, Error> {
        init()
    }
}

impl Client {
    /// Settings that nobody reads.
    pub fn builder() -> ClientBuilder {
        ClientBuilder
    }
}
