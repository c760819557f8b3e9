//! The printed account of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use prefactor::{RunStats, Stats};
use serde::Serialize;

use crate::work::Made;

/// The account of the spans, their costs for callers, and the time of delivery.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Spans by the count of the tasks, not of the SDK.
    created: u64,
    acknowledged: u64,
    /// Dropped spans by reason.
    dropped: BTreeMap<String, u64>,
    unknown: u64,
    outstanding: u64,
    runs: Runs,
    /// Microseconds.
    caller_delay_us: Delays,
    /// Seconds from the first span to the end of the shutdown.
    seconds: f64,
    requests: u64,
}

/// The account of the runs, each of which is one agent instance.
#[derive(Debug, Serialize)]
struct Runs {
    created: u64,
    registered: u64,
    started: u64,
    finished: u64,
    lost: u64,
    unknown: u64,
    outstanding: u64,
}

#[derive(Debug, Serialize)]
struct Delays {
    p50: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

impl Report {
    pub(crate) fn new(made: Made, stats: &Stats, took: Duration) -> Self {
        Self {
            created: made.spans,
            acknowledged: stats.acknowledged,
            dropped: stats.drops().map(|(reason, count)| (reason.to_string(), count)).collect(),
            unknown: stats.unknown,
            outstanding: stats.outstanding,
            runs: Runs::of(stats.runs),
            caller_delay_us: Delays::of(made.delays),
            seconds: took.as_secs_f64(),
            requests: stats.requests,
        }
    }

    /// Whether every span and every run is accounted for.
    pub(crate) fn adds_up(&self) -> bool {
        let dropped: u64 = self.dropped.values().sum();
        self.created == self.acknowledged + dropped + self.unknown + self.outstanding && self.runs.add_up()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Runs {
    fn of(stats: RunStats) -> Self {
        let RunStats { created, registered, started, finished, lost, unknown, outstanding, .. } = stats;
        Self { created, registered, started, finished, lost, unknown, outstanding }
    }

    fn add_up(&self) -> bool {
        self.created == self.finished + self.lost + self.unknown + self.outstanding
    }
}

impl Delays {
    fn of(mut delays: Vec<Duration>) -> Self {
        delays.sort_unstable();
        let at = |thousandths: usize| {
            let rank = (delays.len() * thousandths).div_ceil(1_000).max(1);
            delays.get(rank - 1).map_or(0.0, |delay| delay.as_secs_f64() * 1e6)
        };
        Self { p50: at(500), p99: at(990), p999: at(999), max: at(1_000) }
    }
}
