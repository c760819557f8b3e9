//! Why spans are dropped.

use std::fmt;

/// Why a span did not reach the platform.
///
/// # Examples
///
/// ```
/// use prefactor::DropReason;
/// use prefactor::testing::Recorder;
///
/// let recorder = Recorder::new();
/// recorder.run(|| prefactor::span("agent:step").complete(&"done"));
/// assert_eq!(recorder.client().stats().dropped(DropReason::QueueFull), 0);
/// assert_eq!(DropReason::QueueFull.as_str(), "queue_full");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full, by count or by bytes, when the span started.
    QueueFull,
    /// The API does not take a body of the span's size, not even without its payloads.
    TooLarge,
    /// The API refused the span.
    Rejected,
    /// The API refused what the span depends on: its start, or its agent instance.
    DependencyRejected,
    /// The API refused the token until the client was shut down.
    Auth,
    /// The span was never sent: the registration of its run was given up, after responses that were not the API's.
    Protocol,
    /// The deadline of the shutdown came first.
    ShutdownDeadline,
    /// The span was started after the shutdown.
    AfterShutdown,
    /// The span was started in a run that the program had finished.
    RunFinished,
    /// The delivery thread is gone.
    WorkerLost,
    /// The spool was damaged: nothing is left of the run that the span belongs to.
    SpoolLost,
    /// A processor panicked when it was given the span.
    ProcessorPanicked,
    /// The trace was not among those to record, or the span of a kind that is left out: see
    /// [`sample_rate`](crate::ClientBuilder::sample_rate) and [`sample_rate_of`](crate::ClientBuilder::sample_rate_of).
    SampledOut,
}

impl DropReason {
    /// All reasons, in the order of their declaration.
    pub const ALL: [Self; 13] = [
        Self::QueueFull,
        Self::TooLarge,
        Self::Rejected,
        Self::DependencyRejected,
        Self::Auth,
        Self::Protocol,
        Self::ShutdownDeadline,
        Self::AfterShutdown,
        Self::RunFinished,
        Self::WorkerLost,
        Self::SpoolLost,
        Self::ProcessorPanicked,
        Self::SampledOut,
    ];

    /// The reason in snake case, as it is logged.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::TooLarge => "too_large",
            Self::Rejected => "rejected",
            Self::DependencyRejected => "dependency_rejected",
            Self::Auth => "auth",
            Self::Protocol => "protocol",
            Self::ShutdownDeadline => "shutdown_deadline",
            Self::AfterShutdown => "after_shutdown",
            Self::RunFinished => "run_finished",
            Self::WorkerLost => "worker_lost",
            Self::SpoolLost => "spool_lost",
            Self::ProcessorPanicked => "processor_panicked",
            Self::SampledOut => "sampled_out",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
