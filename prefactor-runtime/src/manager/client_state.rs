//! The state of one client, shared by its handles and the process-wide slot.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::manager::instance_state::InstanceState;
use crate::manager::span_manager::SpanManager;
use crate::payload::CaptureLimits;
use crate::platform::internal_log;
use crate::platform::per_process::Succeed as _;
use crate::types::agent::Agent;
use crate::types::registration::{Attached, Registration};

pub(crate) struct ClientState {
    /// `None` for a disabled client.
    manager: Option<Arc<SpanManager>>,
    agent: Agent,
    /// The run of spans that are made outside of any other. Registered by the first of them, on any thread.
    default_instance: OnceLock<Option<Arc<InstanceState>>>,
    /// Whether the program registers runs itself.
    has_registered: AtomicBool,
    has_told_of_strays: AtomicBool,
    shutdown_timeout: Duration,
    /// How long the program may take to shut the client down after a signal.
    drain_timeout: Duration,
    /// Whether a shutdown was begun. Said of disabled clients too, whose programs drain like others.
    has_begun_shutdown: AtomicBool,
}

impl ClientState {
    pub(crate) fn new(
        manager: Option<Arc<SpanManager>>,
        agent: Agent,
        shutdown_timeout: Duration,
        drain_timeout: Duration,
    ) -> Self {
        Self {
            manager,
            agent,
            default_instance: OnceLock::new(),
            has_registered: AtomicBool::new(false),
            has_told_of_strays: AtomicBool::new(false),
            shutdown_timeout,
            drain_timeout,
            has_begun_shutdown: AtomicBool::new(false),
        }
    }

    pub(crate) fn agent(&self) -> &Agent {
        &self.agent
    }

    pub(crate) fn shutdown_timeout(&self) -> Duration {
        self.shutdown_timeout
    }

    pub(crate) fn drain_timeout(&self) -> Duration {
        self.drain_timeout
    }

    /// The capture limits of a new span of the default instance. `None` for a disabled client.
    pub(crate) fn limits(&self) -> Option<CaptureLimits> {
        let manager = self.manager.as_ref()?;
        if manager.is_sampling() && !manager.is_closed() {
            let _ = self.default_instance();
        }
        self.limits_if_known()
    }

    /// As [`ClientState::limits`], as far as it is known without the registration of the run.
    pub(crate) fn limits_if_known(&self) -> Option<CaptureLimits> {
        let instance = self.default_instance.get().and_then(Option::as_ref);
        instance.map(|instance| instance.limits()).or_else(|| Some(self.manager.as_ref()?.limits()))
    }

    /// Registers a run of the program's own. `None` for a disabled client.
    pub(crate) fn register(&self, registration: Registration) -> Option<Arc<InstanceState>> {
        if !self.has_registered.load(Relaxed) {
            self.has_registered.store(true, Relaxed);
        }
        self.new_instance(registration)
    }

    fn new_instance(&self, registration: Registration) -> Option<Arc<InstanceState>> {
        let manager = self.manager.as_ref()?;
        Some(Arc::new(InstanceState::register(manager.current(), registration)))
    }

    /// A run that another process has registered. `None` for a disabled client.
    pub(crate) fn attach(&self, to: Attached) -> Option<Arc<InstanceState>> {
        let mut run = Registration::new(self.agent.clone());
        if let Attached::ExternalIdentifier(identifier) = &to {
            run.external_identifier = Some(identifier.clone());
        }
        run.attached = Some(to);
        self.register(run)
    }

    pub(crate) fn default_instance(&self) -> Option<Arc<InstanceState>> {
        self.default_instance.get_or_init(|| self.new_instance(self.agent.clone().into())).clone()
    }

    /// The run of a span that is made outside of any. In a program that registers its runs itself such a span has most
    /// likely lost its way, so it is counted, and the first is told of.
    pub(crate) fn instance_of_stray(&self) -> Option<Arc<InstanceState>> {
        let instance = self.default_instance()?;
        if self.has_registered.load(Relaxed) && !self.is_closed() {
            instance.manager().outside_of_runs();
            if !self.has_told_of_strays.swap(true, Relaxed) {
                internal_log::log_always(
                    "a span was made outside of any run, and is in the default run: carry the run into new tasks with \
                     `tokio::spawn(work().with_current_span())` and into threads with `Context::current()`; in a request \
                     handler that registers the run, annotate the function that `run.run(…)` calls instead, or let \
                     prefactor-tower's `run_per_request` make the run; `stats().outside_of_runs` counts such spans",
                );
            }
        }
        Some(instance)
    }

    /// As [`ClientState::default_instance`], if a span has needed it.
    pub(crate) fn default_instance_if_any(&self) -> Option<Arc<InstanceState>> {
        self.default_instance.get()?.clone()
    }

    /// The manager of this process. `None` for a disabled client, and in a forked process that has done nothing yet.
    pub(crate) fn manager(&self) -> Option<&Arc<SpanManager>> {
        self.manager.as_ref()?.current_if_any()
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.manager.is_none()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.latest().is_some_and(|manager| manager.is_closed())
    }

    pub(crate) fn has_begun_shutdown(&self) -> bool {
        self.has_begun_shutdown.load(Relaxed)
    }

    /// Whether it was made by the process from which this one was forked.
    pub(crate) fn is_inherited(&self) -> bool {
        self.manager.as_ref().is_some_and(|manager| manager.is_inherited())
    }

    /// Closes the client for new spans. `true` for the first caller.
    pub(crate) fn close(&self) -> bool {
        self.has_begun_shutdown.store(true, Relaxed);
        self.latest().is_some_and(|manager| manager.close())
    }

    /// The manager of this process, else the inherited one, which knows whether the client is closed.
    fn latest(&self) -> Option<&Arc<SpanManager>> {
        let manager = self.manager.as_ref()?;
        Some(manager.current_if_any().unwrap_or(manager))
    }
}
