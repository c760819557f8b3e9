//! The worker: one thread with its own current-thread runtime.
//!
//! The thread shares nothing with the runtime of the program, if there is one: a flush cannot wait for itself,
//! and a runtime that is shut down takes no span with it. A panic on it, which would be a fault of ours, costs at
//! most the operation in hand: it goes on with everything else, in a new runtime.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::core::machine::Core;
use super::driver::Driver;
use super::fail_point::FailPoints;
use super::persistence::Persistence;
use super::queue;
use super::queue::sender::Sender;
use crate::config::settings::{Identity, QueueLimits};
use crate::export::observer::Observer;
use crate::operation::Account;
use crate::platform::internal_log::{self, FaultKind};
use crate::platform::suppression::Suppressed;
use crate::platform::thread;
use crate::redaction::Redaction;
#[cfg(feature = "spool")]
use crate::spool::writer::Writer;
use crate::transport::Transport;
use crate::types::error::Error;
use crate::types::stats::Counters;

/// From this number of restarts within [`PERIOD`] on, the worker rests before each.
const TOO_MANY_RESTARTS: usize = 5;
const PERIOD: Duration = Duration::from_secs(60);
/// How long a worker that restarts too often rests each time.
const REST: Duration = Duration::from_secs(1);

/// Workers started in the process.
static STARTED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Which worker the thread is. Without a destructor, so that it can be asked while the process exits.
    static WORKER: Cell<u64> = const { Cell::new(0) };
}

/// The running thread. It is told apart by a number: nobody joins it, and a forked process has no thread to let go.
#[derive(Debug)]
pub(crate) struct Worker {
    number: u64,
}

/// The parts that a worker is started with.
pub(crate) struct WorkerConfig {
    pub(crate) limits: QueueLimits,
    pub(crate) identity: Identity,
    pub(crate) account: Arc<Account>,
    pub(crate) counters: Arc<Counters>,
    /// `None` when spans go to processors alone.
    pub(crate) transport: Option<Arc<dyn Transport>>,
    /// How long it goes on when nobody is left who could shut it down.
    pub(crate) drain_timeout: Duration,
    pub(crate) redaction: Redaction,
    pub(crate) observer: Observer,
    /// Its spool, if there is one.
    #[cfg(feature = "spool")]
    pub(crate) spool: Option<Writer>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the thread or its runtime cannot be made.
    pub(crate) fn start(config: WorkerConfig) -> Result<(Sender, Self), Error> {
        Self::start_with(config, FailPoints::default())
    }

    pub(super) fn start_with(config: WorkerConfig, fail_points: FailPoints) -> Result<(Sender, Self), Error> {
        let WorkerConfig {
            limits,
            identity,
            account,
            counters,
            transport,
            drain_timeout,
            redaction,
            observer,
            #[cfg(feature = "spool")]
            spool,
        } = config;
        #[cfg(feature = "spool")]
        let persistence = Persistence::new(spool, redaction.clone(), Arc::clone(&counters));
        #[cfg(not(feature = "spool"))]
        let persistence = Persistence;
        let (queue, receiver) = queue::channel(limits);
        let runtime = runtime().map_err(Error::thread)?;
        let core = Core::new(identity, account, Arc::clone(&counters), receiver.usage(), redaction);
        let driver =
            Driver::new(core, receiver, transport, observer, persistence, drain_timeout, fail_points);
        let number = STARTED.fetch_add(1, Relaxed) + 1;
        thread::spawn("prefactor-worker", move || {
            WORKER.set(number);
            run(runtime, driver, &counters);
        })
        .map_err(Error::thread)?;
        Ok((queue, Self { number }))
    }

    pub(crate) fn is_this_thread(&self) -> bool {
        WORKER.get() == self.number
    }
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn run(mut current: Runtime, mut driver: Driver, counters: &Counters) {
    // Requests of this thread may call the program's logger, whose spans would cause more requests, without end.
    let _suppressed = Suppressed::enter();
    let mut restarts = VecDeque::new();
    driver.ping();
    loop {
        let ended = catch_unwind(AssertUnwindSafe(|| current.block_on(driver.run())));
        // Dropping the runtime would wait for a name look-up that hangs.
        current.shutdown_background();
        if ended.is_ok() {
            return;
        }
        counters.worker_restarted();
        internal_log::log_rate_limited(
            FaultKind::Worker,
            "the delivery thread panicked: it goes on, and requests are sent again",
        );
        if catch_unwind(AssertUnwindSafe(|| driver.recover())).is_err() || is_too_often(&mut restarts) {
            driver.pause();
            std::thread::sleep(REST);
        }
        match runtime() {
            Ok(next) => current = next,
            // Dropping the driver closes the queue: what comes is counted as lost with the worker.
            Err(_) => return,
        }
    }
}

fn is_too_often(restarts: &mut VecDeque<Instant>) -> bool {
    let now = Instant::now();
    restarts.push_back(now);
    restarts.retain(|restart| now.duration_since(*restart) < PERIOD);
    restarts.len() >= TOO_MANY_RESTARTS
}
