//! The typed client, from the same settings.

use std::sync::Arc;

use crate::api::ApiClient;
use crate::client::builder::ClientBuilder;
use crate::config::settings::Settings;
use crate::transport::http::HttpTransport;
use crate::types::error::Error;
use crate::types::schema::version::SchemaVersion;

impl ClientBuilder {
    /// Builds a typed client for the endpoints of the API, instead of one that records spans.
    ///
    /// It takes the address, the token and all that concerns the connection, the agent's and the environment's id, and the schemas,
    /// each from the builder or the environment. Nothing else of the builder matters to it, [`disabled`](Self::disabled) included.
    /// A token that comes from a file or a provider is read in the task that sends the request.
    ///
    /// # Errors
    ///
    /// When a setting is missing or malformed ([`Error::is_configuration`]). The server is not asked.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let api = Client::builder().api_url("http://127.0.0.1:7411").api_token("a-token").api_client()?;
    /// # drop(api);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn api_client(self) -> Result<ApiClient, Error> {
        let settings = Settings { disabled: Some(false), ..self.settings };
        let settings = settings.with_environment(|name| std::env::var_os(name))?;
        let mut identity = settings.identity()?;
        identity.schema_version = Arc::new(SchemaVersion::new(self.schemas));
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(&settings)?.for_lists()),
        };
        Ok(ApiClient::new(transport, identity))
    }
}
