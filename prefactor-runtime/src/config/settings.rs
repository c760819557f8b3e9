//! Settings: given to the builder, else from the environment, else the default; checked once, when the
//! client is built.

use std::ffi::OsString;
#[cfg(feature = "http")]
use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::config::sampling::SampleRate;
use crate::payload::{CaptureLimits, SideLimits};
use crate::types::agent::Agent;
use crate::types::error::Error;
use crate::types::pfid::Pfid;

/// The environment variables that are read.
pub(crate) mod variable {
    pub(crate) const API_URL: &str = "PREFACTOR_API_URL";
    pub(crate) const API_TOKEN: &str = "PREFACTOR_API_TOKEN";
    pub(crate) const AGENT_ID: &str = "PREFACTOR_AGENT_ID";
    pub(crate) const AGENT_NAME: &str = "PREFACTOR_AGENT_NAME";
    pub(crate) const AGENT_IDENTIFIER: &str = "PREFACTOR_AGENT_IDENTIFIER";
    pub(crate) const ENVIRONMENT_ID: &str = "PREFACTOR_ENVIRONMENT_ID";
    pub(crate) const DISABLED: &str = "PREFACTOR_DISABLED";
    pub(crate) const CAPTURE_INPUTS: &str = "PREFACTOR_CAPTURE_INPUTS";
    pub(crate) const CAPTURE_OUTPUTS: &str = "PREFACTOR_CAPTURE_OUTPUTS";
    pub(crate) const MAX_INPUT_LENGTH: &str = "PREFACTOR_MAX_INPUT_LENGTH";
    pub(crate) const MAX_OUTPUT_LENGTH: &str = "PREFACTOR_MAX_OUTPUT_LENGTH";
    pub(crate) const MAX_DEBUG_LENGTH: &str = "PREFACTOR_MAX_DEBUG_LENGTH";
    pub(crate) const MAX_LIST_NUMBERS: &str = "PREFACTOR_MAX_LIST_NUMBERS";
    pub(crate) const SAMPLE_RATE: &str = "PREFACTOR_SAMPLE_RATE";

    /// Every variable, with an example value for error messages.
    pub(crate) const ALL: [(&str, &str); 14] = [
        (API_URL, "https://app.prefactorai.com"),
        (API_TOKEN, "the token that the platform shows"),
        (AGENT_ID, "01jd6qkq1m3nqk8n0000000000000000"),
        (AGENT_NAME, "researcher"),
        (AGENT_IDENTIFIER, "2.1.0"),
        (ENVIRONMENT_ID, "01jd6qkq1m3nqk8n0000000000000000"),
        (DISABLED, "true"),
        (CAPTURE_INPUTS, "false"),
        (CAPTURE_OUTPUTS, "false"),
        (MAX_INPUT_LENGTH, "10000"),
        (MAX_OUTPUT_LENGTH, "10000"),
        (MAX_DEBUG_LENGTH, "1024"),
        (MAX_LIST_NUMBERS, "4096"),
        (SAMPLE_RATE, "0.1"),
    ];
}

#[cfg(feature = "http")]
const DEFAULT_API_URL: &str = "https://app.prefactorai.com";
/// The platform's own default for agents without a name.
const DEFAULT_AGENT_NAME: &str = "Agent";

/// Bytes of payloads that may wait for delivery.
const DEFAULT_QUEUE_BYTES: usize = 64 << 20;

/// The queue's limit on operations follows from its limit on bytes: one for each of so many bytes. Spans of ordinary
/// size reach the limit on bytes first.
const BYTES_PER_OPERATION: usize = 256;

