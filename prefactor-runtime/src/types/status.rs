//! The states of spans and agent instances, in the words of the API.

use std::fmt;
use std::process::ExitCode;

/// The state of a span.
///
/// # Examples
///
/// ```
/// use prefactor::SpanStatus;
///
/// assert_eq!(SpanStatus::Cancelled.as_str(), "cancelled");
/// assert!(SpanStatus::Cancelled.is_final() && !SpanStatus::Active.is_final());
/// assert_eq!(prefactor::span("agent:step").status(), None); // no client is installed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanStatus {
    /// Prepared, not started.
    Pending,
    /// Started, not finished.
    Active,
    /// Finished well.
    Complete,
    /// Finished with an error or a panic.
    Failed,
    /// Given up before it came to a result.
    Cancelled,
}

impl SpanStatus {
    /// The API's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether a span in this state has ended.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for SpanStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// How an agent instance ends.
///
/// `terminated` is missing on purpose: only the platform sets it.
///
/// # Examples
///
/// ```
/// use prefactor::InstanceStatus;
///
/// assert_eq!(InstanceStatus::default(), InstanceStatus::Complete);
/// assert_eq!(InstanceStatus::Failed.to_string(), "failed");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstanceStatus {
    /// The run came to its end.
    #[default]
    Complete,
    /// The run failed.
    Failed,
    /// The run was given up before it started. Sent as `failed` once the instance is active, because the API
    /// cancels pending instances only.
    Cancelled,
}

impl InstanceStatus {
    /// The API's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for InstanceStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The platform ended this agent instance.
///
/// Returned by [`AgentInstance::run`](crate::AgentInstance::run), which drops the agent's future when the
/// signal arrives.
///
/// # Examples
///
/// ```
/// # async fn answer(question: &str) -> String { question.to_owned() }
/// # async fn serve(run: prefactor::AgentInstance) {
/// match run.run_value(answer("What is a span?")).await {
///     Ok(text) => println!("{text}"),
///     Err(terminated) => eprintln!("{:?}", terminated.reason),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terminated {
    /// The reason that was given when the run was ended.
    pub reason: Option<String>,
}

impl fmt::Display for Terminated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Some(reason) => write!(formatter, "the agent instance was terminated: {reason}"),
            None => formatter.write_str("the agent instance was terminated"),
        }
    }
}

impl std::error::Error for Terminated {}

/// The signal that asked the process to end, as [`Client::shutdown_on_signal`](crate::Client::shutdown_on_signal) returns it.
///
/// # Examples
///
/// ```
/// use prefactor::Signal;
///
/// assert_eq!(Signal::Interrupt.exit_code(), 130);
/// assert_eq!(Signal::Terminate.exit_code(), 143);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// `SIGINT`, or ctrl-c.
    Interrupt,
    /// `SIGTERM`, which service managers and containers send.
    Terminate,
}

impl Signal {
    /// The exit code by which shells know a program that was ended by it: 130 or 143.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

impl From<Signal> for ExitCode {
    fn from(signal: Signal) -> Self {
        Self::from(signal.exit_code())
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}
