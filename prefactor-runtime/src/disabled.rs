//! The API without the feature `enabled`: the same names and signatures, of no size and no effect.
//!
//! A library can use the whole API with `default-features = false` and leave the choice to the application.
//! The crate `tests/disabled/program` compiles one program against both forms, so that they cannot drift apart.

use std::borrow::Cow;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::task::{Context as Task, Poll};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::transport::{Request, Response, Transport};
use crate::types::agent::Agent;
use crate::types::alert::Severity;
use crate::types::error::Error;
use crate::types::pfid::Pfid;
use crate::types::redaction_mode::RedactionMode;
use crate::types::registration::Registration;
use crate::types::remote_context::RemoteContext;
use crate::types::schema::registry::SchemaRegistry;
use crate::types::span_data::SpanData;
use crate::types::span_error::SpanError;
use crate::types::span_ref::SpanRef;
use crate::types::stats::{FlushReport, Stats};
use crate::types::status::{InstanceStatus, Signal, SpanStatus, Terminated};
use crate::types::usage::Usage;

/// Does nothing: the feature `enabled` is off.
///
/// # Errors
///
/// None.
pub fn init() -> Result<ShutdownGuard, Error> {
    Ok(ShutdownGuard { client: Client })
}

/// There is none: the feature `enabled` is off.
#[must_use]
pub fn client() -> Option<Client> {
    None
}

/// Runs the future.
///
/// # Errors
///
/// None.
pub async fn run<T, E, F>(_: impl Into<Registration>, agent: F) -> Result<Result<T, E>, Terminated>
where
    F: Future<Output = Result<T, E>>,
{
    Ok(agent.await)
}

/// Runs the future.
///
/// # Errors
///
/// None.
pub async fn run_value<F: Future>(_: impl Into<Registration>, agent: F) -> Result<F::Output, Terminated> {
    Ok(agent.await)
}

/// A no-op span.
pub fn span(_: impl Into<Cow<'static, str>>) -> Span {
    Span
}

/// A no-op span.
pub fn custom_span<T: Serialize + ?Sized>(_: &str, _: &T) -> Span {
    Span
}

/// Never fails: nothing is recorded, so nothing is terminated.
///
/// # Errors
///
/// None.
#[expect(clippy::missing_const_for_fn, reason = "as in the other form")]
pub fn check_terminated() -> Result<(), Terminated> {
    Ok(())
}

/// A no-op span with data.
pub fn typed_span<D: SpanData>(data: D) -> TypedSpan<D> {
    TypedSpan { span: Span, data: Mutex::new(data) }
}

/// A trace without effect.
pub fn trace(_: impl Into<String>) -> TraceBuilder {
    TraceBuilder
}

/// A no-op span.
pub fn current_span() -> Span {
    Span::current()
}

/// The client, without effect.
#[derive(Clone, Debug)]
pub struct Client;

impl Client {
    /// Settings that nobody reads.
    pub fn builder() -> ClientBuilder {
        ClientBuilder
    }

    /// A no-op instance.
    pub fn register(&self, _: impl Into<Registration>) -> AgentInstance {
        AgentInstance
    }

    /// A no-op instance.
    pub fn register_linked(&self, _: impl Into<Registration>, _: &RemoteContext) -> AgentInstance {
        AgentInstance
    }

    /// `None`.
    #[must_use]
    pub fn join(&self, _: &RemoteContext) -> Option<Context> {
        None
    }

    /// A no-op instance.
    pub fn default_instance(&self) -> AgentInstance {
        AgentInstance
    }

    /// A no-op span.
    pub fn span(&self, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// A trace without effect.
    pub fn trace(&self, _: impl Into<String>) -> TraceBuilder {
        TraceBuilder
    }

    /// A no-op instance.
    pub fn attach(&self, _: impl Into<String>) -> AgentInstance {
        AgentInstance
    }

    /// A no-op instance.
    pub fn attach_external(&self, _: impl Into<String>) -> AgentInstance {
        AgentInstance
    }

    /// `false`.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        false
    }

    /// Nothing was counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// There is nothing to deliver.
    pub fn flush(&self, _: Duration) -> FlushReport {
        nothing()
    }

    /// There is nothing to deliver.
    pub fn flush_async(&self, _: Duration) -> impl Future<Output = FlushReport> {
        std::future::ready(nothing())
    }

    /// There is nothing to shut down.
    pub fn shutdown(&self, _: Duration) -> FlushReport {
        nothing()
    }

    /// Listens for nothing: signals end the process as they always do.
    ///
    /// # Errors
    ///
    /// None.
    pub fn shutdown_on_signal(&self) -> Result<ShutdownOnSignal, Error> {
        Ok(ShutdownOnSignal)
    }

