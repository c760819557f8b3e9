//! Counts the places of the process where a span could be recorded. Zero is the hot path's first check.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Runs that somebody refers to, and the installed client.
static RECORDERS: AtomicUsize = AtomicUsize::new(0);

/// Span managers that leave out spans by their kind.
static KIND_SAMPLERS: AtomicUsize = AtomicUsize::new(0);

/// Span managers that are alive.
static MANAGERS: AtomicUsize = AtomicUsize::new(0);

/// Whether a span could be recorded anywhere: the first check of every annotated function.
///
/// `false` without a client, with a disabled one, and beside one that is not installed and has no run.
#[inline]
#[must_use]
pub fn is_enabled() -> bool {
    RECORDERS.load(Relaxed) != 0
}

/// Whether any client is there: the first check of a function whose attribute names its client, which may have no run yet.
#[inline]
#[must_use]
pub fn has_client() -> bool {
    MANAGERS.load(Relaxed) != 0
}

/// Whether any client leaves out spans by their kind.
#[inline]
pub(crate) fn samples_kinds() -> bool {
    KIND_SAMPLERS.load(Relaxed) != 0
}

/// Counts one while it lives.
#[derive(Debug)]
pub(crate) struct Counted(&'static AtomicUsize);

impl Counted {
    /// A run, or the installed client.
    pub(crate) fn recorder() -> Self {
        Self::new(&RECORDERS)
    }

    /// A manager that leaves out spans by their kind.
    pub(crate) fn kind_sampler() -> Self {
        Self::new(&KIND_SAMPLERS)
    }

    pub(crate) fn manager() -> Self {
        Self::new(&MANAGERS)
    }

    fn new(count: &'static AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
