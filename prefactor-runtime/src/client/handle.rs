//! The client: the handle that users hold on everything.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::client::builder::ClientBuilder;
use crate::client::instance::{AgentInstance, InstanceInner};
use crate::client::signal::ShutdownOnSignal;
use crate::delivery::Reply;
use crate::manager::span_manager::SpanManager;
use crate::payload::Limits;
use crate::platform::internal_log;
use crate::platform::oneshot::{Answer, answer};
use crate::types::agent::Agent;
use crate::types::error::Error;
use crate::types::stats::{DropReason, FlushReport, Stats};
use crate::types::status::InstanceStatus;

/// How long a caller waits beyond its deadline for the worker to say what it came to.
const GRACE: Duration = Duration::from_millis(100);

/// A connection to the platform: it registers agent instances and delivers their spans in the background.
///
/// Clones refer to the same client. Most programs have one, made by [`init`](crate::init) or
/// [`ClientBuilder::install`] and kept alive by the [`ShutdownGuard`](crate::ShutdownGuard). A client that is only built, not installed,
/// serves the instances that are registered with it.
///
/// # Forks
///
/// A process that is forked off has no delivery thread, so it begins anew: its first span starts a thread and a run of
/// its own, of the same agent. What the process inherits, in the queue and as open spans and runs, is delivered and
/// ended by the one it comes from, and by it alone; the forked process may do what it likes with these handles.
/// [`stats`](Client::stats) counts each process by itself. A fork is safe in this way only while no other thread is
/// setting up a client; what else the program's threads do is for the program to know.
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
}

struct ClientInner {
    /// `None` for a disabled client.
    manager: Option<Arc<SpanManager>>,
    agent: Agent,
    /// The instance of spans that are made outside of any other.
    default_instance: OnceLock<AgentInstance>,
    shutdown_timeout: Duration,
}

/// A client that somebody else keeps alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakClient {
    inner: Weak<ClientInner>,
}

impl WeakClient {
    pub(crate) fn upgrade(&self) -> Option<Client> {
        self.inner.upgrade().map(|inner| Client { inner })
    }
}

impl Client {
    pub(crate) fn new(manager: Option<Arc<SpanManager>>, agent: Agent, shutdown_timeout: Duration) -> Self {
        let default_instance = OnceLock::new();
        Self { inner: Arc::new(ClientInner { manager, agent, default_instance, shutdown_timeout }) }
    }

    pub(crate) fn limits(&self) -> Option<Limits> {
        self.inner.manager.as_ref().map(|manager| manager.limits())
    }

    pub(crate) fn downgrade(&self) -> WeakClient {
        WeakClient { inner: Arc::downgrade(&self.inner) }
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
    /// use prefactor::{Agent, Client};
    ///
    /// # async fn answer(question: &str) {}
    /// # async fn serve(client: Client) -> Result<(), prefactor::Terminated> {
    /// let instance = client.register(Agent::new("researcher").with_version("2.1.0"));
    /// instance.run(answer("What is a span?")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(&self, agent: impl Into<Agent>) -> AgentInstance {
        match &self.inner.manager {
            Some(manager) => AgentInstance::register(manager.current(), agent.into()),
            None => AgentInstance::noop(),
        }
    }

    /// The instance of spans that are made outside of any other: registered at first use, finished by the shutdown.
    pub fn default_instance(&self) -> AgentInstance {
        self.inner.default_instance.get_or_init(|| self.register(self.inner.agent.clone())).clone()
    }

    pub(crate) fn default_instance_if_any(&self) -> Option<Arc<InstanceInner>> {
        self.inner.default_instance.get()?.inner()
    }

