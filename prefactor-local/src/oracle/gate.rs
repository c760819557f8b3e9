//! A gate in front of answers, which the test opens.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds answers back until it is opened; clones are the same gate.
///
/// A gate that stays closed holds the answers until the server stops.
///
/// # Examples
///
/// ```
/// use prefactor_local::oracle::{Fault, Gate, Oracle};
///
/// let (oracle, gate) = (Oracle::new(), Gate::new());
/// oracle.next(1, Fault::signal_held(&gate));
/// gate.open();
/// ```
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// Makes a closed gate.
    ///
    /// # Examples
    ///
    /// ```
    /// let gate = prefactor_local::oracle::Gate::new();
    /// gate.open();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets all answers pass, those that wait and later ones.
    ///
    /// # Examples
    ///
    /// ```
    /// let gate = prefactor_local::oracle::Gate::new();
    /// let same = gate.clone();
    /// same.open();
    /// ```
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