/// What the builder was given. `None` means: ask the environment.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) api_url: Option<String>,
    pub(crate) api_token: Option<Zeroizing<String>>,
    pub(crate) agent: Option<Agent>,
    pub(crate) agent_id: Option<String>,
    pub(crate) environment_id: Option<String>,
    pub(crate) disabled: Option<bool>,
    pub(crate) capture_inputs: Option<bool>,
    pub(crate) capture_outputs: Option<bool>,
    pub(crate) max_input_length: Option<usize>,
    pub(crate) max_output_length: Option<usize>,
    pub(crate) max_debug_length: Option<usize>,
    pub(crate) max_list_numbers: Option<usize>,
    pub(crate) sample_rate: Option<f64>,
    /// `None` means: as many as [`BYTES_PER_OPERATION`] gives.
    pub(crate) max_queue_operations: Option<usize>,
    pub(crate) max_queue_bytes: usize,
    pub(crate) request_timeout: Duration,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) drain_timeout: Duration,
    #[cfg(feature = "http")]
    pub(crate) allow_insecure_http: bool,
    /// PEM texts.
    #[cfg(any(feature = "__rustls", feature = "native-tls"))]
    pub(crate) root_certificates_pem: Vec<Vec<u8>>,
    /// How long the exit hook may take, if there is to be one.
    pub(crate) exit_hook: Option<Duration>,
}

/// What the queue may hold before new spans are dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueLimits {
    pub(crate) operations: usize,
    pub(crate) bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_url: None,
            api_token: None,
            agent: None,
            agent_id: None,
            environment_id: None,
            disabled: None,
            capture_inputs: None,
            capture_outputs: None,
            max_input_length: None,
            max_output_length: None,
            max_debug_length: None,
            max_list_numbers: None,
            sample_rate: None,
            max_queue_operations: None,
            max_queue_bytes: DEFAULT_QUEUE_BYTES,
            request_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(10),
            #[cfg(feature = "http")]
            allow_insecure_http: false,
            #[cfg(any(feature = "__rustls", feature = "native-tls"))]
            root_certificates_pem: Vec::new(),
            exit_hook: None,
        }
    }
}

/// Which agent, in which environment, as an account-wide token has to say it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) agent_id: Option<Pfid>,
    pub(crate) environment_id: Option<Pfid>,
}

impl Settings {
    /// Fills the gaps from `lookup`, which is the process environment outside of tests. An empty variable counts as
    /// unset.
    ///
    /// # Errors
    ///
    /// When a variable is malformed or is not UTF-8. To ignore it would send what the program asked to keep back.
    pub(crate) fn with_environment(
        mut self,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        for (name, example) in variable::ALL {
            // The token is among them: what is not kept is wiped.
            let value = lookup(name).map(|value| Zeroizing::new(value.into_encoded_bytes()));
            if value.is_some_and(|value| std::str::from_utf8(&value).is_err()) {
                return Err(Error::configuration(format!(
                    "{name} is not valid UTF-8: set it to a text such as {example:?}, or unset it"
                )));
            }
        }
        let lookup = |name: &str| lookup(name)?.into_string().ok();
        let text = |name| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let switches = [
            (&mut self.disabled, variable::DISABLED),
            (&mut self.capture_inputs, variable::CAPTURE_INPUTS),
            (&mut self.capture_outputs, variable::CAPTURE_OUTPUTS),
        ];
        for (switch, name) in switches.into_iter().filter(|(switch, _)| switch.is_none()) {
            *switch = text(name).map(|value| boolean(name, &value)).transpose()?;
        }
        let lengths = [
            (&mut self.max_input_length, variable::MAX_INPUT_LENGTH, 10_000),
            (&mut self.max_output_length, variable::MAX_OUTPUT_LENGTH, 10_000),
            (&mut self.max_debug_length, variable::MAX_DEBUG_LENGTH, 1_024),
        ];
        for (length, name, example) in lengths.into_iter().filter(|(length, ..)| length.is_none()) {
            *length =
                text(name).map(|value| whole_number(name, &value, "characters", example)).transpose()?;
        }
        if self.max_list_numbers.is_none() {
            let name = variable::MAX_LIST_NUMBERS;
            let numbers = text(name).map(|value| whole_number(name, &value, "numbers", 4_096));
            self.max_list_numbers = numbers.transpose()?;
        }
        if self.sample_rate.is_none() {
            let rate = text(variable::SAMPLE_RATE).map(|rate| rate.parse().map_err(|_| no_share()));
            self.sample_rate = rate.transpose()?;
        }
        self.api_url = self.api_url.or_else(|| text(variable::API_URL));
        self.api_token = self.api_token.or_else(|| lookup(variable::API_TOKEN).map(Zeroizing::new));
        self.agent_id = self.agent_id.or_else(|| text(variable::AGENT_ID));
        self.environment_id = self.environment_id.or_else(|| text(variable::ENVIRONMENT_ID));
        self.agent = self.agent.or_else(|| {
            let (name, version) = (text(variable::AGENT_NAME), text(variable::AGENT_IDENTIFIER));
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
        self.api_token.is_some() || texts.into_iter().any(Option::is_some)
    }

    pub(crate) fn queue(&self) -> QueueLimits {
        let bytes = self.max_queue_bytes;
        QueueLimits { operations: self.max_queue_operations.unwrap_or(bytes / BYTES_PER_OPERATION), bytes }
    }

    pub(crate) fn agent(&self) -> Agent {
        self.agent.clone().unwrap_or_else(|| Agent::new(default_agent_name()))
    }

    pub(crate) fn identity(&self) -> Result<Identity, Error> {
        Ok(Identity {
            agent_id: id(variable::AGENT_ID, self.agent_id.as_deref())?,
            environment_id: id(variable::ENVIRONMENT_ID, self.environment_id.as_deref())?,
        })
    }

    pub(crate) fn sample_rate(&self) -> Result<SampleRate, Error> {
        self.sample_rate.map_or(Ok(SampleRate::ALL), |rate| SampleRate::new(rate).ok_or_else(no_share))
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

    #[cfg(feature = "http")]
    pub(crate) fn token(&self) -> Result<ApiToken, Error> {
        ApiToken::new(self.api_token.as_ref().map_or("", |token| token.as_str()))
    }
}

/// The name of the program's binary, by which an agent without a name is found on the platform.
fn default_agent_name() -> String {
    let binary = std::env::current_exe().ok();
    let name =
        binary.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| DEFAULT_AGENT_NAME.to_owned())
}

fn boolean(name: &str, value: &str) -> Result<bool, Error> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Error::configuration(format!(
            "{name} must be true or false, e.g. {name}=false; unset it for the default"
        ))),
    }
}

