//! Counts of runs, and of calls of runs, as the program sees them.

/// Counts of runs (agent instances) since the client was made. `created = finished + lost + unknown + outstanding`.
///
/// Runs that are not recorded, because of [`sample_rate`](crate::ClientBuilder::sample_rate), are not counted.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let runs = client.stats().runs;
/// println!("{} of {} runs were registered", runs.registered, runs.created);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunStats {
    /// Runs that the program registered.
    pub created: u64,
    /// Runs whose registration the API has accepted.
    pub registered: u64,
    /// Runs whose start the API has accepted.
    pub started: u64,
    /// Runs whose finish the API has accepted.
    pub finished: u64,
    /// Runs whose registration or finish the API refused, or never received: it shows them as active, or not at all.
    pub lost: u64,
    /// Runs whose finish was sent and got no response that tells its outcome.
    pub unknown: u64,
    /// Runs that are not finished, or whose finish is on its way.
    pub outstanding: u64,
}

/// Counts of calls of runs since the client was made: qualities that were recorded or removed, alerts that were raised or
/// cleared, and terminations. `created = acknowledged + lost + unknown + outstanding`.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let calls = client.stats().run_calls;
/// println!("{} of {} calls of runs were accepted", calls.acknowledged, calls.created);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunCallStats {
    /// Calls that the program made.
    pub created: u64,
    /// Calls that the API has accepted.
    pub acknowledged: u64,
    /// Calls that the API refused, or never received.
    pub lost: u64,
    /// Calls that were sent and got no response that tells their outcome.
    pub unknown: u64,
    /// Calls on their way.
    pub outstanding: u64,
}
