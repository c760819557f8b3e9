//! How a client is set up.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::client::destinations::{self, Destination};
use crate::client::exit_hook;
use crate::client::guard::ShutdownGuard;
use crate::client::handle::Client;
#[cfg(feature = "spool")]
use crate::config::settings::Identity;
use crate::config::settings::Settings;
#[cfg(feature = "spool")]
use crate::config::spool::SpoolOptions;
use crate::config::token::TokenSource;
use crate::config::variable;
use crate::delivery::pipeline::{PipelineConfig, TransportFactory};
use crate::export::console::ConsoleProcessor;
use crate::export::exporter::SpanExporter;
use crate::export::file::FileExporter;
use crate::export::lane::Sink;
#[cfg(feature = "openai")]
use crate::export::openai::OpenAi;
#[cfg(feature = "otlp")]
use crate::export::otlp::Otlp;
use crate::export::processor::SpanProcessor;
use crate::manager::client_state::ClientState;
use crate::manager::installed;
use crate::manager::panics;
use crate::manager::span_manager::SpanManager;
use crate::platform::internal_log;
use crate::redaction::{Mode, Redaction};
#[cfg(feature = "spool")]
use crate::spool::owner::Owner;
use crate::transport::Transport;
use crate::types::agent::Agent;
use crate::types::error::Error;
#[cfg(feature = "spool")]
use crate::types::pfid::Pfid;
use crate::types::redaction_mode::RedactionMode;
use crate::types::schema::registry::SchemaRegistry;

