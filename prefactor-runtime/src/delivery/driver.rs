//! The worker: one thread with its own current-thread runtime, which feeds the core and does what it says.
//!
//! The thread shares nothing with the runtime of the program, if there is one: a flush cannot wait for itself,
//! and a runtime that is shut down takes no span with it.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{Id, JoinSet};
use tokio::time::sleep_until;

use super::core::{Action, Core};
use super::queue::{Message, Queue, Reply};
use crate::config::{Identity, QueueLimits};
use crate::diagnostics::{self, Fault};
use crate::error::Error;
use crate::operation::Account;
use crate::random;
use crate::redaction::Redaction;
use crate::stats::Counters;
use crate::status::InstanceStatus;
use crate::transport::{Answer, Transport};

/// Messages taken from the queue before requests are looked at again.
const INBOX: usize = 1_024;

/// The running thread.
#[derive(Debug)]
pub(crate) struct Worker {
    thread: JoinHandle<()>,
}

struct Driver {
    core: Core,
    messages: UnboundedReceiver<Message>,
    transport: Arc<dyn Transport>,
    requests: JoinSet<(u64, Answer)>,
    /// The requests by task, to tell which one panicked.
    tasks: HashMap<Id, u64>,
    waiting: HashMap<u64, Reply>,
    next_waiter: u64,
    is_orphaned: bool,
    /// How long an orphaned worker goes on.
    patience: Duration,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the thread or its runtime cannot be made.
    pub(crate) fn start(
        limits: QueueLimits,
        identity: Identity,
        account: Arc<Account>,
        counters: Arc<Counters>,
        transport: Arc<dyn Transport>,
        patience: Duration,
        redaction: Redaction,
    ) -> Result<(Queue, Self), Error> {
        let (queue, messages, gauge) = Queue::new(limits);
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|cause| Error::worker(&cause))?;
        let driver = Driver {
            core: Core::new(identity, account, counters, gauge, redaction),
            messages,
            transport,
            requests: JoinSet::new(),
            tasks: HashMap::new(),
            waiting: HashMap::new(),
            next_waiter: 0,
            is_orphaned: false,
            patience,
        };
        let thread = std::thread::Builder::new()
            .name("prefactor-worker".into())
            .spawn(move || run(runtime, driver))
            .map_err(|cause| Error::worker(&cause))?;
        Ok((queue, Self { thread }))
    }

    pub(crate) fn is_this_thread(&self) -> bool {
        self.thread.thread().id() == std::thread::current().id()
    }
}

fn run(runtime: Runtime, driver: Driver) {
    runtime.block_on(driver.run());
    // Dropping the runtime would wait for a name look-up that hangs.
    runtime.shutdown_background();
}

impl Driver {
    async fn run(mut self) {
        let mut inbox = Vec::new();
        self.core.ping();
        loop {
            self.core.advance(Instant::now());
            if !self.act() {
                break;
            }
            let wake_at = self.core.wake_at();
            tokio::select! {
                count = self.messages.recv_many(&mut inbox, INBOX), if !self.is_orphaned => {
                    if count == 0 {
                        self.orphaned();
                    }
                    inbox.drain(..).for_each(|message| self.receive(message));
                }
                Some(ended) = self.requests.join_next_with_id() => self.answered(ended),
                () = sleep_until(wake_at.unwrap_or_else(Instant::now).into()), if wake_at.is_some() => {}
            }
        }
        // Nothing may be sent into a queue that nobody reads: what comes from now on is refused at the door.
        self.messages.close();
        while let Some(message) = self.messages.recv().await {
            self.receive(message);
        }
        self.core.advance(Instant::now());
        self.act();
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Operation(mut operation) => {
                operation.detach();
                self.core.operation(operation);
            }
            Message::Flush { deadline, reply } => {
                let number = self.waiter(reply);
                self.core.flush(number, deadline);
            }
            Message::Shutdown { deadline, status, reply } => {
                let number = self.waiter(reply);
                self.core.shutdown(number, deadline, status);
            }
        }
    }

    /// Every handle is gone without a shutdown: what they left behind is delivered all the same, while the
    /// process lives.
    fn orphaned(&mut self) {
        self.is_orphaned = true;
        let number = self.waiter(Box::new(drop));
        self.core.shutdown(number, Instant::now() + self.patience, InstanceStatus::Complete);
    }

    fn waiter(&mut self, reply: Reply) -> u64 {
        let number = self.next_waiter;
        self.next_waiter += 1;
        self.waiting.insert(number, reply);
        number
    }

    fn answered(&mut self, ended: Result<(Id, (u64, Answer)), tokio::task::JoinError>) {
        let (id, answer) = match ended {
            Ok((task, (id, answer))) => {
                self.tasks.remove(&task);
                (id, answer)
            }
            Err(error) => {
                let Some(id) = self.tasks.remove(&error.id()) else { return };
                diagnostics::warn(Fault::Worker, "the transport panicked: its request is sent again");
                (id, Answer::Unknown { cause: "the transport panicked".into() })
            }
        };
        self.core.answer(id, answer, Instant::now(), random::fraction());
    }

    /// Carries out the core's actions. `false` when the last of them is to stop.
    fn act(&mut self) -> bool {
        while let Some(action) = self.core.next_action() {
            match action {
                Action::Send { id, request } => {
                    let transport = Arc::clone(&self.transport);
                    let task = self.requests.spawn(async move { (id, transport.send(request).await) });
                    self.tasks.insert(task.id(), id);
                }
                Action::Reply { number, report } => {
                    if let Some(reply) = self.waiting.remove(&number) {
                        reply(report);
                    }
                }
                Action::Log { fault, text } => diagnostics::warn(fault, &text),
                Action::Stop => return false,
            }
        }
        true
    }
}