fn whole_number(name: &str, value: &str, of: &str, example: usize) -> Result<usize, Error> {
    value.parse().map_err(|_| {
        Error::configuration(format!(
            "{name} must be a whole number of {of}, e.g. {name}={example}; unset it for the default"
        ))
    })
}

fn no_share() -> Error {
    let name = variable::SAMPLE_RATE;
    Error::configuration(format!(
        "{name} must be a number from 0 to 1, e.g. {name}=0.1 for a tenth of the runs; unset it for all of them"
    ))
}

fn id(name: &str, value: Option<&str>) -> Result<Option<Pfid>, Error> {
    value
        .map(|value| value.parse().map_err(|cause| Error::configuration(format!("{name}: {cause}"))))
        .transpose()
}

/// The API token. It is printed by nothing, has no copies of its own, and is wiped when it is dropped.
#[cfg(feature = "http")]
pub(crate) struct ApiToken(Zeroizing<String>);

#[cfg(feature = "http")]
impl ApiToken {
    pub(crate) fn new(token: &str) -> Result<Self, Error> {
        let (token, name) = (token.trim(), variable::API_TOKEN);
        if token.is_empty() {
            return Err(Error::configuration(format!(
                "{name} is not set: create a token on the platform (or start `cargo run -p prefactor-local`, which \
                 prints one) and export it, or set {}=true to run without telemetry",
                variable::DISABLED
            )));
        }
        // What is none of these could end the header and begin another.
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Self::malformed());
        }
        Ok(Self(Zeroizing::new(token.to_owned())))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn malformed() -> Error {
        Error::configuration(format!(
            "{} contains characters that no token has: copy it again, on one line",
            variable::API_TOKEN
        ))
    }
}

#[cfg(feature = "http")]
impl fmt::Debug for ApiToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiToken(***)")
    }
}

#[cfg(all(test, feature = "http"))]
mod tests;
