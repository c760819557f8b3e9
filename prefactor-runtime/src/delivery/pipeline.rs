//! Starts a client's delivery: when the client is built, and again in a forked process.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::config::sampling::Sampling;
use crate::config::settings::{Identity, QueueLimits};
#[cfg(feature = "spool")]
use crate::config::spool::SpoolOptions;
use crate::delivery::queue;
use crate::delivery::queue::sender::Sender;
use crate::delivery::worker::{Worker, WorkerConfig};
use crate::export::event::LaneStatus;
use crate::export::lane::Sink;
use crate::export::observer::Observer;
use crate::operation::Account;
use crate::payload::CaptureLimits;
use crate::platform::timer::Timer;
use crate::redaction::Redaction;
#[cfg(feature = "spool")]
use crate::spool::{owner::Owner, writer::Writer};
use crate::transport::Transport;
use crate::types::error::Error;
use crate::types::stats::Counters;

/// The settings of a client, checked.
pub(crate) struct PipelineConfig {
    pub(crate) queue: QueueLimits,
    pub(crate) limits: CaptureLimits,
    pub(crate) sampling: Sampling,
    pub(crate) identity: Identity,
    /// Whether trace contexts that leave the process name the run and the span.
    pub(crate) names_runs: bool,
    pub(crate) drain_timeout: Duration,
    pub(crate) redaction: Redaction,
    /// Whether the platform may end runs that do not say so themselves.
    pub(crate) is_terminable: bool,
    /// Whether usage is taken from the usual JSON of results.
    pub(crate) reads_usage: bool,
    pub(crate) transport: TransportFactory,
    /// Where to keep what waits, and whose it is. A process that is forked off has a journal of its own.
    #[cfg(feature = "spool")]
    pub(crate) spool: Option<(SpoolOptions, Owner)>,
    /// Taken by the first worker: the threads of processors do not exist in a forked process.
    pub(crate) sinks: Mutex<Vec<Sink>>,
}

/// Where transports come from.
pub(crate) enum TransportFactory {
    /// Spans go to processors alone.
    None,
    /// The program gave one, and there is no other.
    Given(Arc<dyn Transport>),
    /// Made anew: a process that is forked off must not write into the connections of the one it comes from.
    #[cfg(feature = "http")]
    Made(Box<dyn Fn() -> Result<Arc<dyn Transport>, Error> + Send + Sync>),
}

/// A delivery that has begun.
pub(crate) struct Pipeline {
    pub(crate) queue: Sender,
    /// `None` when the thread could not be started.
    pub(crate) worker: Option<Worker>,
    pub(crate) counters: Arc<Counters>,
    /// The name, the counts and the health of each processor.
    pub(crate) processors: Vec<Arc<LaneStatus>>,
    pub(crate) account: Arc<Account>,
    pub(crate) timer: Arc<Timer>,
}

impl PipelineConfig {
    /// Starts a worker of its own.
    ///
    /// # Errors
    ///
    /// When the transport or the thread cannot be made.
    pub(crate) fn begin(&self) -> Result<Pipeline, Error> {
        let transport = match &self.transport {
            TransportFactory::None => None,
            TransportFactory::Given(transport) => Some(Arc::clone(transport)),
            #[cfg(feature = "http")]
            TransportFactory::Made(make) => Some(make()?),
        };
        let sinks = std::mem::take(&mut *self.sinks.lock().unwrap_or_else(PoisonError::into_inner));
        let with_status = |sink: Sink| {
            let status = LaneStatus { name: sink.name(), ..LaneStatus::default() };
            (sink, Arc::new(status))
        };
        let sinks: Vec<_> = sinks.into_iter().map(with_status).collect();
        let processors = sinks.iter().map(|(_, status)| Arc::clone(status)).collect();
        if transport.is_none() && sinks.is_empty() {
            return Ok(self.without_worker());
        }
        let observer = Observer::start(sinks, self.redaction.clone(), self.queue.bytes, transport.is_some())?
            .reading_usage(self.reads_usage);
        let (counters, account) = (Arc::new(Counters::default()), self.account());
        let (queue, worker) = Worker::start(WorkerConfig {
            limits: self.queue,
            identity: self.identity.clone(),
            account: Arc::clone(&account),
            counters: Arc::clone(&counters),
            transport,
            drain_timeout: self.drain_timeout,
            redaction: self.redaction.clone(),
            observer,
            #[cfg(feature = "spool")]
            spool: self.spool.clone().map(|(options, owner)| Writer::new(options, owner)),
        })?;
        Ok(Pipeline { queue, worker: Some(worker), counters, processors, account, timer: Arc::default() })
    }

    /// Counts, and delivers nothing.
    pub(crate) fn without_worker(&self) -> Pipeline {
        let (counters, account) = (Arc::new(Counters::default()), self.account());
        let queue = queue::channel(self.queue).0;
        Pipeline { queue, worker: None, counters, processors: Vec::new(), account, timer: Arc::default() }
    }

    fn account(&self) -> Arc<Account> {
        Arc::new(Account::new(self.identity.agent_id))
    }
}

// A panic of the program's transport or rules is caught on the worker thread.
impl RefUnwindSafe for PipelineConfig {}
impl UnwindSafe for PipelineConfig {}

impl fmt::Debug for PipelineConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PipelineConfig").finish_non_exhaustive()
    }
}