    /// There is nothing to shut down.
    pub fn shutdown_async(&self, _: Duration) -> impl Future<Output = FlushReport> {
        std::future::ready(nothing())
    }
}

/// Pending for ever.
#[derive(Debug)]
#[must_use = "await it, or call .wait()"]
pub struct ShutdownOnSignal;

impl ShutdownOnSignal {
    /// Blocks for ever.
    #[must_use = "it says how the program is expected to end"]
    pub fn wait(self) -> Signal {
        loop {
            std::thread::park();
        }
    }
}

impl Future for ShutdownOnSignal {
    type Output = Signal;

    fn poll(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Signal> {
        Poll::Pending
    }
}

fn nothing() -> FlushReport {
    FlushReport { is_complete: true, ..FlushReport::default() }
}

/// The guard, without effect.
#[derive(Debug)]
#[must_use = "bind it to a name like `_prefactor`"]
pub struct ShutdownGuard {
    client: Client,
}

impl ShutdownGuard {
    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Deref for ShutdownGuard {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The builder, without effect.
#[derive(Clone, Debug)]
#[must_use = "call .install() or .build()"]
pub struct ClientBuilder;

macro_rules! ignored_settings {
    ($($name:ident($($argument:ty),*);)*) => {$(
        /// Ignored.
        pub fn $name(self, $(_: $argument),*) -> Self {
            self
        }
    )*};
}

impl ClientBuilder {
    ignored_settings! {
        api_url(impl Into<String>);
        api_token(impl Into<String>);
        api_token_file(impl Into<std::path::PathBuf>);
        api_token_provider(
            impl Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static
        );
        redaction(RedactionMode);
        agent(impl Into<Agent>);
        agent_id(impl Into<String>);
        environment_id(impl Into<String>);
        disabled(bool);
        capture_inputs(bool);
        capture_outputs(bool);
        max_input_length(usize);
        max_output_length(usize);
        max_debug_length(usize);
        max_list_numbers(usize);
        sample_rate(f64);
        sample_rate_of(impl Into<String>, f64);
        keep_failures(bool);
        propagate_runs(bool);
        terminable(bool);
        read_usage(bool);
        max_queue_operations(usize);
        max_queue_bytes(usize);
        allow_insecure_http(bool);
        add_root_certificates_pem(impl Into<Vec<u8>>);
        request_timeout(Duration);
        shutdown_timeout(Duration);
        drain_timeout(Duration);
        shutdown_on_exit(Duration);
        redact(impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static);
        allow(impl Into<String>);
        transport(impl Transport);
        console();
        file(impl Into<std::path::PathBuf>);
        prefactor();
        schemas(SchemaRegistry);
    }

    /// The client, without effect.
    ///
    /// # Errors
    ///
    /// None.
    pub fn build(self) -> Result<Client, Error> {
        Ok(Client)
    }

    /// The guard, without effect.
    ///
    /// # Errors
    ///
    /// None.
    pub fn install(self) -> Result<ShutdownGuard, Error> {
        init()
    }
}

/// An agent instance, without effect.
#[derive(Clone, Debug)]
#[must_use = "an instance that is dropped at once is finished at once"]
pub struct AgentInstance;

impl AgentInstance {
    /// `None`.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        None
    }

    /// `None`.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        None
    }

    /// Nothing.
    pub fn start(&self) {}

    /// Nothing.
    pub fn finish(&self, _: InstanceStatus) {}

    /// A no-op span.
    pub fn span(&self, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// A no-op span.
    pub fn top_span(&self, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// A no-op span.
    pub fn span_under(&self, _: &SpanRef, _: impl Into<Cow<'static, str>>) -> Span {
        Span
    }

    /// `None`.
    #[must_use]
    pub fn create_span<T: Serialize + ?Sized>(
        &self,
        _: impl Into<Cow<'static, str>>,
        _: &T,
    ) -> Option<SpanRef> {
        None
    }

    /// `None`.
    #[must_use]
    pub fn create_span_under<T: Serialize + ?Sized>(
        &self,
        _: &SpanRef,
        _: impl Into<Cow<'static, str>>,
        _: &T,
    ) -> Option<SpanRef> {
        None
    }

    /// Nothing.
    pub fn finish_span<T: Serialize + ?Sized>(&self, _: &SpanRef, _: SpanStatus, _: &T) {}

    /// Nothing.
    pub fn record_quality<T: Serialize + ?Sized>(&self, _: impl Into<String>, _: Option<&T>) {}

    /// Nothing.
    pub fn raise_alert<T: Serialize + ?Sized>(&self, _: impl Into<String>, _: Severity, _: &T) {}

    /// Nothing.
    pub fn clear_alert(&self, _: impl Into<String>) {}

    /// Nothing.
    pub fn terminate(&self, _: impl Into<String>) {}

    /// A context without effect.
    pub fn context(&self) -> Context {
        Context
    }

    /// Runs the closure.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The future itself.
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        future
    }

    /// Runs the future.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn run_value<F: Future>(&self, agent: F) -> Result<F::Output, Terminated> {
        Ok(agent.await)
    }

