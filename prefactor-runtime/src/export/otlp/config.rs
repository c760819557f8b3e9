//! Settings of the destination OTLP: its address and the content of spans.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use zeroize::Zeroizing;

use super::bodies::Bodies;
use super::environment::Environment;
use super::exporter::OtlpExporter;
use super::vocabulary::Vocabulary;
use crate::config::settings::Settings;
use crate::export::exporter::{Batching, SpanExporter};
use crate::transport::http::endpoint::{Endpoint, EndpointConfig};
use crate::types::error::Error;

const COLLECTOR: &str = "http://localhost:4318/v1/traces";
const PHOENIX: &str = "http://localhost:6006";
const LANGFUSE: &str = "https://cloud.langfuse.com";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// A receiver that is 50 ms away then gets up to 160,000 spans a second.
const MAX_IN_FLIGHT: usize = 16;

/// Settings of an exporter to an OTLP receiver, by HTTP and protobuf. Settings that are not given are read from the variables of
/// OpenTelemetry, then has its default.
///
/// | variable | setting |
/// |---|---|
/// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | [`endpoint`](Otlp::endpoint) |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | the same without `/v1/traces` |
/// | `OTEL_EXPORTER_OTLP_HEADERS` | [`header`](Otlp::header), as `key=value,key=value` with percent-encoding |
/// | `OTEL_EXPORTER_OTLP_TIMEOUT` | [`timeout`](Otlp::timeout), in milliseconds |
/// | `OTEL_EXPORTER_OTLP_COMPRESSION` | `gzip` (with the feature `otlp-gzip`) or `none` |
/// | `OTEL_EXPORTER_OTLP_CERTIFICATE` | a PEM file with certificate authorities |
/// | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf`, the only one that there is |
/// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | [`service_name`](Otlp::service_name), [`resource_attribute`](Otlp::resource_attribute) |
/// | `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` | [`content`](Otlp::content): `true`, `false`, `span_only`, `no_content` and their like |
///
/// `OTEL_EXPORTER_OTLP_TRACES_…` takes precedence over `OTEL_EXPORTER_OTLP_…`. The presets [`phoenix`] and [`langfuse`] keep
/// their own address and headers and take everything else from there.
///
/// A span is sent when it ends, in batches of at most 512 spans and one second, of which up to 16 are on their way at a time. Its attributes are those of OpenTelemetry's
/// `GenAI` conventions (v1.41), of `OpenInference` and of Langfuse, side by side, for receivers read one or the other. A receiver
/// that is busy (429, 502, 503, 504) or out of reach gets the batch again; other refused spans are dropped and counted.
///
/// # Examples
///
/// ```no_run
/// use prefactor::Client;
/// use prefactor::export::otlp;
///
/// let _prefactor = Client::builder().otlp(otlp::collector().service_name("researcher")).install()?;
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "give it to ClientBuilder::otlp"]
pub struct Otlp {
    name: &'static str,
    /// `None`: ask the environment.
    endpoint: Option<(&'static str, String)>,
    headers: Vec<(String, Zeroizing<String>)>,
    timeout: Option<Duration>,
    is_packed: Option<bool>,
    service_name: Option<String>,
    resource: Vec<(String, String)>,
    has_content: Option<bool>,
    batching: Batching,
    /// Whether headers of the environment are for this receiver.
    takes_headers: bool,
}

/// A receiver of OTLP such as an OpenTelemetry Collector or Jaeger: `http://localhost:4318/v1/traces`, unless the
/// environment names another.
///
/// # Examples
///
/// ```
/// use prefactor::Client;
/// use prefactor::export::otlp;
///
/// let collector = otlp::collector()
///     .endpoint("http://127.0.0.1:4318/v1/traces")
///     .service_name("researcher")
///     .resource_attribute("deployment.environment.name", "staging")
///     .header("x-team", "agents");
/// let builder = Client::builder().otlp(collector);
/// # drop(builder);
/// ```
pub fn collector() -> Otlp {
    Otlp {
        name: "otlp",
        endpoint: None,
        headers: Vec::new(),
        timeout: None,
        is_packed: None,
        service_name: None,
        resource: Vec::new(),
        has_content: None,
        batching: Batching::default().max_in_flight(MAX_IN_FLIGHT),
        takes_headers: true,
    }
}

/// Arize Phoenix: `http://localhost:6006`, unless `PHOENIX_COLLECTOR_ENDPOINT` names another, with the key of
/// `PHOENIX_API_KEY` and the project of `PHOENIX_PROJECT_NAME` if they are set.
///
/// # Examples
///
/// ```
/// use prefactor::Client;
/// use prefactor::export::otlp;
///
/// let builder = Client::builder().otlp(otlp::phoenix().project("research"));
/// # drop(builder);
/// ```
pub fn phoenix() -> Otlp {
    Otlp { name: PHOENIX_NAME, takes_headers: false, ..collector() }
}

/// Langfuse, with the two keys of a project: `https://cloud.langfuse.com`, unless `LANGFUSE_HOST` names another.
///
/// # Examples
///
/// ```no_run
/// use prefactor::Client;
/// use prefactor::export::otlp;
///
/// let builder = Client::builder().otlp(otlp::langfuse("pk-lf-1234", std::env::var("LANGFUSE_SECRET_KEY")?));
/// # drop(builder);
/// # Ok::<(), std::env::VarError>(())
/// ```
pub fn langfuse(public_key: impl AsRef<str>, secret_key: impl AsRef<str>) -> Otlp {
    let pair = Zeroizing::new(format!("{}:{}", public_key.as_ref(), secret_key.as_ref()));
    let basic = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(pair.as_bytes()));
    Otlp { name: LANGFUSE_NAME, takes_headers: false, ..collector() }
        .header("authorization", basic)
        // Without this header, Langfuse shows spans up to ten minutes late.
        .header("x-langfuse-ingestion-version", "4")
}

