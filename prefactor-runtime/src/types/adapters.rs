//! Crates that record spans of other crates' work, named by themselves.

#[cfg(feature = "enabled")]
pub(crate) use list::announced;

/// Names a crate that records spans of other crates' work, for all clients of this process.
///
/// Registrations that are written from then on have `name@version` in `agent_sdk`, requests in the header `X-Prefactor-SDK`,
/// after the entries of [`ClientBuilder::sdk_entry`](crate::ClientBuilder::sdk_entry). For authors of adapters, who call it where
/// their layer or wrapper is made: that a crate is linked says nothing of whether it is used. The integrations of
/// this project do so.
///
/// Naming a crate again changes nothing. Names and versions of other characters than visible ASCII ones, of more than 100 bytes
/// together, and more than 16 crates are left out. Does not block on the network.
///
/// # Examples
///
/// ```
/// prefactor::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
/// ```
#[cfg_attr(
    not(feature = "enabled"),
    expect(
        unused_variables,
        clippy::missing_const_for_fn,
        reason = "as in the other form, and nothing is recorded"
    )
)]
pub fn announce(name: &'static str, version: &'static str) {
    #[cfg(feature = "enabled")]
    list::announce(name, version);
}

#[cfg(feature = "enabled")]
mod list {
    use std::sync::{Arc, LazyLock, Mutex, PoisonError};

    use crate::platform::per_process::{PerProcess, Succeed};

    const MAX_ENTRIES: usize = 16;
    /// The same bound as for `sdk_entry`, without the `@`.
    const MAX_BYTES: usize = 100;

    #[derive(Debug, Default)]
    struct Adapters {
        process: PerProcess<Self>,
        entries: Mutex<Vec<String>>,
    }

    static ADAPTERS: LazyLock<Arc<Adapters>> = LazyLock::new(Arc::default);

    pub(super) fn announce(name: &'static str, version: &'static str) {
        let is_visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_visible(name) || !is_visible(version) || name.len() + version.len() > MAX_BYTES {
            return;
        }
        let entry = format!("{name}@{version}");
        let mut entries = ADAPTERS.current().entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() < MAX_ENTRIES && !entries.contains(&entry) {
            entries.push(entry);
        }
    }

    /// A client's own entries, and the crates that have named themselves so far and are not among them.
    pub(crate) fn announced(own: &[String]) -> Vec<String> {
        let entries = ADAPTERS.current().entries.lock().unwrap_or_else(PoisonError::into_inner);
        own.iter().chain(entries.iter().filter(|entry| !own.contains(entry))).cloned().collect()
    }

    impl Succeed for Adapters {
        fn process(&self) -> &PerProcess<Self> {
            &self.process
        }

        fn needs_successor(&self) -> bool {
            true
        }

        /// The same entries, unless another thread was writing them at the moment of the fork.
        fn succeed(&self) -> Arc<Self> {
            let entries = self.entries.try_lock().map(|entries| entries.clone()).unwrap_or_default();
            Arc::new(Self { process: PerProcess::default(), entries: Mutex::new(entries) })
        }
    }
}
