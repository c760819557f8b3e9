//! The client: the handle that users hold on everything.

use std::fmt;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::agent::Agent;
use crate::builder::ClientBuilder;
use crate::delivery::{Reply, Worker};
use crate::diagnostics;
use crate::instance::AgentInstance;
use crate::manager::SpanManager;
use crate::payload::Limits;
use crate::stats::{Report, Stats};
use crate::status::InstanceStatus;

/// How long a caller waits beyond its deadline for the worker to say what it came to.
const GRACE: Duration = Duration::from_millis(100);

/// A connection to the platform: it registers agent instances and delivers their spans in the background.
///
/// Clones refer to the same client. Most programs have one, made by [`init`](crate::init) or
/// [`ClientBuilder::install`] and kept alive by the [`Guard`]. A client that is only built, not installed,
/// serves the instances that are registered with it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
}

struct ClientInner {
    /// `None` for a disabled client.
    pipeline: Option<Pipeline>,
    agent: Agent,
    /// The instance of spans that are made outside of any other.
    default_instance: OnceLock<AgentInstance>,
    shutdown_timeout: Duration,
}

struct Pipeline {
    manager: Arc<SpanManager>,
    worker: Worker,
}

impl Client {
    pub(crate) fn new(
        pipeline: Option<(Arc<SpanManager>, Worker)>,
        agent: Agent,
        shutdown_timeout: Duration,
    ) -> Self {
        let pipeline = pipeline.map(|(manager, worker)| Pipeline { manager, worker });
        Self {
            inner: Arc::new(ClientInner {
                pipeline,
                agent,
                default_instance: OnceLock::new(),
                shutdown_timeout,
            }),
        }
    }

    pub(crate) fn limits(&self) -> Option<Limits> {
        self.inner.pipeline.as_ref().map(|pipeline| pipeline.manager.limits())
    }

    /// Settings for a client. What is not set is read from the environment.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Registers one run of an agent. Returns at once; the registration happens in the background.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor_runtime::{Agent, Client};
    ///
    /// # async fn answer(question: &str) {}
    /// # async fn serve(client: Client) -> Result<(), prefactor_runtime::Terminated> {
    /// let instance = client.register(Agent::new("researcher").version("2.1.0"));
    /// instance.run(answer("What is a span?")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(&self, agent: impl Into<Agent>) -> AgentInstance {
        match self.pipeline() {
            Some(pipeline) => AgentInstance::register(&pipeline.manager, agent.into()),
            None => AgentInstance::noop(),
        }
    }

    /// The instance of spans that are made outside of any other: registered at first use, finished by the shutdown.
    pub fn default_instance(&self) -> AgentInstance {
        self.inner.default_instance.get_or_init(|| self.register(self.inner.agent.clone())).clone()
    }

    /// Whether spans are recorded: not so when the client is disabled or shut down.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !self.is_closed() && self.pipeline().is_some()
    }

    /// What has become of the spans so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.pipeline().map(|pipeline| pipeline.manager.counters().snapshot()).unwrap_or_default()
    }

    /// Waits until everything recorded so far is delivered or dropped, at most for `timeout`.
    ///
    /// Blocks the thread; in async code use [`flush_async`](Client::flush_async).
    pub fn flush(&self, timeout: Duration) -> Report {
        self.wait(timeout, |manager, deadline, reply| manager.queue().flush(deadline, reply))
    }

    /// Waits until everything recorded so far is delivered or dropped, at most for `timeout`, in any executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting and nothing else.
    pub async fn flush_async(&self, timeout: Duration) -> Report {
        self.wait_async(timeout, |manager, deadline, reply| manager.queue().flush(deadline, reply)).await
    }

    /// Delivers what there is, at most for `timeout`, and accepts nothing more.
    ///
    /// Spans that are still open are cancelled, and instances that are not finished end as `complete`.
    /// Blocks the thread; in async code use [`shutdown_async`](Client::shutdown_async).
    pub fn shutdown(&self, timeout: Duration) -> Report {
        self.shut_down(timeout, InstanceStatus::Complete)
    }

    /// Delivers what there is, at most for `timeout`, and accepts nothing more, in any executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting; the client is shut down all the same.
    pub async fn shutdown_async(&self, timeout: Duration) -> Report {
        let is_first = self.close();
        let report = self
            .wait_async(timeout, |manager, deadline, reply| {
                manager.queue().shutdown(deadline, InstanceStatus::Complete, reply);
            })
            .await;
        summarise(is_first, report)
    }

    pub(crate) fn shut_down(&self, timeout: Duration, status: InstanceStatus) -> Report {
        let is_first = self.close();
        let report =
            self.wait(timeout, |manager, deadline, reply| manager.queue().shutdown(deadline, status, reply));
        summarise(is_first, report)
    }

    pub(crate) fn shutdown_timeout(&self) -> Duration {
        self.inner.shutdown_timeout
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.pipeline().is_some_and(|pipeline| pipeline.manager.is_closed())
    }

    fn close(&self) -> bool {
        self.pipeline().is_some_and(|pipeline| pipeline.manager.close())
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        self.inner.pipeline.as_ref()
    }

    fn wait(&self, timeout: Duration, ask: impl FnOnce(&SpanManager, Instant, Reply)) -> Report {
        let Some(pipeline) = self.pipeline() else { return Report { finished: true, ..Report::default() } };
        let (reply, answer) = mpsc::sync_channel(1);
        ask(&pipeline.manager, deadline(timeout), Box::new(move |report| drop(reply.try_send(report))));
        // The worker cannot answer itself: a transport that flushes would wait for its own request.
        let timeout =
            if pipeline.worker.is_this_thread() { Duration::ZERO } else { timeout.saturating_add(GRACE) };
        answer.recv_timeout(timeout).unwrap_or_else(|_| self.unanswered())
    }

    async fn wait_async(&self, timeout: Duration, ask: impl FnOnce(&SpanManager, Instant, Reply)) -> Report {
        let Some(pipeline) = self.pipeline() else { return Report { finished: true, ..Report::default() } };
        let (reply, answer) = oneshot::channel();
        ask(&pipeline.manager, deadline(timeout), Box::new(move |report| drop(reply.send(report))));
        answer.await.unwrap_or_else(|_| self.unanswered())
    }

    /// The worker has gone, with everything settled by a shutdown before this call, or because it panicked.
    fn unanswered(&self) -> Report {
        let stats = self.stats();
        Report { finished: stats.held == 0, stats }
    }
}

fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);
    Instant::now() + timeout.min(YEAR)
}

/// One line when spans were lost, by whatever way the program ends.
fn summarise(is_first: bool, report: Report) -> Report {
    if is_first && report.stats.acknowledged < report.stats.created {
        diagnostics::say(&format!("shut down with losses: {report}"));
    }
    report
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("agent", &self.inner.agent.name())
            .field("is_enabled", &self.is_enabled())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// Shuts the installed client down when it is dropped: keep it until the end of `main`.
///
/// Dropping it blocks for at most the client's shutdown timeout, 5 s unless set otherwise. While a panic
/// unwinds, the agent instances that are still running end as `failed`.
#[must_use = "spans still queued are lost when the guard is not kept until the end of main: bind it to a name like `_prefactor`"]
pub struct Guard {
    client: Client,
}

impl Guard {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The installed client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl std::ops::Deref for Guard {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.client.is_closed() {
            let status =
                if std::thread::panicking() { InstanceStatus::Failed } else { InstanceStatus::Complete };
            let _ = self.client.shut_down(self.client.shutdown_timeout(), status);
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Guard").field(&self.client).finish()
    }
}
