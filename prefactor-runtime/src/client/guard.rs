//! The owner of the installed client, which shuts it down at the end of `main`.

use std::fmt;

use crate::client::handle::Client;
use crate::types::status::InstanceStatus;

/// Shuts the installed client down when it is dropped: keep it until the end of `main`.
///
/// Dropping it blocks for at most the client's shutdown timeout, 5 s unless set otherwise. While a panic
/// unwinds, the agent instances that are still running end as `failed`.
///
/// # Examples
///
/// ```no_run
/// fn main() -> Result<(), prefactor::Error> {
///     let _prefactor = prefactor::init()?; // delivers waiting spans when `main` ends
///     // the agent
///     Ok(())
/// }
/// ```
#[must_use = "spans still queued are lost when the guard is not kept until the end of main: bind it to a name like `_prefactor`"]
pub struct ShutdownGuard {
    client: Client,
}

impl ShutdownGuard {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The installed client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl std::ops::Deref for ShutdownGuard {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for ShutdownGuard {
    fn drop(&mut self) {
        let status = if std::thread::panicking() { InstanceStatus::Failed } else { InstanceStatus::Complete };
        // Waits also for a shutdown that is under way: the end of `main` would cut it short.
        let _ = self.client.shut_down(self.client.shutdown_timeout(), status);
    }
}

impl fmt::Debug for ShutdownGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ShutdownGuard").field(&self.client).finish()
    }
}
