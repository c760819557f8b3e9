//! A client that delivers nothing, its guard and its signals.

use std::borrow::Cow;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use crate::disabled::context::Context;
use crate::disabled::export::Health;
use crate::disabled::instance::AgentInstance;
use crate::disabled::span::Span;
use crate::disabled::trace::TraceBuilder;
use crate::types::error::Error;
use crate::types::registration::Registration;
use crate::types::remote_context::RemoteContext;
use crate::types::stats::{FlushReport, Stats};
use crate::types::status::Signal;

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

/// The client, without effect.
#[derive(Clone, Debug)]
pub struct Client;

impl Client {
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

    /// There are no processors.
    #[must_use]
    pub fn processor_stats(&self) -> Vec<(String, Stats)> {
        Vec::new()
    }

    /// There are no processors.
    #[must_use]
    pub fn processor_health(&self) -> Vec<(String, Health)> {
        Vec::new()
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
