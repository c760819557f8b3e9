//! The builder of a client.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

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

/// Settings of a [`Client`](crate::Client). A setting that is not given is read from the environment, else it has its default.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().api_url("http://127.0.0.1:7411").api_token("a-token");
    /// # drop(builder);
    /// ```
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.settings.api_url = Some(url.into());
        self
    }

    /// The token, `PREFACTOR_API_TOKEN`. Required as soon as anything names the API: its address, an agent's id or an
    /// environment's id. A client that is told nothing of the API, and has no transport of its own, is disabled and logs
    /// one line that says so.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let _prefactor = Client::builder().api_token(std::env::var("MY_PREFACTOR_TOKEN")?).install()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn api_token(mut self, token: impl Into<String>) -> Self {
        self.settings.token = Some(TokenSource::Fixed(Zeroizing::new(token.into())));
        self
    }

    /// A file with the token, `PREFACTOR_API_TOKEN_FILE`, as orchestrators mount them.
    ///
    /// It is read when the client is built, and again on the delivery thread: once a minute, and as soon as the API refuses the
    /// token, so that the file may change while the program runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().api_token_file("/run/secrets/prefactor");
    /// # drop(builder);
    /// ```
    pub fn api_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.token = Some(TokenSource::File(path.into()));
        self
    }

    /// Asks the program for the token, for tokens that change while it runs.
    ///
    /// The closure is called on the delivery thread: before the first request, once a minute, and as soon as the API refuses the
    /// token. It may block, which holds up delivery and nothing else. While it fails, spans are kept and nothing is sent. Its
    /// error is not logged, since its text may contain the token.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Agent, Client};
    ///
    /// let builder = Client::builder().agent(Agent::new("researcher").with_version("2.1.0"));
    /// # drop(builder);
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder()
    ///     .agent_id("013xrzp12g3nqk8n0000000000000000")
    ///     .environment_id("013xrzp12g3nqk8n0000000000000001");
    /// # drop(builder);
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let client = Client::builder().disabled(true).build()?;
    /// assert!(!client.is_enabled());
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.settings.disabled = Some(disabled);
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
    /// The decision is made when a span is made. A span that is left out captures no arguments and is counted as
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
    /// [`max_queue_bytes`](ClientBuilder::max_queue_bytes), beyond which spans are held without theirs. Spans that end well, with
    /// all spans below them, are counted as [`DropReason::SampledOut`](crate::DropReason::SampledOut). Processors and exporters get the
    /// spans that are sent.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().propagate_runs(false);
    /// # drop(builder);
    /// ```
    pub fn propagate_runs(mut self, propagate: bool) -> Self {
        self.settings.propagate_runs = Some(propagate);
        self
    }

    /// Whether the platform may end runs, `PREFACTOR_TERMINATION`. Default: `true`. A run may say otherwise by
    /// [`Registration::terminable`](crate::Registration::terminable).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    ///
    /// let builder = Client::builder().terminable(false);
    /// # drop(builder);
    /// ```
    pub fn terminable(mut self, terminable: bool) -> Self {
        self.settings.termination = Some(terminable);
        self
    }
}

impl Client {
    /// Settings for a client. Settings that are not given are read from the environment.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Client;
    ///
    /// # fn main() -> Result<(), prefactor::Error> {
    /// let _prefactor = Client::builder().agent("researcher").sample_rate(0.1).install()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientBuilder").field("agent", &self.settings.agent).finish_non_exhaustive()
    }
}
