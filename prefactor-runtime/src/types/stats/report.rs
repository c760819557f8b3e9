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
    /// The counts at that moment. Of a client without Prefactor, a span is acknowledged here when its processors were told of it.
    pub stats: Stats,
    /// The counts of each processor and exporter at that moment, with its name, as
    /// [`Client::processor_stats`](crate::Client::processor_stats) gives them.
    pub processors: Vec<(String, Stats)>,
    /// Whether spans go to processors alone, so that [`stats`](Self::stats) says nothing of a delivery.
    pub(crate) is_without_prefactor: bool,
}

impl FlushReport {
    /// The counts of deliveries, with the name of what delivered: without one for Prefactor.
    fn deliveries(&self) -> impl Iterator<Item = (Option<&str>, &Stats)> {
        let prefactor = (!self.is_without_prefactor).then_some((None, &self.stats));
        prefactor.into_iter().chain(self.processors.iter().map(|(name, stats)| (Some(&**name), stats)))
    }

    /// Whether spans were lost, by any of those that deliver.
    #[cfg(feature = "enabled")]
    pub(crate) fn has_losses(&self) -> bool {
        self.deliveries().any(|(_, stats)| stats.has_losses())
    }
}

/// The counts of Prefactor, and of each processor that has lost or still holds spans. Without Prefactor, those of all processors.
impl fmt::Display for FlushReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_said = |(name, stats): &(Option<&str>, &Stats)| {
            name.is_none() || self.is_without_prefactor || stats.has_losses()
        };
        for (index, (name, stats)) in self.deliveries().filter(is_said).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
            write!(formatter, "{separator}{name}{stats}")?;
        }
        Ok(())
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
        let report = FlushReport { is_complete: true, stats: counters.snapshot(), ..FlushReport::default() };
        let text = "0 of 3 spans delivered, 1 dropped (queue_full: raise max_queue_bytes), 1 dropped (rejected), 1 outstanding";
        assert_eq!(report.to_string(), text);
    }

    #[test]
    fn debug_text_names_the_parts_of_stats_and_report() {
        let counters = Counters::default();
        counters.created();
        counters.dropped(DropReason::QueueFull);
        counters.fell_back(Fallback::ALL[0]);
        let report = FlushReport { is_complete: true, stats: counters.snapshot(), ..FlushReport::default() };
        let text = format!("{report:?}");
        for part in
            ["is_complete: true", "created: 1", "dropped: {QueueFull: 1}", "outstanding: 0", "runs: RunStats"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains(&format!("fallbacks: [{:?}]", Fallback::ALL[0])), "{text}");
    }

    #[test]
    fn report_names_each_processor_that_lost_spans() {
        let counted = |is_delivered: bool| {
            let counters = Counters::default();
            counters.created();
            if is_delivered {
                counters.acknowledged();
            } else {
                counters.dropped(DropReason::ShutdownDeadline);
            }
            counters.snapshot()
        };
        let report = |is_without_prefactor, stats, processors: &[(&str, bool)]| {
            let named = |(name, is_delivered): &(&str, bool)| ((*name).to_owned(), counted(*is_delivered));
            let processors = processors.iter().map(named).collect();
            let report = FlushReport { is_complete: false, stats, processors, is_without_prefactor };
            (report.to_string(), report.has_losses())
        };
        let text = |text: &str| text.to_owned();
        let lost = "0 of 1 spans delivered, 1 dropped (shutdown_deadline)";
        assert_eq!(
            report(true, counted(true), &[("file", false), ("console", true)]),
            (format!("file: {lost}; console: 1 of 1 spans delivered"), true)
        );
        assert_eq!(
            report(false, counted(true), &[("file", false), ("console", true)]),
            (format!("1 of 1 spans delivered; file: {lost}"), true)
        );
        assert_eq!(report(false, counted(true), &[("file", true)]), (text("1 of 1 spans delivered"), false));
        assert_eq!(report(false, counted(false), &[]), (text(lost), true));
    }
}
