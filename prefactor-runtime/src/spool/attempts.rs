//! Counts how often a journal was taken over by processes that ended before anything of it was settled.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The file with the number, in the folder of the journal.
pub(crate) const FILE: &str = "attempts";
/// After so many the journal itself is what ends processes.
const MAX: u32 = 5;

/// A search for journals on a thread of its own, which its client can call off. A client that is shut down meanwhile was not
/// ended by a journal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The journal that was counted last.
    counted: Option<PathBuf>,
    is_called_off: bool,
}

impl Search {
    /// Counts one more attempt, and says whether there were too many. `None` once the search is called off.
    pub(super) fn is_hopeless(&self, journal: &Path) -> Option<bool> {
        let mut state = self.lock();
        if state.is_called_off {
            return None;
        }
        let path = journal.join(FILE);
        let attempts = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let _ = fs::write(&path, format!("{}\n", attempts + 1));
        state.counted = Some(journal.to_owned());
        Some(attempts >= MAX)
    }

    /// Takes back what was counted, and lets nothing more be counted.
    pub(crate) fn call_off(&self) {
        let mut state = self.lock();
        state.is_called_off = true;
        if let Some(journal) = state.counted.take() {
            survived(&journal);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The journal is not what ends processes.
pub(super) fn survived(journal: &Path) {
    let _ = fs::remove_file(journal.join(FILE));
}
