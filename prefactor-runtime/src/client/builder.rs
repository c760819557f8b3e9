//! The builder of a client.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::client::destinations::Destination;
use crate::client::handle::Client;
use crate::config::settings::Settings;
use crate::config::token::TokenSource;
use crate::redaction::Redaction;
#[cfg(feature = "spool")]
use crate::spool::owner::Owner;
use crate::transport::Transport;
use crate::types::agent::Agent;
use crate::types::schema::registry::SchemaRegistry;

/// Settings of a [`Client`](crate::Client). What is not set is read from the environment, then has its default.
///
/// # Examples
///
/// ```no_run
/// use prefactor::{Agent, Client};
///
/// # fn main() -> Result<(), prefactor::Error> {
/// let _prefactor = Client::builder()
///     .agent(Agent::new("researcher").with_version("2.1.0"))
///     .api_url("http://127.0.0.1:4000")
///     .install()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "call .install() or .build()"]
pub struct ClientBuilder {
    pub(super) settings: Settings,
    pub(super) transport: Option<Arc<dyn Transport>>,
    pub(super) redaction: Redaction,
    pub(super) destinations: Vec<Destination>,
    pub(super) sends_to_prefactor: bool,
    pub(super) schemas: SchemaRegistry,
    /// Whose journals are delivered, if that does not follow from the settings.
    #[cfg(feature = "spool")]
    pub(super) spool_owner: Option<Owner>,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::default(),
            transport: None,
            redaction: Redaction::default(),
            destinations: Vec::new(),
            sends_to_prefactor: false,
            schemas: SchemaRegistry::new(),
            #[cfg(feature = "spool")]
            spool_owner: None,
        }
    }

    /// The address of the API, `PREFACTOR_API_URL`. Default: `https://app.prefactorai.com`.
    ///
    /// An `https://` address is reached through the proxy of `HTTPS_PROXY` or `ALL_PROXY`, unless `NO_PROXY` names it.
    /// A loopback address is always reached directly, and it alone may begin with `http://`, unless
    /// [`allow_insecure_http`](ClientBuilder::allow_insecure_http) says otherwise.
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.settings.api_url = Some(url.into());
        self
    }

    /// The token, `PREFACTOR_API_TOKEN`. Required as soon as anything names the API: its address, an agent's id or an
    /// environment's id. A client that is told nothing of the API, and has no transport of its own, is disabled and logs
    /// one line that says so.
    pub fn api_token(mut self, token: impl Into<String>) -> Self {
        self.settings.token = Some(TokenSource::Fixed(Zeroizing::new(token.into())));
        self
    }

    /// A file with the token, `PREFACTOR_API_TOKEN_FILE`, as orchestrators mount them.
    ///
    /// It is read when the client is built, and again on the delivery thread: once a minute, and as soon as the API refuses the
    /// token, so that the file may change while the program runs.
    pub fn api_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.token = Some(TokenSource::File(path.into()));
        self
    }

    /// Asks the program for the token, for tokens that change while it runs.
    ///
    /// The closure is called on the delivery thread: before the first request, once a minute, and as soon as the API refuses the
    /// token. It may block, which holds up delivery and nothing else. While it fails, spans are kept and nothing is sent; what
    /// its error says is shown nowhere, for it may hold the token.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// # fn read_from_vault() -> Result<String, std::io::Error> { Ok("token".into()) }
    /// let builder = Client::builder().api_token_provider(|| read_from_vault().map_err(Into::into));
    /// # drop(builder);
    /// ```
    pub fn api_token_provider(
        mut self,
        provide: impl Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        self.settings.token = Some(TokenSource::Provider(Arc::new(provide)));
        self
    }

    /// The agent of the default instance, `PREFACTOR_AGENT_NAME` and `PREFACTOR_AGENT_IDENTIFIER`. Default: the name
    /// of the program's binary.
    pub fn agent(mut self, agent: impl Into<Agent>) -> Self {
        self.settings.agent = Some(agent.into());
        self
    }

    /// The agent's id, `PREFACTOR_AGENT_ID`. Needed with an account-wide token.
    pub fn agent_id(mut self, id: impl Into<String>) -> Self {
        self.settings.agent_id = Some(id.into());
        self
    }

    /// The environment's id, `PREFACTOR_ENVIRONMENT_ID`. Needed with an account-wide token.
    pub fn environment_id(mut self, id: impl Into<String>) -> Self {
        self.settings.environment_id = Some(id.into());
        self
    }

    /// The name and version of an adapter, the most specific first.
    ///
    /// The platform is told of it with each request and, as `agent_sdk`, with each registration. The integrations
    /// of this project [name themselves](crate::adapters::announce) once they are used, and need no entry; one such as
    /// `prefactor_tracing::SDK_ENTRY` names them before that.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().sdk_entry("prefactor-rig@0.1.0");
    /// # drop(builder);
    /// ```
    pub fn sdk_entry(mut self, entry: impl Into<String>) -> Self {
        let entry = entry.into();
        if !self.settings.sdk_entries.contains(&entry) {
            self.settings.sdk_entries.push(entry);
        }
        self
    }

    /// Whether to record nothing at all, `PREFACTOR_DISABLED`. Default: `false`.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.settings.disabled = Some(disabled);
        self
    }

    /// Whether arguments and payloads are captured, `PREFACTOR_CAPTURE_INPUTS`. Default: `true`. If not, every
    /// payload is `{}`.
    pub fn capture_inputs(mut self, capture: bool) -> Self {
        self.settings.capture_inputs = Some(capture);
        self
    }

    /// Whether results and errors are captured, `PREFACTOR_CAPTURE_OUTPUTS`. Default: `true`. If not, only the
    /// type of an error is.
    pub fn capture_outputs(mut self, capture: bool) -> Self {
        self.settings.capture_outputs = Some(capture);
        self
    }

    /// Characters of one text in an argument or a payload, `PREFACTOR_MAX_INPUT_LENGTH`. Default: 10,000. What is
    /// longer keeps its first seven tenths and its last three, with `... [truncated 5000 characters] ...` between them;
    /// the whole is no longer than the limit.
    pub fn max_input_length(mut self, characters: usize) -> Self {
        self.settings.max_input_length = Some(characters);
        self
    }

    /// Characters of an argument that is recorded by its `Debug` because its type has no `Serialize`,
    /// `PREFACTOR_MAX_DEBUG_LENGTH`. Default: 1,024.
    ///
    /// Most of them are handles, such as HTTP clients, whose text says little about the call. An argument that the attribute
    /// names in `debug(…)` may be as long as any other text, and so may a returned value.
    pub fn max_debug_length(mut self, characters: usize) -> Self {
        self.settings.max_debug_length = Some(characters);
        self
    }

    /// Numbers of one payload in lists of numbers, such as embeddings, `PREFACTOR_MAX_LIST_NUMBERS`. Default: 4,096.
    ///
    /// Every list keeps its first 16 numbers; of what is longer the lists keep so many in all, in their order. The last
    /// element of a list that was cut is `{"$truncated": n}`, with the number of those left out.
    pub fn max_list_numbers(mut self, numbers: usize) -> Self {
        self.settings.max_list_numbers = Some(numbers);
        self
    }

    /// Characters of one text in a result or an error, `PREFACTOR_MAX_OUTPUT_LENGTH`. Default: 10,000.
    pub fn max_output_length(mut self, characters: usize) -> Self {
        self.settings.max_output_length = Some(characters);
        self
    }

    /// The share of traces that are recorded, from 0 to 1, `PREFACTOR_SAMPLE_RATE`. Default: 1.
    ///
    /// It is decided once for each agent instance, and holds for all spans in it. An instance that is not recorded
    /// is not registered, has no id and is never terminated; its spans work as ever, take no arguments or results,
    /// and are counted as [`DropReason::SampledOut`](crate::DropReason::SampledOut).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().sample_rate(0.1);
    /// # drop(builder);
    /// ```
    pub fn sample_rate(mut self, rate: f64) -> Self {
        self.settings.sample_rate = Some(rate);
        self
    }

    /// The share of spans of one kind that are recorded, from 0 to 1, in the runs that are recorded. `PREFACTOR_SAMPLE_RATES` adds
    /// kinds that the program does not name.
    ///
    /// The decision is made when a span is made. What is left out takes no arguments and is counted as
    /// [`DropReason::SampledOut`](crate::DropReason::SampledOut); spans below it go under the span above it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().sample_rate_of("agent:heartbeat", 0.01);
    /// # drop(builder);
    /// ```
    pub fn sample_rate_of(mut self, schema_name: impl Into<String>, rate: f64) -> Self {
        self.settings.sample_rates.insert(schema_name.into(), rate);
        self
    }

    /// Whether spans that the sample rates leave out are recorded nevertheless where they fail, `PREFACTOR_KEEP_FAILURES`.
    /// Default: `false`.
    ///
    /// A failed span of a run that is left out is sent with the spans above it, and its run is registered then. Until it is known
    /// how they end, starts of spans are held in memory: their payloads with at most a quarter of
    /// [`max_queue_bytes`](ClientBuilder::max_queue_bytes), beyond which spans are held without theirs. What ends well, with all
    /// below it, is counted as [`DropReason::SampledOut`](crate::DropReason::SampledOut) then. Processors and exporters hear of what
    /// is sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().sample_rate(0.01).keep_failures(true);
    /// # drop(builder);
    /// ```
    pub fn keep_failures(mut self, keep: bool) -> Self {
        self.settings.keep_failures = Some(keep);
        self
    }

    /// Whether trace contexts that are [injected](crate::Context::inject) name the run and the span in `tracestate`, for callees
    /// that [join](crate::Client::join) the run, `PREFACTOR_PROPAGATE_RUNS`. Default: `true`. The ids are no secrets; without
    /// them a callee can only be linked.
    pub fn propagate_runs(mut self, propagate: bool) -> Self {
        self.settings.propagate_runs = Some(propagate);
        self
    }

    /// How many operations may wait for delivery before new spans are dropped and counted, `PREFACTOR_MAX_QUEUE_OPERATIONS`. An
    /// operation is the start or the end of a span. Default: one for each 256 bytes of [`max_queue_bytes`](ClientBuilder::max_queue_bytes), so that
    /// the bytes decide for spans of ordinary size; at most 2,097,152, to which larger values are reduced.
    pub fn max_queue_operations(mut self, operations: usize) -> Self {
        self.settings.max_queue_operations = Some(operations);
        self
    }

    /// How many bytes of payloads may wait for delivery before new spans are dropped and counted, `PREFACTOR_MAX_QUEUE_BYTES`.
    /// Default: 64 MiB; at most 512 GiB, to which larger values are reduced. The queue takes memory only for what waits: these bytes, and
    /// about 300 more for each operation.
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_queue_bytes = Some(bytes);
        self
    }

    /// How long one request may take, from the connection to the last byte of the answer, `PREFACTOR_REQUEST_TIMEOUT` in
    /// seconds. Default: 10 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = Some(timeout);
        self
    }

    /// Whether the token may be sent in clear text to another machine: whether an `http://` address is accepted that
    /// is not a loopback address, `PREFACTOR_ALLOW_INSECURE_HTTP`. Default: `false`. Everybody on the way can then read the token and the spans.
    ///
    /// Such an address is never reached through a proxy, and building the client logs a warning.
    #[cfg(feature = "http")]
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.settings.allow_insecure_http = Some(allow);
        self
    }

    /// Trusts further certificate authorities for `https://`, besides those of the operating system (on Linux those
    /// in `SSL_CERT_FILE` and `SSL_CERT_DIR`, where these are set). Takes a PEM text with one or more certificates,
    /// and may be called more than once. Verification itself cannot be turned off.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let _prefactor = Client::builder().add_root_certificates_pem(std::fs::read("company-ca.pem")?).install()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(any(feature = "__rustls", feature = "native-tls"))]
    pub fn add_root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates_pem.push(pem.into());
        self
    }

    /// How long the [`ShutdownGuard`](crate::ShutdownGuard) may block when it is dropped, `PREFACTOR_SHUTDOWN_TIMEOUT` in seconds. Default:
    /// 5 s.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = Some(timeout);
        self
    }

    /// How long the program may drain after a signal before [`Client::shutdown_on_signal`](crate::Client::shutdown_on_signal) ends it,
    /// `PREFACTOR_DRAIN_TIMEOUT` in seconds. Default: 10 s.
    ///
    /// Together with the shutdown timeout it should be shorter than what the service manager waits before it kills:
    /// 30 s with Kubernetes, 10 s with `docker stop`, 90 s with systemd.
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.settings.drain_timeout = Some(timeout);
        self
    }

    /// Delivers at the end of a process that does not come to the end of `main`, for at most `timeout`, 2 s at the
    /// longest. Default: such a process loses what is queued.
    ///
    /// For programs that leave by [`std::process::exit`], or keep the [`ShutdownGuard`](crate::ShutdownGuard) in a static. A process that is ended
    /// by a signal or by [`std::process::abort`] runs no hooks: for signals there is
    /// [`Client::shutdown_on_signal`](crate::Client::shutdown_on_signal). Has no effect on Windows, where `exit` runs no hooks either.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use prefactor::Client;
    ///
    /// # fn main() -> Result<(), prefactor::Error> {
    /// let _prefactor = Client::builder().shutdown_on_exit(Duration::from_secs(2)).install()?;
    /// // the agent
    /// std::process::exit(3)
    /// # }
    /// ```
    pub fn shutdown_on_exit(mut self, timeout: Duration) -> Self {
        self.settings.exit_hook = Some(timeout);
        self
    }

    /// Whether the platform may end runs, `PREFACTOR_TERMINATION`. Default: `true`. A run may say otherwise by
    /// [`Registration::terminable`](crate::Registration::terminable).
    pub fn terminable(mut self, terminable: bool) -> Self {
        self.settings.termination = Some(terminable);
        self
    }

    /// Whether usage is taken from results in the usual JSON of model clients, `PREFACTOR_READ_USAGE`. Default: `false`.
    ///
    /// A result with an object `usage` (OpenAI, Anthropic, Mistral and others), `usage_metadata` or `usageMetadata` (Gemini) then
    /// gets a member `token_usage`, as if [`Span::set_usage`](crate::Span::set_usage) had been called. Nothing that is there is
    /// replaced. The delivery thread does it, so the caller pays nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    /// use prefactor::{Client, span};
    ///
    /// #[span("agent:llm_call")]
    /// fn ask() -> serde_json::Value {
    ///     serde_json::json!({ "model": "m", "usage": { "input_tokens": 3, "output_tokens": 4 } })
    /// }
    ///
    /// let recorder = Recorder::with(Client::builder().read_usage(true));
    /// recorder.run(ask);
    /// assert_eq!(recorder.trace().find("agent:llm_call").result["token_usage"]["total_tokens"], 7);
    /// ```
    pub fn read_usage(mut self, read: bool) -> Self {
        self.settings.read_usage = Some(read);
        self
    }
}

impl Client {
    /// Settings for a client. What is not set is read from the environment.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientBuilder").field("agent", &self.settings.agent).finish_non_exhaustive()
    }
}
