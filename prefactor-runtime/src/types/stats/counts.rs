//! Counts of spans by their outcome, as the program sees them.

use std::collections::BTreeMap;
use std::fmt;

use super::drop_reason::DropReason;
use super::fallback::Fallback;
use super::run_counts::{RunCallStats, RunStats};

/// Counts of spans since the client was made. `created = acknowledged + dropped + unknown + outstanding`.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let stats = client.stats();
/// println!("{} of {} spans were dropped", stats.dropped_total(), stats.created);
/// for (reason, count) in stats.drops() {
///     println!("{count} spans were dropped: {}", reason.as_str());
/// }
/// for fallback in stats.fallbacks() {
///     println!("the API refused a way of delivery: {fallback:?}");
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Spans started, or cancelled before their start.
    pub created: u64,
    /// Spans whose final state the API has accepted.
    pub acknowledged: u64,
    /// Spans that may be on the platform: in flight when the shutdown's deadline came, or given up after responses that were
    /// not the API's.
    pub unknown: u64,
    /// Spans still open or on their way, or kept in the spool by a shutdown.
    pub outstanding: u64,
    /// Requests sent, repeats included.
    pub requests: u64,
    /// Requests repeated.
    pub retries: u64,
    /// How often the delivery thread panicked and was started again.
    pub worker_restarts: u64,
    /// How often the server showed that it had started anew, without the data that it had before.
    pub server_restarts: u64,
    /// Spans that the program made outside of any run, although it registers runs itself: they are in the default instance. A
    /// task or thread that was not given its [`Context`](crate::Context) makes such spans.
    pub outside_of_runs: u64,
    /// Spans of which the start was written to the spool, so that the end of the process does not lose them.
    pub spooled: u64,
    /// Spans that are kept in memory alone although there is a spool: it is full, or cannot be written.
    pub unspooled: u64,
    /// Spans that the shutdown left in the spool, for the next process to deliver. They are among those outstanding.
    pub kept: u64,
    /// How often the spool was synced to its medium: as `Fsync` says.
    pub spool_syncs: u64,
    /// Spans taken over from the spools of processes that have ended. They are among those created.
    pub adopted: u64,
    /// Places in the spool that were damaged, and files that could not be read. The undamaged records around them are delivered.
    pub spool_damaged: u64,
    /// Counts of runs.
    pub runs: RunStats,
    /// Counts of calls of runs: quality, alerts and terminations.
    pub run_calls: RunCallStats,
    pub(super) dropped: [u64; DropReason::ALL.len()],
    pub(super) has_fallen_back: [bool; Fallback::ALL.len()],
}

impl Stats {
    /// The ways of delivery that the API refused.
    pub fn fallbacks(&self) -> impl Iterator<Item = Fallback> + '_ {
        Fallback::ALL.into_iter().filter(|fallback| self.has_fallen_back[*fallback as usize])
    }

    /// Spans dropped for one reason.
    #[must_use]
    pub const fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped[reason as usize]
    }

    /// Spans dropped, all reasons together.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// Whether spans were not delivered, but for those that sampling left out and those that a spool keeps.
    pub(crate) const fn has_losses(&self) -> bool {
        self.acknowledged + self.kept + self.dropped(DropReason::SampledOut) < self.created
    }

    /// The reasons for which spans were dropped, with their counts.
    pub fn drops(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL
            .into_iter()
            .map(|reason| (reason, self.dropped(reason)))
            .filter(|(_, count)| *count > 0)
    }
}

/// Shows every part by its name: the counts, the drops by reason, the fallbacks.
#[expect(clippy::missing_fields_in_debug, reason = "the arrays are shown by the names of their places")]
impl fmt::Debug for Stats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drops: BTreeMap<_, _> = self.drops().collect();
        let fallbacks: Vec<_> = self.fallbacks().collect();
        formatter
            .debug_struct("Stats")
            .field("created", &self.created)
            .field("acknowledged", &self.acknowledged)
            .field("dropped", &drops)
            .field("unknown", &self.unknown)
            .field("outstanding", &self.outstanding)
            .field("requests", &self.requests)
            .field("retries", &self.retries)
            .field("worker_restarts", &self.worker_restarts)
            .field("server_restarts", &self.server_restarts)
            .field("outside_of_runs", &self.outside_of_runs)
            .field("spooled", &self.spooled)
            .field("unspooled", &self.unspooled)
            .field("kept", &self.kept)
            .field("spool_syncs", &self.spool_syncs)
            .field("adopted", &self.adopted)
            .field("spool_damaged", &self.spool_damaged)
            .field("runs", &self.runs)
            .field("run_calls", &self.run_calls)
            .field("fallbacks", &fallbacks)
            .finish()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} spans delivered", self.acknowledged, self.created)?;
        for (reason, count) in self.drops() {
            let cure = if reason == DropReason::QueueFull { ": raise max_queue_bytes" } else { "" };
            write!(formatter, ", {count} dropped ({reason}{cure})")?;
        }
        let outstanding = self.outstanding.saturating_sub(self.kept);
        for (word, count) in [
            ("with unknown outcome", self.unknown),
            ("outstanding", outstanding),
            ("kept in the spool", self.kept),
        ] {
            if count > 0 {
                write!(formatter, ", {count} {word}")?;
            }
        }
        for (word, count) in [("lost", self.runs.lost), ("with unknown outcome", self.runs.unknown)] {
            if count > 0 {
                write!(formatter, ", {count} of {} runs {word}", self.runs.created)?;
            }
        }
        for (word, count) in [("lost", self.run_calls.lost), ("with unknown outcome", self.run_calls.unknown)]
        {
            if count > 0 {
                let made = self.run_calls.created;
                write!(formatter, ", {count} of {made} qualities, alerts and terminations {word}")?;
            }
        }
        Ok(())
    }
}
