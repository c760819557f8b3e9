//! Settings: given to the builder, else from the environment, else the default; checked once, when the
//! client is built.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use crate::config::sampling::{SampleRate, Sampling};
#[cfg(feature = "spool")]
use crate::config::spool::SpoolOptions;
#[cfg(feature = "http")]
use crate::config::token::ApiToken;
use crate::config::token::TokenSource;
use crate::config::variable::{self, Variables};
use crate::payload::{CaptureLimits, SideLimits};
use crate::platform::untrusted_text::untrusted;
use crate::types::agent::Agent;
use crate::types::error::Error;
use crate::types::pfid::Pfid;
use crate::types::redaction_mode::RedactionMode;
use crate::types::schema::version::SchemaVersion;

#[cfg(feature = "http")]
const DEFAULT_API_URL: &str = "https://app.prefactorai.com";
/// The platform's own default for agents without a name.
const DEFAULT_AGENT_NAME: &str = "Agent";

/// Characters of the name and version of an adapter.
const MAX_SDK_ENTRY: usize = 100;
/// Bytes of payloads that may wait for delivery.
const DEFAULT_QUEUE_BYTES: usize = 64 << 20;
#[cfg(any(feature = "http", test))]
const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue's limit on operations follows from its limit on bytes: one for each of so many bytes. Spans of ordinary
/// size reach the limit on bytes first.
const BYTES_PER_OPERATION: usize = 256;

/// The builder's settings. `None` is taken from the environment.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) api_url: Option<String>,
    pub(crate) token: Option<TokenSource>,
    pub(crate) agent: Option<Agent>,
    pub(crate) agent_id: Option<String>,
    pub(crate) environment_id: Option<String>,
    pub(crate) disabled: Option<bool>,
    /// Adapters, the most specific first, as `name@version`.
    pub(crate) sdk_entries: Vec<String>,
    pub(crate) capture_inputs: Option<bool>,
    pub(crate) capture_outputs: Option<bool>,
    pub(crate) max_input_length: Option<usize>,
    pub(crate) max_output_length: Option<usize>,
    pub(crate) max_debug_length: Option<usize>,
    pub(crate) max_list_numbers: Option<usize>,
    pub(crate) sample_rate: Option<f64>,
    /// Of spans, by their names.
    pub(crate) sample_rates: HashMap<String, f64>,
    pub(crate) keep_failures: Option<bool>,
    /// Whether usage is taken from results.
    pub(crate) read_usage: Option<bool>,
    /// Whether trace contexts that leave the process name the run and the span.
    pub(crate) propagate_runs: Option<bool>,
    /// Whether the platform may end runs.
    pub(crate) termination: Option<bool>,
    /// `None` means: as many as [`BYTES_PER_OPERATION`] gives.
    pub(crate) max_queue_operations: Option<usize>,
    pub(crate) max_queue_bytes: Option<usize>,
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) shutdown_timeout: Option<Duration>,
    pub(crate) drain_timeout: Option<Duration>,
    pub(crate) redact: Option<RedactionMode>,
    /// Names from the environment, in addition to the builder's.
    pub(crate) redact_allow: Option<Vec<String>>,
    pub(crate) allow_insecure_http: Option<bool>,
    /// PEM texts.
    #[cfg(any(feature = "__rustls", feature = "native-tls"))]
    pub(crate) root_certificates_pem: Vec<Vec<u8>>,
    #[cfg(feature = "spool")]
    pub(crate) spool: Option<SpoolOptions>,
    /// How long the exit hook may take, if there is to be one.
    pub(crate) exit_hook: Option<Duration>,
}

/// The limits of the queue, beyond which new spans are dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueLimits {
    pub(crate) operations: usize,
    pub(crate) bytes: usize,
}

/// Which agent, in which environment, as an account-wide token has to say it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) agent_id: Option<Pfid>,
    pub(crate) environment_id: Option<Pfid>,
    /// Adapters, as `name@version`.
    pub(crate) sdk_entries: Vec<String>,
    /// The schemas of spans, in the form of the API.
    pub(crate) schema_version: Arc<SchemaVersion>,
}

