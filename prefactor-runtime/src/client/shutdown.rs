//! Waits for delivery: flush and shutdown, on a thread and in async code.

use std::time::{Duration, Instant};

use crate::client::handle::Client;
use crate::delivery::queue::shards::Reply;
use crate::manager::span_manager::SpanManager;
use crate::platform::internal_log;
use crate::platform::oneshot;
use crate::types::stats::FlushReport;
use crate::types::status::InstanceStatus;

/// How long a caller waits beyond its deadline for the worker's report.
const GRACE: Duration = Duration::from_millis(100);

impl Client {
    /// Waits until everything recorded so far is delivered or dropped, at most for `timeout`.
    ///
    /// Blocks the thread; in async code use [`flush_async`](Client::flush_async).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| prefactor::span("agent:step").complete(&"done"));
    /// let report = recorder.client().flush(Duration::from_secs(60));
    /// assert!(report.is_complete, "{report}");
    /// ```
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        self.ask(timeout, SpanManager::flush).wait(self)
    }

    /// Waits until everything recorded so far is delivered or dropped, at most for `timeout`, in any executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting and nothing else.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # async fn checkpoint(client: prefactor::Client) {
    /// let report = client.flush_async(Duration::from_secs(5)).await;
    /// if !report.is_complete {
    ///     eprintln!("{report}");
    /// }
    /// # }
    /// ```
    pub async fn flush_async(&self, timeout: Duration) -> FlushReport {
        self.ask_async(timeout, SpanManager::flush).await
    }

    /// Delivers all accepted spans, for at most `timeout`, and accepts no new ones.
    ///
    /// Spans that are still open are cancelled, and instances that are not finished end as `complete`.
    /// Blocks the thread; in async code use [`shutdown_async`](Client::shutdown_async).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// let report = client.shutdown(Duration::from_secs(60));
    /// assert!(report.is_complete, "{report}");
    /// ```
    pub fn shutdown(&self, timeout: Duration) -> FlushReport {
        self.shut_down(timeout, InstanceStatus::Complete)
    }

    /// Delivers all accepted spans, for at most `timeout`, and accepts no new ones, in any executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting; the client is shut down all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # async fn end(client: prefactor::Client) {
    /// let report = client.shutdown_async(Duration::from_secs(5)).await;
    /// if !report.is_complete {
    ///     eprintln!("{report}");
    /// }
    /// # }
    /// ```
    pub async fn shutdown_async(&self, timeout: Duration) -> FlushReport {
        let (is_first, deadline) = (self.state.close(), deadline(timeout));
        let report = self
            .ask_async(timeout, |manager, deadline, reply| {
                manager.shutdown(deadline, InstanceStatus::Complete, reply);
            })
            .await;
        if is_first {
            summarise(&report, internal_log::log_always);
        }
        if let Some(manager) = self.state.manager() {
            let (written, until) = internal_log::last_lines(deadline);
            let mut sleep = manager.timer().at(until);
            tokio::select! {
                biased;
                _ = written => {}
                () = sleep.elapsed() => {}
            }
        }
        report
    }

    pub(crate) fn shut_down(&self, timeout: Duration, status: InstanceStatus) -> FlushReport {
        let (is_first, waiting) = self.begin_shutdown(timeout, status);
        let report = waiting.wait(self);
        if is_first {
            summarise(&report, internal_log::log_always);
        }
        waiting.wait_for_last_lines();
        report
    }

    /// Has the worker shut down, and says whether this is the first who wants it.
    pub(crate) fn begin_shutdown(&self, timeout: Duration, status: InstanceStatus) -> (bool, Waiting) {
        let is_first = self.state.close();
        let answer = self.ask(timeout, |manager, deadline, reply| manager.shutdown(deadline, status, reply));
        (is_first, answer)
    }

    pub(crate) fn shutdown_timeout(&self) -> Duration {
        self.state.shutdown_timeout()
    }

    pub(crate) fn drain_timeout(&self) -> Duration {
        self.state.drain_timeout()
    }

    pub(crate) fn has_begun_shutdown(&self) -> bool {
        self.state.has_begun_shutdown()
    }

    fn ask(&self, timeout: Duration, ask: impl FnOnce(&SpanManager, Instant, Reply)) -> Waiting {
        let (reply, answer) = oneshot::channel();
        let deadline = deadline(timeout);
        if let Some(manager) = self.state.manager() {
            ask(manager, deadline, Box::new(move |report| reply.send(report)));
        }
        Waiting { answer, deadline }
    }

    async fn ask_async(
        &self,
        timeout: Duration,
        ask: impl FnOnce(&SpanManager, Instant, Reply),
    ) -> FlushReport {
        let (reply, answer) = oneshot::channel();
        let reply: Reply = Box::new(move |report| reply.send(report));
        let deadline = deadline(timeout);
        let Some(manager) = self.state.manager() else { return self.unanswered() };
        ask(manager, deadline, reply);
        // The worker also keeps the deadline, but not while a redaction rule of the program blocks it.
        let mut sleep = manager.timer().at(deadline + GRACE);
        let report = tokio::select! {
            biased;
            report = answer => report,
            () = sleep.elapsed() => None,
        };
        self.whole(report.unwrap_or_else(|| self.unanswered()))
    }

    /// The report of the worker, with what the processors count.
    fn whole(&self, report: FlushReport) -> FlushReport {
        let processors = self.processor_stats();
        let goes_nowhere_else = self.state.manager().is_some_and(|manager| manager.is_without_prefactor());
        FlushReport {
            is_without_prefactor: goes_nowhere_else && !processors.is_empty(),
            processors,
            ..report
        }
    }

    /// There is no worker, or it has gone: with everything settled by a shutdown before this call, or because it
    /// panicked. Or it is kept by a rule of the program, and says nothing in time.
    fn unanswered(&self) -> FlushReport {
        let stats = self.stats();
        let is_complete = stats.outstanding == 0
            && self.processor_stats().iter().all(|(_, processor)| processor.outstanding == 0);
        FlushReport { is_complete, stats, ..FlushReport::default() }
    }
}

/// A question that the worker was asked.
pub(crate) struct Waiting {
    answer: oneshot::Receiver<FlushReport>,
    deadline: Instant,
}

impl Waiting {
    /// Blocks until the answer is there, at most until its deadline and a moment longer.
    pub(crate) fn wait(&self, client: &Client) -> FlushReport {
        // The worker must not wait for itself, as it would when a transport calls `flush`.
        let is_worker = client.state.manager().is_some_and(|manager| manager.is_worker());
        let moment = if is_worker { Instant::now() } else { self.deadline + GRACE };
        client.whole(self.answer.recv_deadline(moment).unwrap_or_else(|| client.unanswered()))
    }

    /// Blocks until the log is written, for a second at most: standard error may be a pipe that nobody reads.
    pub(crate) fn wait_for_last_lines(&self) {
        let (written, until) = internal_log::last_lines(self.deadline);
        written.recv_deadline(until);
    }
}

fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);
    Instant::now() + timeout.min(YEAR)
}

/// Logs one line when spans were lost against the program's will, or wait in the spool, however the shutdown ends.
pub(crate) fn summarise(report: &FlushReport, say: impl FnOnce(&str)) {
    if report.has_losses() {
        say(&format!("shut down with losses: {report}"));
    } else if report.stats.kept > 0 {
        say(&format!(
            "shut down: {report}; the agent delivers these when it starts again, or prefactor-spool does"
        ));
    }
}