const PHOENIX_NAME: &str = "phoenix";
const LANGFUSE_NAME: &str = "langfuse";

impl Otlp {
    /// The address to which traces are posted, with its path: as in `http://127.0.0.1:4318/v1/traces`.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(("Otlp::endpoint", url.into()));
        self
    }

    /// Adds a header to each request. Headers are not sent in clear text to another machine, unless
    /// [`allow_insecure_http`](crate::ClientBuilder::allow_insecure_http) says otherwise.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Zeroizing::new(value.into())));
        self
    }

    /// How long one request may take. Default: 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether bodies are packed by gzip. Default: they are not.
    ///
    /// # Examples
    ///
    /// ```
    /// let collector = prefactor::export::otlp::collector().gzip(true);
    /// # drop(collector);
    /// ```
    #[cfg(feature = "otlp-gzip")]
    pub fn gzip(mut self, is_packed: bool) -> Self {
        self.is_packed = Some(is_packed);
        self
    }

    /// The attribute `service.name` of the resource. Default: the name of the agent.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = Some(name.into());
        self
    }

    /// Adds an attribute to the resource, such as `deployment.environment.name`.
    pub fn resource_attribute(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.resource.push((key.into(), value.into()));
        self
    }

    /// The project in Phoenix: the resource's attribute `openinference.project.name`.
    pub fn project(self, name: impl Into<String>) -> Self {
        self.resource_attribute("openinference.project.name", name)
    }

    /// Whether arguments, results and messages are sent. Default: they are, as far as they are captured. Without them
    /// there are kinds, names, times, statuses, tokens and costs.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::export::otlp;
    ///
    /// let without_prompts = otlp::collector().content(false);
    /// # drop(without_prompts);
    /// ```
    pub fn content(mut self, has_content: bool) -> Self {
        self.has_content = Some(has_content);
        self
    }

    /// How much goes into a request, and when.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::export::{Batching, otlp};
    ///
    /// let eager = otlp::collector()
    ///     .name("otlp-eager")
    ///     .timeout(Duration::from_secs(2))
    ///     .batching(Batching::default().delay(Duration::from_millis(100)));
    /// # drop(eager);
    /// ```
    pub fn batching(mut self, batching: Batching) -> Self {
        self.batching = batching;
        self
    }

    /// The name under which its counts are, in [`Client::processor_stats`](crate::Client::processor_stats). Default: `otlp`,
    /// `phoenix` or `langfuse`.
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Checks everything and sends nothing.
    pub(crate) fn build(
        self,
        settings: &Settings,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<impl SpanExporter + use<>, Error> {
        let environment = Environment::read(lookup)?;
        let given = |name: &str| lookup(name).filter(|text| !text.trim().is_empty());
        let mut headers = self.headers;
        let mut resource = environment.resource;
        let base = |url: &str, path: &str| format!("{}{path}", url.trim().trim_end_matches('/'));
        let (setting, url) = match (self.endpoint, self.name) {
            (Some(endpoint), _) => endpoint,
            (None, PHOENIX_NAME) => {
                let url = given("PHOENIX_COLLECTOR_ENDPOINT").unwrap_or_else(|| PHOENIX.to_owned());
                ("PHOENIX_COLLECTOR_ENDPOINT", base(url.trim_end_matches("/v1/traces"), "/v1/traces"))
            }
            (None, LANGFUSE_NAME) => {
                let url = given("LANGFUSE_HOST").unwrap_or_else(|| LANGFUSE.to_owned());
                ("LANGFUSE_HOST", base(&url, "/api/public/otel/v1/traces"))
            }
            (None, _) => {
                environment.endpoint.unwrap_or(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", COLLECTOR.to_owned()))
            }
        };
        if self.name == PHOENIX_NAME {
            if let Some(key) = given("PHOENIX_API_KEY") {
                headers.push(("authorization".to_owned(), Zeroizing::new(format!("Bearer {}", key.trim()))));
            }
            if let Some(project) = given("PHOENIX_PROJECT_NAME") {
                resource.push(("openinference.project.name".to_owned(), project));
            }
        }
        if self.takes_headers {
            let is_new = |name: &str| !headers.iter().any(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
            let more: Vec<_> = environment.headers.into_iter().filter(|(name, _)| is_new(name)).collect();
            headers.extend(more);
        }
        for (key, value) in self.resource {
            resource.retain(|(theirs, _)| *theirs != key);
            resource.push((key, value));
        }
        let is_packed = self.is_packed.or(environment.is_packed).unwrap_or(false);
        if is_packed && cfg!(not(feature = "otlp-gzip")) {
            return Err(Error::configuration(
                "OTEL_EXPORTER_OTLP_COMPRESSION is gzip, but prefactor was built without it: enable its feature `otlp-gzip`, \
                 or set the variable to none",
            ));
        }
        let endpoint = EndpointConfig {
            setting,
            url,
            headers,
            timeout: self.timeout.or(environment.timeout).unwrap_or(DEFAULT_TIMEOUT),
            root_certificates_pem: environment
                .certificate_file
                .map(|file| certificates(&file))
                .transpose()?,
        };
        Ok(OtlpExporter {
            name: self.name,
            endpoint: Endpoint::new(endpoint, settings)?,
            bodies: Bodies::default(),
            vocabulary: Vocabulary {
                has_content: self.has_content.or(environment.has_content).unwrap_or(true),
                service_name: self.service_name.or(environment.service_name),
                resource,
            },
            batching: self.batching,
            #[cfg(feature = "otlp-gzip")]
            is_packed,
        })
    }
}

fn certificates(file: &str) -> Result<Vec<u8>, Error> {
    std::fs::read(file).map_err(|cause| {
        Error::configuration(format!(
            "OTEL_EXPORTER_OTLP_CERTIFICATE names a file that cannot be read ({cause}): give it a PEM file such as ca.pem"
        ))
    })
}

impl fmt::Debug for Otlp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Otlp").field("name", &self.name).finish_non_exhaustive()
    }
}
