//! Agent instances: the runs of an agent, which are its traces.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::context::Context;
use crate::context::future::WithContext;
use crate::context::new_span::new_span;
use crate::manager::instance_state::InstanceState;
use crate::platform::per_process::Succeed as _;
use crate::span::handle::Span;
use crate::types::status::{InstanceStatus, Terminated};

/// One run of an agent: the trace to which its spans belong.
///
/// Made by [`Client::register`](crate::Client::register). Any number may run at once in one process. The
/// registration happens in the background; spans that are made before it is answered are sent after it.
/// Clones refer to the same instance. When the last clone and the last span are gone, an instance that
/// nobody finished ends as `complete`.
///
/// # Examples
///
/// ```
/// use prefactor::{AgentInstance, InstanceStatus};
///
/// fn answer(run: &AgentInstance) {
///     run.span("agent:step").complete(&"done");
///     run.finish(InstanceStatus::Complete);
/// }
/// # answer(prefactor::testing::Recorder::new().instance());
/// ```
#[derive(Clone)]
#[must_use = "an instance that is dropped at once is finished at once"]
pub struct AgentInstance {
    inner: Option<Arc<InstanceState>>,
}

impl AgentInstance {
    pub(crate) fn of(state: Option<Arc<InstanceState>>) -> Self {
        Self { inner: state }
    }

    /// The run of this process.
    pub(super) fn current(&self) -> Option<Arc<InstanceState>> {
        self.inner.as_ref().map(|instance| Arc::clone(instance.current()))
    }

    /// The run of this process, if it has one yet.
    pub(super) fn current_if_any(&self) -> Option<&InstanceState> {
        self.inner.as_ref()?.current_if_any().map(Arc::as_ref)
    }

