//! The client of the process.

use crate::client::guard::ShutdownGuard;
use crate::client::handle::Client;
use crate::client::instance::AgentInstance;
use crate::manager::installed;
use crate::types::error::Error;
use crate::types::registration::Registration;
use crate::types::status::Terminated;

/// Installs a client that is set up by environment variables.
///
/// `PREFACTOR_API_URL` (default `https://app.prefactorai.com`), `PREFACTOR_API_TOKEN` (required as soon as
/// anything names the API),
/// `PREFACTOR_AGENT_NAME`, `PREFACTOR_AGENT_IDENTIFIER`, `PREFACTOR_AGENT_ID`, `PREFACTOR_ENVIRONMENT_ID`;
/// `PREFACTOR_CAPTURE_INPUTS=false` and `PREFACTOR_CAPTURE_OUTPUTS=false` to record no values,
/// `PREFACTOR_MAX_INPUT_LENGTH` and `PREFACTOR_MAX_OUTPUT_LENGTH` for the longest texts (default 10,000 characters),
/// `PREFACTOR_MAX_DEBUG_LENGTH` for arguments that have a `Debug` only (default 1,024 characters),
/// `PREFACTOR_MAX_LIST_NUMBERS` for numbers in lists of numbers (default 4,096),
/// `PREFACTOR_SAMPLE_RATE` (default 1) for the share of traces to record, `PREFACTOR_TERMINATION=false` to let the platform
/// end no run, and `PREFACTOR_DISABLED=true` to record
/// nothing. It returns at once: the server is asked in the background.
///
/// `PREFACTOR_EXPORTERS` names other destinations, which need no token of Prefactor: `console` prints the spans as a tree on standard error.
///
/// If no variable names a destination or the API (address, token, agent's or environment's id), the client is disabled, and
/// one log line says so.
///
/// Keep the guard until the end of `main`. [`std::process::exit`] drops no guard: for programs that call it there is
/// [`shutdown_on_exit`](crate::ClientBuilder::shutdown_on_exit).
///
/// # Errors
///
/// When a variable is missing, malformed or not UTF-8, with its name and the cure; when a client is installed already.
///
/// # Examples
///
/// ```no_run
/// fn main() -> Result<(), prefactor::Error> {
///     let _prefactor = prefactor::init()?;
///     // the agent
///     Ok(())
/// }
/// ```
pub fn init() -> Result<ShutdownGuard, Error> {
    Client::builder().install()
}

/// The installed client, if there is one.
///
/// # Examples
///
/// ```
/// if let Some(client) = prefactor::client() {
///     println!("{:?}", client.stats());
/// }
/// ```
#[must_use]
pub fn client() -> Option<Client> {
    installed::client().map(Client::of)
}

/// Registers a run with the installed client, runs an agent in it that returns a `Result`, and finishes it by that.
///
/// As [`AgentInstance::run`](crate::AgentInstance::run). Without an installed client the agent runs all the same.
///
/// # Errors
///
/// [`Terminated`], with the reason, when the platform ended the run first. The agent's own error is within the `Ok`.
///
/// # Cancel safety
///
/// Dropping the future drops the agent, and the run ends as `failed`.
///
/// # Examples
///
/// ```no_run
/// # async fn answer(question: &str) -> std::io::Result<String> { Ok(question.to_owned()) }
/// # async fn program() -> Result<(), Box<dyn std::error::Error>> {
/// let _prefactor = prefactor::init()?;
/// let text = prefactor::run("researcher", answer("What is a span?")).await??;
/// # drop(text);
/// # Ok(())
/// # }
/// ```
pub async fn run<T, E, F>(run: impl Into<Registration>, agent: F) -> Result<Result<T, E>, Terminated>
where
    F: Future<Output = Result<T, E>>,
{
    registered(run).run(agent).await
}

/// As [`run`], for an agent whose output is no `Result`.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(prefactor::run_value("counter", async { 42 }).await, Ok(42));
/// # }
/// ```
///
/// # Errors
///
/// [`Terminated`], with the reason, when the platform ended the run first.
///
/// # Cancel safety
///
/// Dropping the future drops the agent, and the run ends as `failed`.
pub async fn run_value<F: Future>(run: impl Into<Registration>, agent: F) -> Result<F::Output, Terminated> {
    registered(run).run_value(agent).await
}

fn registered(run: impl Into<Registration>) -> AgentInstance {
    client().map_or_else(|| AgentInstance::of(None), |client| client.register(run))
}
