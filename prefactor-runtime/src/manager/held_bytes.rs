//! Limits the memory of held payloads.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::platform::internal_log::{self, FaultKind};

/// Bytes of payloads that are held by one client.
#[derive(Debug)]
pub(crate) struct HeldBytes {
    now: AtomicUsize,
    max: usize,
}

impl HeldBytes {
    pub(crate) const fn new(max: usize) -> Self {
        Self { now: AtomicUsize::new(0), max }
    }

    /// A copy, or nothing where there is no room.
    pub(super) fn copy(&self, payload: &[u8]) -> Box<[u8]> {
        let has_room = |now: usize| now.checked_add(payload.len()).filter(|sum| *sum <= self.max);
        if self.now.fetch_update(Relaxed, Relaxed, has_room).is_ok() {
            return payload.into();
        }
        internal_log::log_rate_limited(
            FaultKind::Held,
            "too much is held for failures: spans of runs that the sample rate leaves out are sent without payloads where they \
             fail; a larger max_queue_bytes holds more (PREFACTOR_MAX_QUEUE_BYTES)",
        );
        Box::default()
    }

    pub(super) fn release(&self, payload: &mut Box<[u8]>) {
        self.now.fetch_sub(std::mem::take(payload).len(), Relaxed);
    }
}