    /// The id that the API gave it, once the registration is answered: after a flush it is there, unless the
    /// [sample rate](crate::ClientBuilder::sample_rate) leaves the instance out.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// # fn serve(client: &prefactor::Client) {
    /// let run = client.register("researcher");
    /// run.start();
    /// client.flush(Duration::from_secs(5));
    /// println!("run {:?}", run.id()); // as the API names it
    /// # }
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.current_if_any().and_then(|instance| instance.id().map(str::to_owned))
    }

    /// The run's trace id: 32 hexadecimal digits, there from the first moment, so it is fit for log lines and response
    /// headers. `None` for an instance of a disabled client.
    ///
    /// The API knows it as the run's `external_identifier`, W3C trace contexts and OTLP as the trace id.
    ///
    /// # Examples
    ///
    /// ```
    /// # let run = prefactor::testing::Recorder::new().client().register("researcher");
    /// println!("run {}", run.trace_id().unwrap_or_default());
    /// ```
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        self.current_if_any().map(|instance| instance.registration().trace_id_text())
    }

    /// Starts the run. Works once.
    ///
    /// The first span that starts in the run starts it too: at the moment when the first span was made or, if that is earlier, at
    /// the time that the span was given.
    ///
    /// # Examples
    ///
    /// ```
    /// let run = prefactor::testing::Recorder::new().client().register("researcher");
    /// run.start(); // the platform shows the run before its first span
    /// ```
    pub fn start(&self) {
        if let Some(instance) = self.current() {
            instance.start();
        }
    }

    /// Ends the run. Works once. Spans that are still on their way are delivered before it.
    ///
    /// Spans that are started in it later are dropped and counted as [`DropReason::RunFinished`](crate::DropReason::RunFinished).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::InstanceStatus;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// let run = recorder.client().register("researcher");
    /// run.span("agent:step").complete(&"done");
    /// run.finish(InstanceStatus::Complete);
    /// ```
    pub fn finish(&self, status: InstanceStatus) {
        if let Some(instance) = self.current_if_any() {
            instance.finish(status);
        }
    }

    /// Prepares a span at the top of this run, or under the current span if that belongs to this run.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.instance().span("agent:step").complete(&"done");
    /// recorder.trace().assert_outline(&["agent:step complete"]);
    /// ```
    pub fn span(&self, schema_name: impl Into<Cow<'static, str>>) -> Span {
        let current = Context::current();
        let context = if current.is_in(self.current().as_ref()) { current } else { self.context() };
        Span::owner(new_span(schema_name.into(), Some(context)))
    }

    /// The context in which new spans belong to this run.
    ///
    /// # Examples
    ///
    /// ```
    /// # let run = prefactor::testing::Recorder::new().client().register("researcher");
    /// let context = run.context();
    /// std::thread::spawn(move || context.in_scope(|| prefactor::span("tool:search").complete(&"found")));
    /// ```
    pub fn context(&self) -> Context {
        Context::of_instance(self.current())
    }

    /// Runs a closure in this run: the spans made in it belong here.
    ///
    /// An async block that the closure returns runs later, outside of the run: use [`scope`](AgentInstance::scope) for it.
    ///
    /// # Examples
    ///
    /// ```
    /// # let run = prefactor::testing::Recorder::new().client().register("researcher");
    /// run.in_scope(|| prefactor::span("tool:search").complete(&"found"));
    /// ```
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.context().in_scope(body)
    }

    /// Runs a future in this run: the spans made in it belong here. The run lasts as long as streams that are called in it.
    ///
    /// A function that returns a future without being `async`, such as a method under `#[async_trait]`, is called before this has
    /// its future: write `run.scope(async { tool.call().await })`.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn step() {}
    /// # async fn agent(run: prefactor::AgentInstance) {
    /// run.scope(step()).await; // spans of `step` belong to the run
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        self.context().scope(future)
    }

    /// Starts the run, runs an agent that returns a `Result` in it, and finishes it by that.
    ///
    /// The run ends as `complete` when the agent returns `Ok`, and as `failed` when it returns `Err`, panics or is
    /// dropped. When the platform terminates the run, the agent is dropped, wherever it stands. For an agent whose
    /// output is no `Result` there is [`run_value`](AgentInstance::run_value); for one that returns a stream,
    /// [`scope`](AgentInstance::scope), for the run would end before its stream.
    ///
    /// # Errors
    ///
    /// [`Terminated`], with the reason, when the platform ended the run first. The agent's own error is within the `Ok`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the agent, and the run ends as `failed`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn answer(question: &str) -> std::io::Result<String> { Ok(question.to_owned()) }
    /// # async fn serve(client: prefactor::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let run = client.register("researcher");
    /// let text = run.run(answer("What is a span?")).await??;
    /// # drop(text);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run<T, E, F>(&self, agent: F) -> Result<Result<T, E>, Terminated>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.run_with(agent, |output| match output {
            Ok(_) => InstanceStatus::Complete,
            Err(_) => InstanceStatus::Failed,
        })
        .await
    }

    /// Starts the run, runs an agent in it whose output is no `Result`, and finishes it as `complete`.
    ///
    /// The run ends as `failed` when the agent panics or is dropped. When the platform terminates the run, the agent is
    /// dropped, wherever it stands. An `Err` that the agent returns would count as `complete`: use
    /// [`run`](AgentInstance::run) for it.
    ///
    /// # Errors
    ///
    /// [`Terminated`], with the reason, when the platform ended the run first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the agent, and the run ends as `failed`.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn answer(question: &str) -> String { question.to_owned() }
    /// # async fn serve(client: prefactor::Client) -> Result<(), prefactor::Terminated> {
    /// let run = client.register("researcher");
    /// let text = run.run_value(answer("What is a span?")).await?;
    /// # drop(text);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_value<F: Future>(&self, agent: F) -> Result<F::Output, Terminated> {
        self.run_with(agent, |_| InstanceStatus::Complete).await
    }

    async fn run_with<F: Future>(
        &self,
        agent: F,
        status_of: impl FnOnce(&F::Output) -> InstanceStatus,
    ) -> Result<F::Output, Terminated> {
        self.start();
        let mut finish = FinishOnDrop { instance: self, status: InstanceStatus::Failed };
        let agent = self.scope(agent);
        let output = tokio::select! {
            biased;
            terminated = self.terminated() => Err(terminated),
            output = agent => Ok(output),
        };
        // The platform ignores this status for a run that it has terminated.
        finish.status = output.as_ref().map_or(InstanceStatus::Complete, status_of);
        drop(finish);
        output
    }

    /// Waits until the platform terminates the run: for ever if it does not.
    ///
    /// # Cancel safety
    ///
    /// The signal stays set: it may be awaited any number of times.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn save_work() {}
    /// # async fn agent(run: prefactor::AgentInstance) {
    /// let terminated = run.terminated().await;
    /// save_work().await;
    /// eprintln!("{terminated}");
    /// # }
    /// ```
    pub async fn terminated(&self) -> Terminated {
        match self.current() {
            Some(instance) => instance.terminated().await,
            None => std::future::pending().await,
        }
    }

    /// The termination signal, if it has come.
    ///
    /// # Examples
    ///
    /// ```
    /// # let run = prefactor::testing::Recorder::new().client().register("researcher");
    /// if let Some(terminated) = run.termination() {
    ///     eprintln!("{terminated}");
    /// }
    /// ```
    #[must_use]
    pub fn termination(&self) -> Option<Terminated> {
        self.current_if_any().and_then(InstanceState::termination)
    }
}

/// Fails when the platform has terminated the run to which new spans would belong: for loops that await nothing.
///
/// # Errors
///
/// [`Terminated`], with the reason.
///
/// # Examples
///
/// ```
/// use prefactor::{Terminated, check_terminated};
///
/// fn index(documents: &[&str]) -> Result<(), Terminated> {
///     for document in documents {
///         check_terminated()?;
///         // read the document
/// #       let _ = document;
///     }
///     Ok(())
/// }
/// # index(&["a", "b"]).unwrap();
/// ```
pub fn check_terminated() -> Result<(), Terminated> {
    let termination = Context::current().into_instance().and_then(|instance| {
        let instance = instance.current_if_any()?;
        instance.termination()
    });
    termination.map_or(Ok(()), Err)
}

impl fmt::Debug for AgentInstance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Some(instance) => fmt::Debug::fmt(instance, formatter),
            None => formatter.write_str("AgentInstance(no-op)"),
        }
    }
}

struct FinishOnDrop<'a> {
    instance: &'a AgentInstance,
    status: InstanceStatus,
}

impl Drop for FinishOnDrop<'_> {
    fn drop(&mut self) {
        self.instance.finish(self.status);
    }
}