    /// Whether spans are recorded: not so when the client is disabled or shut down.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !self.is_closed() && self.inner.manager.is_some()
    }

    /// What has become of the spans so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.manager().map(|manager| manager.stats()).unwrap_or_default()
    }

    /// Waits until everything recorded so far is delivered or dropped, at most for `timeout`.
    ///
    /// Blocks the thread; in async code use [`flush_async`](Client::flush_async).
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        self.ask(timeout, SpanManager::flush).wait(self)
    }

    /// Waits until everything recorded so far is delivered or dropped, at most for `timeout`, in any executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting and nothing else.
    pub async fn flush_async(&self, timeout: Duration) -> FlushReport {
        self.ask_async(timeout, SpanManager::flush).await
    }

    /// Delivers what there is, at most for `timeout`, and accepts nothing more.
    ///
    /// Spans that are still open are cancelled, and instances that are not finished end as `complete`.
    /// Blocks the thread; in async code use [`shutdown_async`](Client::shutdown_async).
    pub fn shutdown(&self, timeout: Duration) -> FlushReport {
        self.shut_down(timeout, InstanceStatus::Complete)
    }

    /// Delivers what there is, at most for `timeout`, and accepts nothing more, in any executor.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up waiting; the client is shut down all the same.
    pub async fn shutdown_async(&self, timeout: Duration) -> FlushReport {
        let is_first = self.close();
        let report = self
            .ask_async(timeout, |manager, deadline, reply| {
                manager.shutdown(deadline, InstanceStatus::Complete, reply);
            })
            .await;
        if is_first {
            summarise(&report, internal_log::say);
        }
        report
    }

    /// Shuts the client down, with all handles kept, when the process is asked to end: by `SIGTERM` or `SIGINT`, or
    /// by ctrl-c on Windows.
    ///
    /// From this call on the first of these signals does not end the process by itself. It shuts the client down,
    /// for at most the shutdown timeout, and then the future resolves to it, in any executor; so the program decides
    /// how it ends. Runs that are still open end as `failed`, and open spans as `cancelled`. A second signal, or one
    /// that comes when the future was dropped, ends the process at once, as if this had not been called.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread, or no handler for the signals.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::process::ExitCode;
    ///
    /// # async fn agent() {}
    /// # async fn program() -> Result<ExitCode, prefactor::Error> {
    /// let prefactor = prefactor::init()?;
    /// tokio::select! {
    ///     () = agent() => Ok(ExitCode::SUCCESS),
    ///     signal = prefactor.shutdown_on_signal()? => Ok(signal.into()),
    /// }
    /// # }
    /// ```
    pub fn shutdown_on_signal(&self) -> Result<ShutdownOnSignal, Error> {
        ShutdownOnSignal::listen(self.clone())
    }

    pub(crate) fn shut_down(&self, timeout: Duration, status: InstanceStatus) -> FlushReport {
        let (is_first, waiting) = self.begin_shutdown(timeout, status);
        let report = waiting.wait(self);
        if is_first {
            summarise(&report, internal_log::say);
        }
        report
    }

    /// Has the worker shut down, and says whether this is the first who wants it.
    pub(crate) fn begin_shutdown(&self, timeout: Duration, status: InstanceStatus) -> (bool, Waiting) {
        let is_first = self.close();
        let answer = self.ask(timeout, |manager, deadline, reply| manager.shutdown(deadline, status, reply));
        (is_first, answer)
    }

    pub(crate) fn shutdown_timeout(&self) -> Duration {
        self.inner.shutdown_timeout
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.manager.as_ref().is_some_and(|manager| latest(manager).is_closed())
    }

    /// Whether it was made by the process from which this one was forked off.
    pub(crate) fn is_inherited(&self) -> bool {
        self.inner.manager.as_ref().is_some_and(|manager| manager.is_inherited())
    }

    fn close(&self) -> bool {
        self.inner.manager.as_ref().is_some_and(|manager| latest(manager).close())
    }

    /// What serves this process. `None` for a disabled client, and for a process that was forked off and has done
    /// nothing since.
    fn manager(&self) -> Option<&Arc<SpanManager>> {
        self.inner.manager.as_ref()?.current_if_any()
    }

    fn ask(&self, timeout: Duration, ask: impl FnOnce(&SpanManager, Instant, Reply)) -> Waiting {
        let (responder, answer) = answer();
        let deadline = deadline(timeout);
        if let Some(manager) = self.manager() {
            ask(manager, deadline, Box::new(move |report| responder.respond(report)));
        }
        Waiting { answer, deadline }
    }

    async fn ask_async(
        &self,
        timeout: Duration,
        ask: impl FnOnce(&SpanManager, Instant, Reply),
    ) -> FlushReport {
        let (reply, answer) = oneshot::channel();
        let reply: Reply = Box::new(move |report| drop(reply.send(report)));
        let deadline = deadline(timeout);
        let Some(manager) = self.manager() else { return self.unanswered() };
        ask(manager, deadline, reply);
        // The worker keeps deadlines too, but not while a rule of the program does not return.
        let mut bell = manager.alarm().at(deadline + GRACE);
        tokio::select! {
            biased;
            report = answer => report.unwrap_or_else(|_| self.unanswered()),
            () = bell.rung() => self.unanswered(),
        }
    }

    /// There is no worker, or it has gone: with everything settled by a shutdown before this call, or because it
    /// panicked. Or it is kept by a rule of the program, and says nothing in time.
    fn unanswered(&self) -> FlushReport {
        let stats = self.stats();
        FlushReport { is_complete: stats.outstanding == 0, stats }
    }
}

/// A question that the worker was asked.
pub(crate) struct Waiting {
    answer: Answer,
    deadline: Instant,
}

impl Waiting {
    /// Blocks until the answer is there, at most until its deadline and a moment longer.
    pub(crate) fn wait(&self, client: &Client) -> FlushReport {
        // The worker cannot answer itself: a transport that flushes would wait for its own request.
        let is_worker = client.manager().is_some_and(|manager| manager.is_worker());
        let moment = if is_worker { Instant::now() } else { self.deadline + GRACE };
        self.answer.wait_until(moment).unwrap_or_else(|| client.unanswered())
    }
}

/// The manager of this process, or the inherited one: whether the client is closed is known to it.
fn latest(manager: &Arc<SpanManager>) -> &Arc<SpanManager> {
    manager.current_if_any().unwrap_or(manager)
}

fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);
    Instant::now() + timeout.min(YEAR)
}

/// One line when spans were lost against the program's will, by whatever way it ends.
pub(crate) fn summarise(report: &FlushReport, say: impl FnOnce(&str)) {
    if report.stats.acknowledged + report.stats.dropped(DropReason::SampledOut) < report.stats.created {
        say(&format!("shut down with losses: {report}"));
    }
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
