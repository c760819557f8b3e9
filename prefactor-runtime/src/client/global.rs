//! The client of the process.

use crate::client::guard::ShutdownGuard;
use crate::client::handle::Client;
use crate::manager::installed;
use crate::types::error::Error;

/// Installs a client that is set up by environment variables.
///
/// `PREFACTOR_API_URL` (default `https://app.prefactorai.com`), `PREFACTOR_API_TOKEN` (required as soon as
/// anything names the API),
/// `PREFACTOR_AGENT_NAME`, `PREFACTOR_AGENT_IDENTIFIER`, `PREFACTOR_AGENT_ID`, `PREFACTOR_ENVIRONMENT_ID`;
/// `PREFACTOR_CAPTURE_INPUTS=false` and `PREFACTOR_CAPTURE_OUTPUTS=false` to record no values,
/// `PREFACTOR_MAX_INPUT_LENGTH` and `PREFACTOR_MAX_OUTPUT_LENGTH` for the longest texts (default 10,000 characters),
/// `PREFACTOR_MAX_DEBUG_LENGTH` for arguments that have a `Debug` only (default 1,024 characters),
/// `PREFACTOR_MAX_LIST_NUMBERS` for numbers in lists of numbers (default 4,096),
/// `PREFACTOR_SAMPLE_RATE` (default 1) for the share of traces to record, and `PREFACTOR_DISABLED=true` to record
/// nothing. It returns at once: the server is asked in the background.
///
/// In a program where no variable names the API (address, token, agent's or environment's id) the client is disabled, and
/// one log line says so.
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
