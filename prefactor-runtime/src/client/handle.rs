//! The client: the handle that users hold on everything.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use crate::client::instance::AgentInstance;
use crate::context::Context;
use crate::export::health::Health;
use crate::manager::client_state::ClientState;
use crate::span::handle::Span;
use crate::types::agent::Agent;
use crate::types::registration::{Attached, Registration};
use crate::types::remote_context::RemoteContext;
use crate::types::stats::Stats;

/// A connection to the platform: it registers agent instances and delivers their spans in the background.
///
/// Clones refer to the same client. Most programs have one, made by [`init`](crate::init) or
/// [`ClientBuilder::install`](crate::ClientBuilder::install) and kept alive by the [`ShutdownGuard`](crate::ShutdownGuard). A client that is only built, not installed,
/// serves the instances that are registered with it.
///
/// # Forks
///
/// A process that is forked off has no delivery thread, so it begins anew: its first span starts a thread and a run of
/// its own, of the same agent. The queue, the open spans and the open runs that it inherits are delivered and ended by
/// its parent process alone; the forked process may use these handles freely.
/// [`stats`](Client::stats) counts each process by itself. A fork is safe in this way only while no other thread is
/// setting up a client; what else the program's threads do is for the program to know.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use prefactor::Client;
/// use prefactor::export::MemoryProcessor;
///
/// let client = Client::builder().processor(MemoryProcessor::new()).build()?;
/// let run = client.register("researcher");
/// run.span("agent:step").complete(&"done");
/// assert!(client.shutdown(Duration::from_secs(60)).is_complete);
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(super) state: Arc<ClientState>,
}

/// A client that somebody else keeps alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakClient {
    state: Weak<ClientState>,
}

impl WeakClient {
    pub(crate) fn upgrade(&self) -> Option<Client> {
        self.state.upgrade().map(Client::of)
    }
}

impl Client {
    pub(crate) fn of(state: Arc<ClientState>) -> Self {
        Self { state }
    }

    pub(crate) fn into_state(self) -> Arc<ClientState> {
        self.state
    }

    pub(crate) fn agent(&self) -> Agent {
        self.state.agent().clone()
    }

    pub(crate) fn downgrade(&self) -> WeakClient {
        WeakClient { state: Arc::downgrade(&self.state) }
    }

