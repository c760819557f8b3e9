//! Settings of the destination OpenAI: its address and keys.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::exporter::{KeyForTrace, Keys, OpenAiExporter};
use crate::config::settings::Settings;
use crate::export::exporter::SpanExporter;
use crate::export::record::TraceRecord;
use crate::transport::http::endpoint::{Endpoint, EndpointConfig, HeaderText};
use crate::types::error::Error;

/// The address of the official client, for which values are cut to its limits.
pub(super) const DEFAULT_ENDPOINT: &str = "https://api.openai.com/v1/traces/ingest";
/// Of one request; the official client waits for 60 s, three times.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of an exporter to OpenAI's traces ingest. A setting that is not given is read from the environment, else it has its default.
///
/// | variable | setting |
/// |---|---|
/// | `OPENAI_API_KEY` | [`api_key`](OpenAi::api_key) |
/// | `OPENAI_ORG_ID` | [`organization`](OpenAi::organization) |
/// | `OPENAI_PROJECT_ID` | [`project`](OpenAi::project) |
///
/// A run goes before its spans, and a span when it ends, in batches of at most 128 items, one request at a time. Requests that
/// are answered by 408, 409, 429 or 5xx, or not at all, are repeated until they succeed, within the bounds of the queue and of
/// the shutdown; `Retry-After` and `x-should-retry` are honoured. One request takes at most [`timeout`](OpenAi::timeout), so a
/// server that hangs costs a shutdown no more than its own deadline. An item that the server refuses does not cost its batch.
///
/// # Examples
///
/// ```no_run
/// use prefactor::Client;
/// use prefactor::export::OpenAi;
///
/// let openai = OpenAi::new().organization("org-demo");
/// let _prefactor = Client::builder().openai(openai).install()?;
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "give it to ClientBuilder::openai"]
pub struct OpenAi {
    api_key: Option<Zeroizing<String>>,
    key_for: Option<KeyForTrace>,
    organization: Option<String>,
    project: Option<String>,
    endpoint: Option<String>,
    timeout: Option<Duration>,
    has_content: Option<bool>,
}

impl OpenAi {
    /// With everything as the environment says.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key, `OPENAI_API_KEY`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// The key for a run: `None` means [`api_key`](OpenAi::api_key). Runs with different keys are sent in different
    /// requests. It is called on the exporter's thread; if it panics, the batch is dropped and counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::export::OpenAi;
    ///
    /// let openai = OpenAi::new().api_key_for(|trace| (trace.agent.name() == "billing").then(|| "sk-billing".to_owned()));
    /// # drop(openai);
    /// ```
    pub fn api_key_for(
        mut self,
        rule: impl Fn(&TraceRecord) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.key_for = Some(Arc::new(rule));
        self
    }

    /// The organization, `OPENAI_ORG_ID`.
    pub fn organization(mut self, id: impl Into<String>) -> Self {
        self.organization = Some(id.into());
        self
    }

    /// The project, `OPENAI_PROJECT_ID`.
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.project = Some(id.into());
        self
    }

    /// Another address. Values are then sent as they are: the limits of OpenAI's own are its.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::export::OpenAi;
    ///
    /// let openai = OpenAi::new().api_key("sk-test").endpoint("http://127.0.0.1:4318/v1/traces/ingest").content(false);
    /// # drop(openai);
    /// ```
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// How long one request may take. Default: 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether arguments, results and the messages of errors are sent. Default: they are, as far as they are captured.
    pub fn content(mut self, has_content: bool) -> Self {
        self.has_content = Some(has_content);
        self
    }

    /// Checks everything and sends nothing.
    pub(crate) fn build(
        self,
        settings: &Settings,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<impl SpanExporter + use<>, Error> {
        let given =
            |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let key = self.api_key.or_else(|| given("OPENAI_API_KEY").map(Zeroizing::new));
        if key.is_none() && self.key_for.is_none() {
            return Err(Error::configuration(
                "the exporter to OpenAI has no key: set OPENAI_API_KEY, or call OpenAi::api_key",
            ));
        }
        let key = key
            .map(|key| header("OPENAI_API_KEY", &Zeroizing::new(format!("Bearer {}", key.trim()))))
            .transpose()?;
        let organization = self.organization.or_else(|| given("OPENAI_ORG_ID"));
        let project = self.project.or_else(|| given("OPENAI_PROJECT_ID"));
        let mut headers = vec![("openai-beta".to_owned(), Zeroizing::new("traces=v1".to_owned()))];
        for (name, value) in [("openai-organization", organization), ("openai-project", project)] {
            headers.extend(value.map(|value| (name.to_owned(), Zeroizing::new(value))));
        }
        let url = self.endpoint.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let is_default = url.trim_end_matches('/') == DEFAULT_ENDPOINT;
        let timeout = self.timeout.unwrap_or(DEFAULT_TIMEOUT);
        let config = EndpointConfig {
            setting: "OpenAi::endpoint",
            url,
            headers,
            timeout,
            root_certificates_pem: None,
        };
        Ok(OpenAiExporter {
            endpoint: Endpoint::new(config, settings)?,
            keys: Keys { key, key_for: self.key_for },
            is_default,
            has_content: self.has_content.unwrap_or(true),
            known: std::sync::Mutex::default(),
            settled: std::sync::Mutex::default(),
        })
    }
}

fn header(setting: &str, text: &str) -> Result<HeaderText, Error> {
    HeaderText::new(text).ok_or_else(|| {
        Error::configuration(format!(
            "{setting} has characters that HTTP does not allow: set it to the key as OpenAI shows it"
        ))
    })
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OpenAi").finish_non_exhaustive()
    }
}