/// Settings of a [`Client`]. What is not set is read from the environment, then has its default.
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
    settings: Settings,
    transport: Option<Arc<dyn Transport>>,
    redaction: Redaction,
    destinations: Vec<Destination>,
    sends_to_prefactor: bool,
    reads_usage: bool,
    schemas: SchemaRegistry,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::default(),
            transport: None,
            redaction: Redaction::default(),
            destinations: Vec::new(),
            sends_to_prefactor: false,
            reads_usage: false,
            schemas: SchemaRegistry::new(),
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

    /// Whether trace contexts that are [injected](crate::Context::inject) name the run and the span in `tracestate`, for callees
    /// that [join](crate::Client::join) the run, `PREFACTOR_PROPAGATE_RUNS`. Default: `true`. The ids are no secrets; without
    /// them a callee can only be linked.
    pub fn propagate_runs(mut self, propagate: bool) -> Self {
        self.settings.propagate_runs = Some(propagate);
        self
    }

    /// How many operations may wait for delivery before new spans are dropped and counted. An operation is the start or
    /// the end of a span. Default: one for each 256 bytes of [`max_queue_bytes`](ClientBuilder::max_queue_bytes), so that
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

    /// How long the [`ShutdownGuard`] may block when it is dropped, `PREFACTOR_SHUTDOWN_TIMEOUT` in seconds. Default:
    /// 5 s.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = Some(timeout);
        self
    }

    /// How long the program may drain after a signal before [`Client::shutdown_on_signal`] ends it. Default: 10 s.
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
    /// For programs that leave by [`std::process::exit`], or keep the [`ShutdownGuard`] in a static. A process that is ended
    /// by a signal or by [`std::process::abort`] runs no hooks: for signals there is
    /// [`Client::shutdown_on_signal`]. Has no effect on Windows, where `exit` runs no hooks either.
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

    /// What the built-in rules of redaction do with a secret, `PREFACTOR_REDACT`: `hide` (or `true`), `mark`, `off` (or
    /// `false`). Default: hide it.
    pub fn redaction(mut self, mode: RedactionMode) -> Self {
        self.settings.redact = Some(mode);
        self
    }

    /// Adds a rule of redaction to the built-in ones, which hide texts under the names of secrets and texts in the shape of
    /// keys.
    ///
    /// The rule gets the name and the text of each value that is left, on the delivery thread, and may return another text.
    /// If it panics, the text is hidden. [`allow`](ClientBuilder::allow) is the opposite.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().redact(|name, _text| (name == "email").then(|| "[hidden]".to_owned()));
    /// # drop(builder);
    /// ```
    pub fn redact(mut self, rule: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.redaction.add(rule);
        self
    }

    /// Exempts the values under a name from the built-in rules of redaction, whether they go by the name or by the shape.
    ///
    /// Case, `_` and `-` do not count: `session_token` is `sessionToken`, too. The texts of a list under the name are
    /// exempt; in an object the names of its own members decide. Rules of the program see the values as ever.
    /// `PREFACTOR_REDACT_ALLOW` adds names, with commas between them.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().allow("pairing_code").allow("pin");
    /// # drop(builder);
    /// ```
    pub fn allow(mut self, name: impl Into<String>) -> Self {
        self.redaction.allow(name.into());
        self
    }

    /// Says ahead of time what the agent's spans are: sent with each registration. Default: no types, so that the platform takes
    /// spans as they come and shows no summaries.
    pub fn schemas(mut self, schemas: SchemaRegistry) -> Self {
        self.schemas = schemas;
        self
    }

    /// Keeps what waits for delivery on disk as well, `PREFACTOR_SPOOL_DIR`, so that no end of the process loses it: a kill, an
    /// exit without a shutdown, a shutdown whose deadline came first.
    ///
    /// The delivery thread writes each span some milliseconds after it was accepted, redacted and without the token, to files
    /// that their owner alone may read. The next process of the same agent delivers what is left there, or one that runs beside
    /// it: with the same ids and idempotency keys, so that nothing takes effect twice. A run that was cut off ends as `failed` at
    /// the time of its last record, and its open spans with the error type `process_died`.
    ///
    /// With a spool a [flush](Client::flush) returns when all is written, and synced as [`Fsync`](crate::Fsync) says; it does not wait
    /// for the server. A directory that cannot be written is no error: spans are kept in memory then, one line is logged, and
    /// they are counted as [`unspooled`](crate::Stats::unspooled).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// let _prefactor = Client::builder().spool("/var/spool/researcher").install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[cfg(feature = "spool")]
    pub fn spool(mut self, options: impl Into<SpoolOptions>) -> Self {
        self.settings.spool = Some(options.into());
        self
    }

    /// Sends requests by other means than HTTP.
    ///
    /// A process that is forked off uses it too, unlike the connections of HTTP, which each process has for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::transport::{Request, Response, SendFuture, Transport};
    ///
    /// /// Answers every request without sending it.
    /// struct NotFound;
    ///
    /// impl Transport for NotFound {
    ///     fn send(&self, _: Request) -> SendFuture<'_> {
    ///         Box::pin(async { Ok(Response::new(404, "{}")) })
    ///     }
    /// }
    ///
    /// let client = Client::builder().api_token("a-token").transport(NotFound).build()?;
    /// # drop(client);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Adds a processor, which hears of each run and span on a thread of its own.
    ///
    /// The client then reports to its processors alone, and needs no address and no token, unless
    /// [`prefactor`](ClientBuilder::prefactor) or [`transport`](ClientBuilder::transport) is called as well. A forked process
    /// has none of them, for their threads do not exist there.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::export::MemoryProcessor;
    ///
    /// let memory = MemoryProcessor::new();
    /// let client = Client::builder().processor(memory.clone()).build()?;
    /// # drop(client);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn processor(mut self, processor: impl SpanProcessor) -> Self {
        self.destinations.push(Destination::Sink(Sink::Processor(Box::new(processor))));
        self
    }

    /// Adds an exporter, which gets batches of what has ended on a thread of its own. What holds for a
    /// [`processor`](ClientBuilder::processor) holds for it.
    pub fn exporter(mut self, exporter: impl SpanExporter) -> Self {
        self.destinations.push(Destination::Sink(Sink::exporter(exporter)));
        self
    }

    /// Prints each run as a tree on standard error while it happens: see
    /// [`ConsoleProcessor`](crate::export::ConsoleProcessor). What holds for a [`processor`](ClientBuilder::processor) holds for
    /// it.
    pub fn console(mut self) -> Self {
        self.destinations.push(Destination::Console(ConsoleProcessor::new()));
        self
    }

    /// Appends runs and spans to a file of JSON Lines: a path, or a [`FileExporter`]. What holds for a
    /// [`processor`](ClientBuilder::processor) holds for it.
    pub fn file(mut self, file: impl Into<FileExporter>) -> Self {
        self.destinations.push(Destination::File(file.into()));
        self
    }

    /// Sends spans to a receiver of OTLP: see [`Otlp`]. What holds for a [`processor`](ClientBuilder::processor) holds for it.
    #[cfg(feature = "otlp")]
    pub fn otlp(mut self, otlp: Otlp) -> Self {
        self.destinations.push(Destination::Otlp(Box::new(otlp)));
        self
    }

    /// Sends spans to OpenAI's traces: see [`OpenAi`]. What holds for a [`processor`](ClientBuilder::processor) holds for it.
    #[cfg(feature = "openai")]
    pub fn openai(mut self, openai: OpenAi) -> Self {
        self.destinations.push(Destination::OpenAi(Box::new(openai)));
        self
    }

    /// Whether the platform may end runs, `PREFACTOR_TERMINATION`. Default: `true`. A run may say otherwise by
    /// [`Registration::terminable`](crate::Registration::terminable).
    pub fn terminable(mut self, terminable: bool) -> Self {
        self.settings.termination = Some(terminable);
        self
    }

    /// Whether usage is taken from results in the usual JSON of model clients. Default: `false`.
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
        self.reads_usage = read;
        self
    }

    /// Reports to the Prefactor API, beside the processors. Without a processor it does so anyway.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    /// # struct CostMeter;
    /// # impl prefactor::export::SpanProcessor for CostMeter {}
    ///
    /// let _prefactor = Client::builder().prefactor().processor(CostMeter).install()?;
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn prefactor(mut self) -> Self {
        self.sends_to_prefactor = true;
        self
    }

    /// Builds a client that serves only the instances registered with it.
    ///
    /// # Errors
    ///
    /// When a setting is missing or malformed ([`Error::is_configuration`]), or the delivery thread cannot be
    /// started. The server is not asked: nothing here waits for the network.
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
        self.build_with(|name| std::env::var_os(name))
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

    /// As [`ClientBuilder::build`], whatever the environment says.
    pub(crate) fn build_without_environment(self) -> Result<Client, Error> {
        self.build_with(|_| None)
    }

    fn build_with(mut self, lookup: impl Fn(&str) -> Option<OsString>) -> Result<Client, Error> {
        let settings = self.settings.with_environment(&lookup)?;
        let text = |name: &str| lookup(name)?.into_string().ok();
        let agent = settings.agent();
        let (shutdown, drain) = (settings.shutdown_timeout(), settings.drain_timeout());
        let new_state = |manager| ClientState::new(manager, agent, shutdown, drain);
        let names_none = !settings.is_disabled()
            && self.transport.is_none()
            && self.destinations.is_empty()
            && !self.sends_to_prefactor;
        if let Some(exporters) =
            text(variable::EXPORTERS).filter(|text| names_none && !text.trim().is_empty())
        {
            let named = destinations::named(&exporters, &text)?;
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
                "no spans are recorded: set PREFACTOR_API_TOKEN to record them, or PREFACTOR_DISABLED=true to \
                 silence this line",
            );
        }
        if !is_set_up || settings.is_disabled() {
            return Ok(Client::of(Arc::new(new_state(None))));
        }
        let (mut identity, limits) = (settings.identity()?, settings.limits());
        if !self.schemas.is_empty() {
            identity.schema_version = Some(Arc::new(self.schemas.to_json()));
        }
        #[cfg(feature = "spool")]
        let has_transport = self.transport.is_some();
        let sample_rate = settings.sample_rate()?;
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
        let sinks = destinations::build(self.destinations, &settings, &text)?;
        #[cfg(feature = "spool")]
        if settings.spool.is_some() && matches!(transport, TransportFactory::None) {
            return Err(Error::configuration(
                "a spool keeps what waits for the Prefactor API, and the client reports to processors alone: call \
                 .prefactor() as well, or leave .spool() and PREFACTOR_SPOOL_DIR out",
            ));
        }
        #[cfg(feature = "spool")]
        let spool = spool_of(&settings, has_transport, &identity)?;
        let manager = SpanManager::begin(PipelineConfig {
            queue: settings.queue(),
            limits,
            sample_rate,
            identity,
            names_runs: settings.propagate_runs.unwrap_or(true),
            drain_timeout: settings.shutdown_timeout(),
            redaction,
            is_terminable: settings.termination.unwrap_or(true),
            reads_usage: self.reads_usage,
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

impl Client {
    /// Settings for a client. What is not set is read from the environment.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }
}

/// Stands in for the address of the API where the program has a transport of its own.
#[cfg(feature = "spool")]
const TRANSPORT: &str = "a transport of the program";

/// Where the API is, and what tells the token from others.
#[cfg(all(feature = "spool", feature = "http"))]
fn origin_of(settings: &Settings) -> Result<(String, Option<String>), Error> {
    let origin = settings.api_url().trim_end_matches('/').to_owned();
    let token = match settings.token()? {
        // To ask the program for it is left to the worker.
        source if source.is_at_hand() => Some(Owner::fingerprint(&origin, source.read()?.expose())),
        _ => None,
    };
    Ok((origin, token))
}

#[cfg(all(feature = "spool", not(feature = "http")))]
#[expect(clippy::unnecessary_wraps, reason = "as its twin with HTTP")]
fn origin_of(_: &Settings) -> Result<(String, Option<String>), Error> {
    Ok((TRANSPORT.to_owned(), None))
}

/// Where to keep what waits, and whose it is.
#[cfg(feature = "spool")]
fn spool_of(
    settings: &Settings,
    has_transport: bool,
    identity: &Identity,
) -> Result<Option<(SpoolOptions, Owner)>, Error> {
    let Some(options) = settings.spool.clone() else { return Ok(None) };
    if options.path.as_os_str().is_empty() {
        return Err(Error::configuration(
            "the spool has an empty path: give it a directory, e.g. .spool(\"/var/spool/researcher\")",
        ));
    }
    let id = |id: Option<Pfid>| id.map(|id| id.to_string());
    let (origin, token) = if has_transport { (TRANSPORT.to_owned(), None) } else { origin_of(settings)? };
    let owner = Owner {
        origin,
        token,
        agent: settings.agent().name().to_owned(),
        agent_id: id(identity.agent_id),
        environment_id: id(identity.environment_id),
    };
    Ok(Some((options, owner)))
}

/// Whether spans have anywhere to go. A program that says nothing of the API runs without telemetry; one that says a
/// part of it is told what is missing.
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
#[expect(clippy::unnecessary_wraps, reason = "its twin without HTTP has none to give")]
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

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The token is among the settings.
        formatter.debug_struct("ClientBuilder").field("agent", &self.settings.agent).finish_non_exhaustive()
    }
}