impl Settings {
    /// Fills the gaps from `lookup`, which is the process environment outside of tests. An empty variable counts as
    /// unset.
    ///
    /// # Errors
    ///
    /// When a variable is malformed or is not UTF-8. Ignoring it could send data that the program asked to keep back. Of a disabled
    /// client only the variable that disables it can be at fault.
    pub(crate) fn with_environment(
        mut self,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        let variables = Variables::new(lookup, &mut self.disabled)?;
        for (switch, name) in [
            (&mut self.capture_inputs, variable::CAPTURE_INPUTS),
            (&mut self.capture_outputs, variable::CAPTURE_OUTPUTS),
            (&mut self.termination, variable::TERMINATION),
            (&mut self.propagate_runs, variable::PROPAGATE_RUNS),
            (&mut self.allow_insecure_http, variable::ALLOW_INSECURE_HTTP),
            (&mut self.keep_failures, variable::KEEP_FAILURES),
            (&mut self.read_usage, variable::READ_USAGE),
        ] {
            variables.fill(switch, name, variable::boolean)?;
        }
        for (length, name) in [
            (&mut self.max_input_length, variable::MAX_INPUT_LENGTH),
            (&mut self.max_output_length, variable::MAX_OUTPUT_LENGTH),
            (&mut self.max_debug_length, variable::MAX_DEBUG_LENGTH),
        ] {
            variables.fill(length, name, variable::number("characters"))?;
        }
        variables.fill(
            &mut self.max_list_numbers,
            variable::MAX_LIST_NUMBERS,
            variable::number("numbers"),
        )?;
        variables.fill(
            &mut self.max_queue_operations,
            variable::MAX_QUEUE_OPERATIONS,
            variable::number("operations"),
        )?;
        variables.fill(&mut self.sample_rate, variable::SAMPLE_RATE, variable::share)?;
        let mut rates = None;
        variables.fill(&mut rates, variable::SAMPLE_RATES, variable::shares)?;
        for (name, rate) in rates.into_iter().flatten() {
            self.sample_rates.entry(name).or_insert(rate);
        }
        variables.fill(&mut self.max_queue_bytes, variable::MAX_QUEUE_BYTES, variable::bytes)?;
        variables.fill(&mut self.request_timeout, variable::REQUEST_TIMEOUT, variable::duration)?;
        variables.fill(&mut self.shutdown_timeout, variable::SHUTDOWN_TIMEOUT, variable::duration)?;
        variables.fill(&mut self.drain_timeout, variable::DRAIN_TIMEOUT, variable::duration)?;
        variables.fill(&mut self.redact, variable::REDACT, variable::redaction_mode)?;
        variables.fill(&mut self.redact_allow, variable::REDACT_ALLOW, variable::names)?;
        #[cfg(feature = "spool")]
        {
            self.spool = self.spool.or_else(|| variables.text(variable::SPOOL_DIR).map(SpoolOptions::from));
        }
        #[cfg(not(feature = "spool"))]
        if variables.text(variable::SPOOL_DIR).is_some() {
            variables.read::<()>(Err(Error::configuration(format!(
                "{} is set, but prefactor was built without its feature `spool`: add the feature, e.g. prefactor = {{ \
                 version = \"0.1\", features = [\"spool\"] }}, or unset the variable",
                variable::SPOOL_DIR
            ))))?;
        }
        self.api_url = self.api_url.or_else(|| variables.text(variable::API_URL));
        if self.token.is_none() {
            self.token = variables.read(token(&variables))?;
        }
        self.agent_id = self.agent_id.or_else(|| variables.text(variable::AGENT_ID));
        self.environment_id = self.environment_id.or_else(|| variables.text(variable::ENVIRONMENT_ID));
        self.agent = self.agent.or_else(|| {
            let (name, version) =
                (variables.text(variable::AGENT_NAME), variables.text(variable::AGENT_IDENTIFIER));
            if name.is_none() && version.is_none() {
                return None;
            }
            let agent = Agent::new(name.unwrap_or_else(default_agent_name));
            Some(match version {
                Some(version) => agent.with_version(version),
                None => agent,
            })
        });
        Ok(self)
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.disabled.unwrap_or(false)
    }

    /// Whether any setting says which API the spans go to, or as whom.
    #[cfg(feature = "http")]
    pub(crate) fn names_the_api(&self) -> bool {
        let texts = [&self.api_url, &self.agent_id, &self.environment_id];
        self.token.is_some() || texts.into_iter().any(Option::is_some)
    }

    pub(crate) fn queue(&self) -> QueueLimits {
        let bytes = self.max_queue_bytes();
        QueueLimits { operations: self.max_queue_operations.unwrap_or(bytes / BYTES_PER_OPERATION), bytes }
    }

    pub(crate) fn max_queue_bytes(&self) -> usize {
        self.max_queue_bytes.unwrap_or(DEFAULT_QUEUE_BYTES)
    }

    #[cfg(any(feature = "http", test))]
    pub(crate) fn request_timeout(&self) -> Duration {
        self.request_timeout.unwrap_or(DEFAULT_REQUEST_TIMEOUT)
    }

    pub(crate) fn shutdown_timeout(&self) -> Duration {
        self.shutdown_timeout.unwrap_or(DEFAULT_SHUTDOWN_TIMEOUT)
    }