    /// Runs the future.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn run<T, E, F>(&self, agent: F) -> Result<Result<T, E>, Terminated>
    where
        F: Future<Output = Result<T, E>>,
    {
        Ok(agent.await)
    }

    /// Waits for ever.
    pub async fn terminated(&self) -> Terminated {
        std::future::pending().await
    }

    /// `None`.
    #[must_use]
    pub fn termination(&self) -> Option<Terminated> {
        None
    }
}

/// A no-op span.
#[derive(Clone, Debug)]
#[must_use = "a span that is dropped at once is finished at once"]
pub struct Span;

macro_rules! ignored_data {
    ($($name:ident)*) => {$(
        /// Nothing.
        pub fn $name<T: Serialize + ?Sized>(&self, _: &T) {}
    )*};
}

macro_rules! nothing_known {
    ($($name:ident -> $fact:ty;)*) => {$(
        /// `None`.
        #[must_use]
        pub fn $name(&self) -> Option<$fact> {
            None
        }
    )*};
}

impl Span {
    /// A no-op span.
    pub fn current() -> Self {
        Self
    }

    ignored_data! { start complete fail set_result set_output }

    nothing_known! {
        id -> Pfid;
        trace_id -> String;
        span_id -> String;
        parent_id -> Pfid;
        status -> SpanStatus;
        started_at -> SystemTime;
        ended_at -> SystemTime;
        error -> SpanError;
    }

    /// The span itself.
    pub fn with_default_payload<T: Serialize + ?Sized>(self, _: &T) -> Self {
        self
    }

    /// A guard without effect.
    pub fn start_as_current<T: Serialize + ?Sized>(&self, _: &T) -> ContextGuard {
        self.enter()
    }

    /// A no-op span.
    pub fn child(&self, _: impl Into<Cow<'static, str>>) -> Self {
        Self
    }

    /// Nothing.
    pub fn start_at<T: Serialize + ?Sized>(&self, _: &T, _: SystemTime) {}

    /// Nothing.
    pub fn complete_at<T: Serialize + ?Sized>(&self, _: &T, _: SystemTime) {}

    /// Nothing.
    pub fn fail_at<T: Serialize + ?Sized>(&self, _: &T, _: SystemTime) {}

    /// Nothing.
    pub fn finish_at(&self, _: SystemTime) {}

    /// Nothing.
    pub fn set_status(&self, _: SpanStatus) {}

    /// Nothing.
    pub fn record<T: Serialize + ?Sized>(&self, _: &str, _: &T) {}

    /// Nothing.
    pub fn start_by_default(&self) {}

    /// A guard without effect.
    pub fn start_marked(&self) -> CurrentSpan<'_> {
        CurrentSpan { span: PhantomData }
    }

    /// Nothing.
    pub fn set_usage(&self, _: &Usage) {}

    /// Nothing.
    pub fn add_event<T: Serialize + ?Sized>(&self, _: &str, _: &T) {}

    /// Runs the future.
    ///
    /// # Errors
    ///
    /// The future's own.
    pub async fn run<T, E, F>(self, future: F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        T: Serialize,
        E: std::fmt::Display,
    {
        future.await
    }

    /// Runs the future.
    pub async fn run_value<F: Future>(self, future: F) -> F::Output {
        future.await
    }

    /// Runs the closure.
    ///
    /// # Errors
    ///
    /// The closure's own.
    pub fn run_sync<T: Serialize, E: std::fmt::Display>(
        self,
        body: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        body()
    }

    /// Runs the closure.
    pub fn run_value_sync<T>(self, body: impl FnOnce() -> T) -> T {
        body()
    }

    /// Nothing.
    pub fn cancel(&self) {}

    /// Nothing.
    pub fn finish(&self) {}

    /// Nothing.
    pub fn set_error(&self, _: impl Into<SpanError>) {}

    /// Empty.
    #[must_use]
    pub fn schema_name(&self) -> &'static str {
        ""
    }

    /// `true`.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        true
    }

    /// `false`.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        false
    }

    /// A context without effect.
    pub fn context(&self) -> Context {
        Context
    }

    /// A guard without effect.
    pub fn enter(&self) -> ContextGuard {
        Context.enter()
    }

    /// Runs the closure.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The future itself.
    pub fn scope<F: Future>(&self, future: F) -> WithContext<F> {
        future
    }
}

/// A no-op span with data, which is kept.
#[must_use = "a span that is dropped at once is finished at once"]
pub struct TypedSpan<D: SpanData> {
    span: Span,
    data: Mutex<D>,
}

