//! Whether a destination's last attempt succeeded.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// How a processor or an exporter is doing, by its last attempt.
///
/// # Examples
///
/// ```
/// use prefactor::export::Health;
///
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let failing = client.processor_health().into_iter().filter(|(_, health)| *health == Health::Failing);
/// for (name, _) in failing {
///     eprintln!("{name} takes no spans at the moment");
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// Nothing has failed, or the last attempt succeeded.
    Working,
    /// The last attempt failed. Spans wait in the queue and are sent again, unless they were refused for good.
    Failing,
    /// The client is shut down.
    Stopped,
}

/// Written by the thread of the processor, read by anybody.
#[derive(Debug, Default)]
pub(crate) struct HealthCell(AtomicU8);

impl HealthCell {
    pub(super) fn set(&self, health: Health) {
        self.0.store(health as u8, Relaxed);
    }

    pub(crate) fn get(&self) -> Health {
        match self.0.load(Relaxed) {
            0 => Health::Working,
            1 => Health::Failing,
            _ => Health::Stopped,
        }
    }
}
