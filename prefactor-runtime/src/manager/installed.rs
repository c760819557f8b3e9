//! The process-wide slot: the client for all spans that are made outside of any other.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, TryLockError};

use once_cell::sync::OnceCell;

use crate::manager::client_state::ClientState;
use crate::manager::instance_state::InstanceState;
use crate::manager::recorders::Counted;
use crate::payload::CaptureLimits;
use crate::platform::fork;
use crate::types::error::Error;

type Slot = OnceCell<Installed>;

struct Installed {
    client: Arc<ClientState>,
    /// `None` for a disabled client.
    _counted: Option<Counted>,
}

/// The cell lets any number of threads race to install, and one of them win; the lock lets a cell whose
/// client was shut down be replaced.
static INSTALLED: RwLock<Slot> = RwLock::new(OnceCell::new());

fn read() -> RwLockReadGuard<'static, Slot> {
    INSTALLED.read().unwrap_or_else(PoisonError::into_inner)
}

/// The installed client, if there is one.
pub(crate) fn client() -> Option<Arc<ClientState>> {
    read().get().map(|installed| Arc::clone(&installed.client))
}

/// Installs the client that `build` makes.
///
/// # Errors
///
/// The error of `build`, or that a client is installed already.
pub(crate) fn install(
    build: impl FnOnce() -> Result<Arc<ClientState>, Error>,
) -> Result<Arc<ClientState>, Error> {
    discard_closed();
    let mut is_new = false;
    let slot = read();
    let installed = slot.get_or_try_init(|| {
        is_new = true;
        let client = build()?;
        let counted = (!client.is_disabled()).then(Counted::recorder);
        Ok(Installed { client, _counted: counted })
    })?;
    if is_new { Ok(Arc::clone(&installed.client)) } else { Err(Error::already_installed()) }
}

/// The run of a span that is made outside of any other.
pub(crate) fn instance_of_stray() -> Option<Arc<InstanceState>> {
    // Clones the client, so that no lock is held while the client calls the program's logger.
    client().and_then(|client| client.instance_of_stray())
}

/// The capture limits of a new span outside of any run. `None` where nothing is recorded: without a client, or with a
/// disabled one.
pub(crate) fn limits() -> Option<CaptureLimits> {
    client().and_then(|client| client.limits())
}

/// As [`limits`], as far as it is known without the registration of a run.
pub(crate) fn limits_if_known() -> Option<CaptureLimits> {
    read().get().and_then(|installed| installed.client.limits_if_known())
}

/// Empties the slot if its client was shut down, or belongs to the process from which this one was forked.
///
/// Until then such a client stays installed, to count spans that start after its shutdown.
fn discard_closed() {
    let is_over = |client: &Arc<ClientState>| client.is_closed() || client.is_inherited();
    if !client().as_ref().is_some_and(is_over) {
        return;
    }
    let slot = match INSTALLED.try_write() {
        Ok(slot) => Some(slot),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) if fork::generation() == 0 => {
            Some(INSTALLED.write().unwrap_or_else(PoisonError::into_inner))
        }
        Err(TryLockError::WouldBlock) => None,
    };
    let Some(mut slot) = slot else { return };
    let discarded =
        if slot.get().is_some_and(|installed| is_over(&installed.client)) { slot.take() } else { None };
    drop(slot);
    drop(discarded);
}
