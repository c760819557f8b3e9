//! The result of a flush or a shutdown.

use std::fmt;

use super::counts::Stats;

/// The result of a flush or a shutdown.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let report = client.flush(Duration::from_secs(60));
/// assert!(report.is_complete, "{report}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says whether spans were lost"]
pub struct FlushReport {
    /// Whether everything recorded before the call was settled before its deadline.
    pub is_complete: bool,
    /// The counts at that moment.
    pub stats: Stats,
}

impl fmt::Display for FlushReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.stats)
    }
}

#[cfg(all(test, feature = "enabled"))]
mod tests {
    use super::super::counters::Counters;
    use super::super::drop_reason::DropReason;
    use super::super::fallback::Fallback;
    use super::*;

    #[test]
    fn report_of_a_full_queue_names_the_setting_that_keeps_more() {
        let counters = Counters::default();
        (0..3).for_each(|_| counters.created());
        counters.dropped(DropReason::QueueFull);
        counters.dropped(DropReason::Rejected);
        let report = FlushReport { is_complete: true, stats: counters.snapshot() };
        let text = "0 of 3 spans delivered, 1 dropped (queue_full: raise max_queue_bytes), 1 dropped (rejected), 1 outstanding";
        assert_eq!(report.to_string(), text);
    }

    #[test]
    fn debug_text_names_the_parts_of_stats_and_report() {
        let counters = Counters::default();
        counters.created();
        counters.dropped(DropReason::QueueFull);
        counters.fell_back(Fallback::ALL[0]);
        let report = FlushReport { is_complete: true, stats: counters.snapshot() };
        let text = format!("{report:?}");
        for part in
            ["is_complete: true", "created: 1", "dropped: {QueueFull: 1}", "outstanding: 0", "runs: RunStats"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains(&format!("fallbacks: [{:?}]", Fallback::ALL[0])), "{text}");
    }
}