    /// Registers one run of an agent: a [`Registration`], or the agent or its name alone. Returns at once; the registration
    /// happens in the background.
    ///
    /// The name is a literal or a `String`: for a borrowed text write `client.register(name.to_owned())`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::{Agent, Client};
    ///
    /// # async fn answer(question: &str) -> std::io::Result<()> { Ok(()) }
    /// # async fn serve(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let instance = client.register(Agent::new("researcher").with_version("2.1.0"));
    /// instance.run(answer("What is a span?")).await??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(&self, run: impl Into<Registration>) -> AgentInstance {
        AgentInstance::of(self.state.register(run.into()))
    }

    /// Registers one run of an agent that was called by another process. Its spans belong to this process's own run.
    ///
    /// The ids of the caller are part of the run's metadata, which is in the payload of the spans at its top, as
    /// `remote_parent`: `{"trace_id": …, "span_id": …}`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::collections::HashMap;
    ///
    /// use prefactor::{AgentInstance, Client};
    /// use prefactor::propagation::RemoteContext;
    ///
    /// fn run_of(client: &Client, headers: &HashMap<String, String>) -> AgentInstance {
    ///     match RemoteContext::extract(headers) {
    ///         Some(caller) => client.register_linked("researcher", &caller),
    ///         None => client.register("researcher"),
    ///     }
    /// }
    /// ```
    pub fn register_linked(&self, run: impl Into<Registration>, caller: &RemoteContext) -> AgentInstance {
        let ids = BTreeMap::from([("trace_id", caller.trace_id()), ("span_id", caller.span_id())]);
        let run: Registration = run.into();
        AgentInstance::of(self.state.register(run.with_metadata(&BTreeMap::from([("remote_parent", ids)]))))
    }

    /// Joins the run of a caller in another process: new spans in the context go into that run, under the caller's span.
    ///
    /// The run is the caller's: it is neither started nor finished here, and ends where the caller ends it. `None` where the
    /// caller did not name a run of Prefactor ([`is_joinable`](RemoteContext::is_joinable)); a program then
    /// [links](Client::register_linked) a run of its own.
    ///
    /// Headers may come from anybody. Join only callers that may write into the account's runs: services of one's own,
    /// a parent process. A run that the API does not know, or that the token may not touch, costs the spans, which are
    /// counted as dropped.
    ///
    /// # Examples
    ///
    /// A child process that was started by an agent:
    ///
    /// ```no_run
    /// use prefactor::propagation::RemoteContext;
    ///
    /// # fn main() -> Result<(), prefactor::Error> {
    /// let prefactor = prefactor::init()?;
    /// let caller = RemoteContext::from_env().and_then(|caller| prefactor.join(&caller));
    /// let _entered = caller.unwrap_or_default().enter();
    /// // spans made here are children of the span that started the process
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn join(&self, caller: &RemoteContext) -> Option<Context> {
        let own = caller.state.own.as_ref()?;
        let mut run = Registration::new(self.state.agent().clone());
        run.external_identifier.clone_from(&own.external_identifier);
        run.joined = Some(Arc::new(caller.clone()));
        Some(Context::of_caller(self.state.register(run)))
    }

    /// Finds a run by the id that the API gave it, for spans, quality and alerts from another process. Returns at once.
    ///
    /// The run is neither registered, started nor finished here: the process that registered it does that.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn worker(client: &prefactor::Client, run_id: &str, span: prefactor::SpanRef) {
    /// let run = client.attach(run_id);
    /// run.finish_span(&span, prefactor::SpanStatus::Complete, &serde_json::json!({ "approved": true }));
    /// # }
    /// ```
    pub fn attach(&self, run_id: impl Into<String>) -> AgentInstance {
        AgentInstance::of(self.state.attach(Attached::Id(run_id.into())))
    }

    /// Finds a run by its external identifier, as [`attach`](Client::attach) does by its id. Returns at once: the API is asked
    /// in the background, and spans that are recorded before the answer are sent after it.
    ///
    /// Where there is no such run, its spans are dropped and counted, and one log line says so.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn judge(client: &prefactor::Client) {
    /// let run = client.attach_external("nightly-2026-11-30");
    /// run.record_quality("rating", Some(&serde_json::json!({ "stars": 4 })));
    /// # }
    /// ```
    pub fn attach_external(&self, external_identifier: impl Into<String>) -> AgentInstance {
        AgentInstance::of(self.state.attach(Attached::ExternalIdentifier(external_identifier.into())))
    }

    /// The instance of spans that are made outside of any other: registered at first use, finished by the shutdown.
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// println!("trace {:?}", client.default_instance().trace_id());
    /// ```
    pub fn default_instance(&self) -> AgentInstance {
        AgentInstance::of(self.state.default_instance())
    }

    /// Prepares a span: at the top of the client's default instance, or under the current span if that belongs to it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn serve(client: &prefactor::Client) {
    /// let span = client.span("tool:search");
    /// span.complete(&serde_json::json!({ "hits": 3 }));
    /// # }
    /// ```
    pub fn span(&self, schema_name: impl Into<Cow<'static, str>>) -> Span {
        self.default_instance().span(schema_name)
    }

    /// Whether spans are recorded: not so when the client is disabled or shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// assert!(client.is_enabled());
    /// client.shutdown(Duration::from_secs(5));
    /// assert!(!client.is_enabled());
    /// ```
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !self.state.is_closed() && !self.state.is_disabled()
    }

    /// The counts of the client's spans and runs so far, by their outcome.
    ///
    /// They are those of the delivery to Prefactor. Without it, a span is acknowledged here when the processors were told of it;
    /// [`processor_stats`](Client::processor_stats) has what each of them delivered.
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// let stats = client.stats();
    /// println!("{} of {} spans were acknowledged", stats.acknowledged, stats.created);
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.state.manager().map(|manager| manager.stats()).unwrap_or_default()
    }

    /// The counts for each [processor](crate::ClientBuilder::processor) and exporter, with its name, in the order in which they
    /// were added.
    ///
    /// `created = acknowledged + dropped + unknown + outstanding` holds for each. A span is acknowledged when the processor has
    /// heard of its end, or when the exporter's destination has accepted it.
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// for (name, stats) in client.processor_stats() {
    ///     println!("{name}: {} spans were dropped", stats.dropped_total());
    /// }
    /// ```
    #[must_use]
    pub fn processor_stats(&self) -> Vec<(String, Stats)> {
        self.state.manager().map(|manager| manager.processor_stats()).unwrap_or_default()
    }

    /// How each [processor](crate::ClientBuilder::processor) and exporter is doing, with its name, in the order in which they
    /// were added.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::export::{Health, MemoryProcessor};
    ///
    /// let client = Client::builder().processor(MemoryProcessor::new()).build()?;
    /// assert_eq!(client.processor_health(), [("memory".to_owned(), Health::Working)]);
    /// # Ok::<(), prefactor::Error>(())
    /// ```
    #[must_use]
    pub fn processor_health(&self) -> Vec<(String, Health)> {
        self.state.manager().map(|manager| manager.processor_health()).unwrap_or_default()
    }
}

/// Leaves out the counts: a client that is an argument by mistake is short in the payload.
impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("agent", &self.state.agent().name())
            .field("is_enabled", &self.is_enabled())
            .finish_non_exhaustive()
    }
}