impl<D: SpanData> TypedSpan<D> {
    /// A no-op span with data.
    pub fn child_of(_: &Span, data: D) -> Self {
        typed_span(data)
    }

    /// The data as it is now.
    pub fn span_data(&self) -> D {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the data.
    pub fn update<R>(&self, change: impl FnOnce(&mut D) -> R) -> R {
        change(&mut self.data.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<D: SpanData> Deref for TypedSpan<D> {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

impl<D: SpanData + std::fmt::Debug> std::fmt::Debug for TypedSpan<D> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Span(no-op)")
    }
}

/// A guard without effect.
#[must_use = "the span is left at once when the guard is not kept"]
#[derive(Debug)]
pub struct CurrentSpan<'a> {
    span: PhantomData<(&'a Span, *const ())>,
}

impl CurrentSpan<'_> {
    /// Nothing.
    pub fn finish(self) {}
}

/// A trace without effect.
#[derive(Clone, Debug)]
#[must_use = "call .start()"]
pub struct TraceBuilder;

macro_rules! ignored_facts {
    ($($name:ident)*) => {$(
        /// Ignored.
        pub fn $name(self, _: impl Into<String>) -> Self {
            self
        }
    )*};
}

impl TraceBuilder {
    ignored_facts! { group_id session_id user_id tag }

    /// Ignored.
    pub fn metadata<T: Serialize + ?Sized>(self, _: &T) -> Self {
        self
    }

    /// Ignored.
    pub const fn disabled(self, _: bool) -> Self {
        self
    }

    /// A no-op instance.
    pub fn start(self) -> AgentInstance {
        AgentInstance
    }
}

/// A context without effect.
#[derive(Clone, Debug, Default)]
#[must_use = "a context does nothing until it is entered"]
pub struct Context;

impl Context {
    /// The only one.
    pub fn current() -> Self {
        Self
    }

    /// A guard without effect.
    pub fn enter(self) -> ContextGuard {
        ContextGuard { not_send: PhantomData }
    }

    /// Runs the closure.
    pub fn in_scope<R>(self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The future itself.
    pub fn scope<F: Future>(self, future: F) -> WithContext<F> {
        future
    }

    /// The closure itself.
    pub fn wrap<R>(self, body: impl FnOnce() -> R) -> impl FnOnce() -> R {
        body
    }

    /// Nothing.
    pub fn inject<C: ?Sized>(&self, _: &mut C) {}

    /// Nothing.
    pub fn inject_env(&self, _: &mut Command) {}
}

/// Threads, as the standard library starts them.
pub mod thread {
    /// Starts a thread.
    ///
    /// # Panics
    ///
    /// When the operating system cannot start a thread.
    pub fn spawn<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> std::thread::JoinHandle<R> {
        std::thread::spawn(body)
    }
}

/// Tasks, as tokio spawns them.
#[cfg(feature = "tokio")]
pub mod task {
    use tokio::task::JoinHandle;

    /// Spawns a task.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(future)
    }

    /// Runs a closure that blocks.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn_blocking<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
        tokio::task::spawn_blocking(body)
    }
}

/// A guard without effect. It cannot leave its thread, as with the feature on.
#[derive(Debug)]
#[must_use = "the context is left at once when the guard is not kept"]
pub struct ContextGuard {
    not_send: PhantomData<*const ()>,
}

/// The future itself: nothing is put around it.
pub type WithContext<F> = F;

/// Carries the current span along, where there is one.
pub trait SpanFutureExt: Future + Sized {
    /// The future itself.
    #[must_use]
    fn with_current_span(self) -> WithContext<Self> {
        self
    }

    /// The future itself.
    #[must_use]
    fn with_span(self, _: &Span) -> WithContext<Self> {
        self
    }
}

impl<F: Future> SpanFutureExt for F {}

/// Carries the current span along, where there is one.
pub trait SpanStreamExt: futures_core::Stream + Sized {
    /// The stream itself.
    #[must_use]
    fn with_current_span(self) -> WithContext<Self> {
        self
    }

    /// The stream itself.
    #[must_use]
    fn with_span(self, _: &Span) -> WithContext<Self> {
        self
    }
}

impl<S: futures_core::Stream> SpanStreamExt for S {}

const _: () = assert!(
    size_of::<(Client, ShutdownGuard, ClientBuilder, AgentInstance, Span, Context, ContextGuard)>() == 0
);

impl SpanError {
    /// Adds data, which is not captured.
    #[must_use]
    pub fn with_data<T: Serialize + ?Sized>(self, _: &T) -> Self {
        self
    }

    /// `None`.
    #[must_use]
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        None
    }
}

impl Response {
    /// An empty success: nothing is sent, so nothing is acknowledged.
    #[must_use]
    pub fn accepting(_: &Request) -> Self {
        Self::new(200, "")
    }
}
