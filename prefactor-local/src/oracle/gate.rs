//! What a test opens when it is time for answers that were held back.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds answers back until it is opened. Clones are the same gate.
///
/// A gate that is never opened holds the answers until the server stops.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// A gate that is closed.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets all answers pass from now on, those that wait first.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn opened(&self) {
        let _ = self.0.subscribe().wait_for(|is_open| *is_open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
