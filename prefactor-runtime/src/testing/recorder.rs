//! A client for tests.

use std::time::Duration;

use super::trace::Trace;
use crate::client::builder::ClientBuilder;
use crate::client::handle::Client;
use crate::client::instance::AgentInstance;
use crate::export::MemoryProcessor;

/// How long [`Recorder::trace`] waits for the spans that have ended. Nothing but this process is waited for.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client that keeps its spans in memory, with one run.
///
/// # Examples
///
/// ```
/// use prefactor::testing::Recorder;
///
/// let recorder = Recorder::new();
/// recorder.run(|| prefactor::span("tool:search").complete(&"found"));
/// recorder.trace().assert_outline(&["tool:search complete"]);
/// ```
#[derive(Debug)]
pub struct Recorder {
    client: Client,
    run: AgentInstance,
    memory: MemoryProcessor,
}

impl Recorder {
    /// A client with the default settings. Environment variables are not read.
    ///
    /// # Panics
    ///
    /// When its threads cannot be started.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Client::builder())
    }

    /// A client with settings of its own, for example rules of redaction. Environment variables are not read.
    ///
    /// # Panics
    ///
    /// When a setting is malformed, or its threads cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor::testing::Recorder;
    ///
    /// let hide = |name: &str, _: &str| (name == "email").then(|| "[hidden]".to_owned());
    /// let recorder = Recorder::with(Client::builder().redact(hide));
    /// recorder.run(|| prefactor::span("agent:step").start(&serde_json::json!({ "email": "ada@example.org" })));
    /// assert_eq!(recorder.trace().find("agent:step").payload["email"], "[hidden]");
    /// ```
    #[must_use]
    pub fn with(builder: ClientBuilder) -> Self {
        let memory = MemoryProcessor::new();
        let client = builder.processor(memory.clone()).build_without_environment();
        let client = client.unwrap_or_else(|error| panic!("{error}"));
        let run = client.register("test");
        Self { client, run, memory }
    }

    /// The client, for code that takes one.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    /// use prefactor::Client;
    ///
    /// fn serve(client: &Client) {
    ///     client.register("researcher").span("agent:step").complete(&());
    /// }
    ///
    /// let recorder = Recorder::new();
    /// serve(recorder.client());
    /// assert_eq!(recorder.trace().find("agent:step").name, "agent:step");
    /// ```
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The run to which [`run`](Recorder::run) and [`run_async`](Recorder::run_async) record.
    pub fn instance(&self) -> &AgentInstance {
        &self.run
    }

    /// Runs a closure and records its spans.
    ///
    /// An async function that the closure calls is recorded by [`run_async`](Recorder::run_async) only: its body runs when its future is
    /// awaited, after the closure has returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::span;
    /// use prefactor::testing::Recorder;
    ///
    /// #[span("agent:llm_call")]
    /// async fn ask(prompt: &str) -> String {
    ///     prompt.to_uppercase()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let recorder = Recorder::new();
    /// recorder.run(|| ask("why")).await; // wrong: records nothing
    /// recorder.trace().assert_outline(&[]);
    ///
    /// recorder.run_async(ask("why")).await;
    /// recorder.trace().assert_outline(&["agent:llm_call complete"]);
    /// # }
    /// ```
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        self.run.in_scope(body)
    }

    /// Runs a future and records its spans.
    ///
    /// A task that the future spawns is recorded if it is given the context, by
    /// [`with_current_span`](crate::SpanFutureExt::with_current_span). [`prefactor::run`](crate::run) within takes the installed
    /// client, and not this one: use [`client`](Recorder::client) there.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the one that was given; its open spans are recorded as cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let recorder = Recorder::new();
    /// recorder.run_async(async { prefactor::span("tool:search").complete(&"found") }).await;
    /// recorder.trace().assert_outline(&["tool:search complete"]);
    /// # }
    /// ```
    pub async fn run_async<F: Future>(&self, future: F) -> F::Output {
        self.run.scope(future).await
    }

    /// The spans that have ended so far, as a tree. Blocks until the client's threads have taken them in.
    ///
    /// The tree has the spans of all runs of the client. For the run of a span and the status of a run, add a
    /// [`MemoryProcessor`](crate::export::MemoryProcessor) to the builder of [`with`](Recorder::with).
    ///
    /// # Panics
    ///
    /// When they do not within a minute, as when a rule of redaction never returns.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let report = self.client.flush(TIMEOUT);
        assert!(report.is_complete, "the spans could not be taken in: {report}");
        Trace::of(&self.memory.spans())
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}