    pub(crate) fn drain_timeout(&self) -> Duration {
        self.drain_timeout.unwrap_or(DEFAULT_DRAIN_TIMEOUT)
    }

    pub(crate) fn agent(&self) -> Agent {
        self.agent.clone().unwrap_or_else(|| Agent::new(default_agent_name()))
    }

    pub(crate) fn identity(&self) -> Result<Identity, Error> {
        Ok(Identity {
            agent_id: id(variable::AGENT_ID, self.agent_id.as_deref())?,
            environment_id: id(variable::ENVIRONMENT_ID, self.environment_id.as_deref())?,
            sdk_entries: self.checked_sdk_entries()?,
            schema_version: Arc::default(),
        })
    }

    fn checked_sdk_entries(&self) -> Result<Vec<String>, Error> {
        let is_entry = |entry: &str| {
            let parts =
                entry.rsplit_once('@').is_some_and(|(name, version)| !name.is_empty() && !version.is_empty());
            parts && entry.len() <= MAX_SDK_ENTRY && entry.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match self.sdk_entries.iter().find(|entry| !is_entry(entry)) {
            Some(entry) => Err(Error::configuration(format!(
                "sdk_entry {:?} is not a name with a version: give it one like \"prefactor-rig@0.1.0\"",
                untrusted(entry, MAX_SDK_ENTRY)
            ))),
            None => Ok(self.sdk_entries.clone()),
        }
    }

    pub(crate) fn sampling(&self) -> Result<Sampling, Error> {
        let runs = self.sample_rate.map_or(Ok(SampleRate::ALL), |rate| {
            SampleRate::new(rate).ok_or_else(|| variable::no_share(variable::SAMPLE_RATE))
        })?;
        let kinds = self.sample_rates.iter().map(|(name, rate)| {
            let rate = SampleRate::new(*rate).ok_or_else(|| {
                Error::configuration(format!(
                    "the sample rate of {name:?} is not a share: give it a number from 0 to 1, e.g. 0.1"
                ))
            });
            Ok((name.clone(), rate?))
        });
        Ok(Sampling {
            runs,
            kinds: kinds.collect::<Result<_, Error>>()?,
            keeps_failures: self.keep_failures.unwrap_or(false),
        })
    }

    pub(crate) fn limits(&self) -> CaptureLimits {
        let side = |is_captured: Option<bool>, max_length: Option<usize>| {
            let default = SideLimits::default();
            SideLimits {
                is_captured: is_captured.unwrap_or(default.is_captured),
                max_length: max_length.unwrap_or(default.max_length),
                max_debug_length: self.max_debug_length.unwrap_or(default.max_debug_length),
                max_numbers: self.max_list_numbers.unwrap_or(default.max_numbers),
            }
        };
        CaptureLimits {
            inputs: side(self.capture_inputs, self.max_input_length),
            outputs: side(self.capture_outputs, self.max_output_length),
        }
    }

    #[cfg(feature = "http")]
    pub(crate) fn api_url(&self) -> &str {
        self.api_url.as_deref().unwrap_or(DEFAULT_API_URL)
    }

    /// Where the token comes from.
    ///
    /// # Errors
    ///
    /// When nothing says so.
    #[cfg(feature = "http")]
    pub(crate) fn token(&self) -> Result<TokenSource, Error> {
        self.token.clone().ok_or_else(missing_token)
    }
}

#[cfg(feature = "http")]
fn missing_token() -> Error {
    ApiToken::new("").err().unwrap_or_else(ApiToken::malformed)
}

/// The token of the environment: by itself or in a file.
fn token(variables: &Variables<impl Fn(&str) -> Option<OsString>>) -> Result<Option<TokenSource>, Error> {
    let file = variables.text(variable::API_TOKEN_FILE);
    let token = variables.secret(variable::API_TOKEN);
    match (token, file) {
        (Some(token), Some(_)) if !token.trim().is_empty() => Err(Error::configuration(format!(
            "{} and {} are both set: unset one of them",
            variable::API_TOKEN,
            variable::API_TOKEN_FILE
        ))),
        (_, Some(file)) => Ok(Some(TokenSource::File(file.into()))),
        (token, None) => Ok(token.map(TokenSource::Fixed)),
    }
}

/// The name of the program's binary, by which an agent without a name is found on the platform.
fn default_agent_name() -> String {
    let binary = std::env::current_exe().ok();
    let name =
        binary.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| DEFAULT_AGENT_NAME.to_owned())
}

fn id(name: &str, value: Option<&str>) -> Result<Option<Pfid>, Error> {
    value
        .map(|value| {
            value
                .parse::<Pfid>()
                .map_err(|cause| Error::configuration(format!("{name}: {cause}")).caused_by(cause))
        })
        .transpose()
}
