//! The client of the process.

use std::sync::{Arc, PoisonError, RwLock, TryLockError};

use once_cell::sync::OnceCell;

use crate::client::guard::ShutdownGuard;
use crate::client::handle::Client;
use crate::client::instance::InstanceInner;
use crate::payload::Limits;
use crate::platform::fork;
use crate::types::error::Error;

/// The cell lets any number of threads race to install, and one of them win; the lock lets a cell whose
/// client was shut down be replaced.
static INSTALLED: RwLock<OnceCell<Client>> = RwLock::new(OnceCell::new());

/// Installs a client that is set up by environment variables.
///
/// `PREFACTOR_API_URL` (default `https://app.prefactorai.com`), `PREFACTOR_API_TOKEN` (required),
/// `PREFACTOR_AGENT_NAME`, `PREFACTOR_AGENT_IDENTIFIER`, `PREFACTOR_AGENT_ID`, `PREFACTOR_ENVIRONMENT_ID`;
/// `PREFACTOR_CAPTURE_INPUTS=false` and `PREFACTOR_CAPTURE_OUTPUTS=false` to record no values,
/// `PREFACTOR_MAX_INPUT_LENGTH` and `PREFACTOR_MAX_OUTPUT_LENGTH` for the longest texts (default 10,000 characters),
/// `PREFACTOR_SAMPLE_RATE` (default 1) for the share of traces to record, and `PREFACTOR_DISABLED=true` to record
/// nothing. It returns at once: the server is asked in the background.
///
/// # Errors
///
/// When a variable is missing or malformed, with its name and the cure; when a client is installed already.
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
#[must_use]
pub fn client() -> Option<Client> {
    INSTALLED.read().unwrap_or_else(PoisonError::into_inner).get().cloned()
}

pub(crate) fn install(build: impl FnOnce() -> Result<Client, Error>) -> Result<ShutdownGuard, Error> {
    discard_closed();
    let mut is_new = false;
    let cell = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
    let client = cell.get_or_try_init(|| {
        is_new = true;
        build()
    })?;
    if is_new { Ok(ShutdownGuard::new(client.clone())) } else { Err(Error::already_installed()) }
}

pub(crate) fn default_instance() -> Option<Arc<InstanceInner>> {
    let cell = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
    cell.get().and_then(|client| client.default_instance().inner())
}

/// What may be captured outside of any instance.
pub(crate) fn limits() -> Limits {
    let cell = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
    // Without a client: a future or a stream that is made here may be polled in an instance.
    cell.get().and_then(Client::limits).unwrap_or_default()
}

/// A client that was shut down stays installed, to count what comes after it, until another takes its place. So does
/// that of the process from which this one was forked off.
fn discard_closed() {
    let is_over = |client: &Client| client.is_closed() || client.is_inherited();
    if !client().as_ref().is_some_and(is_over) {
        return;
    }
    // A process that was forked off may find the lock held by a thread that it does not have.
    let Some(mut cell) = (match INSTALLED.try_write() {
        Ok(cell) => Some(cell),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) if fork::generation() == 0 => {
            Some(INSTALLED.write().unwrap_or_else(PoisonError::into_inner))
        }
        Err(TryLockError::WouldBlock) => None,
    }) else {
        return;
    };
    let discarded = if cell.get().is_some_and(is_over) { cell.take() } else { None };
    drop(cell);
    drop(discarded);
}
