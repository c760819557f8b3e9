//! The worker's loop: passes events to the core and carries out its actions.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::yield_now;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::sleep_until;

use super::core::machine::{Action, Core, CurrentOperation};
use super::fail_point::{FailPoints, Step};
use super::persistence::Persistence;
use super::queue::receiver::Receiver;
use super::queue::shards::{Message, Reply};
use crate::export::observer::Observer;
use crate::operation::Operation;
use crate::platform::internal_log::{self, FaultKind, NAME_CLEANED};
use crate::platform::random;
use crate::transport::{SendError, SendResult, Transport};
use crate::types::name;
use crate::types::status::InstanceStatus;

/// Messages taken from the queue before requests are looked at again.
const INBOX: usize = 512;

pub(super) struct Driver {
    core: Core,
    receiver: Receiver,
    /// Messages taken from the queue and not handled yet.
    messages: VecDeque<Message>,
    current: Option<CurrentOperation>,
    /// `None` when spans go to processors alone.
    transport: Option<Arc<dyn Transport>>,
    observer: Observer,
    persistence: Persistence,
    requests: JoinSet<(u64, SendResult)>,
    /// The requests by task, to tell which one panicked.
    tasks: HashMap<Id, u64>,
    waiting: HashMap<u64, Reply>,
    next_waiter: u64,
    is_orphaned: bool,
    /// How long an orphaned worker goes on.
    drain_timeout: Duration,
    fail_points: FailPoints,
}

impl Driver {
    pub(super) fn new(
        mut core: Core,
        mut receiver: Receiver,
        transport: Option<Arc<dyn Transport>>,
        observer: Observer,
        persistence: Persistence,
        drain_timeout: Duration,
        fail_points: FailPoints,
    ) -> Self {
        persistence.begin(&mut core);
        if core.is_recording() {
            receiver.keep_pauses_short();
        }
        Self {
            core,
            receiver,
            messages: VecDeque::new(),
            current: None,
            transport,
            observer,
            persistence,
            requests: JoinSet::new(),
            tasks: HashMap::new(),
            waiting: HashMap::new(),
            next_waiter: 0,
            is_orphaned: false,
            drain_timeout,
            fail_points,
        }
    }

    /// Goes on until the core has stopped. After a panic it may be called again, once [`Driver::recover`] was.
    pub(super) async fn run(&mut self) {
        loop {
            self.receive_all();
            // Settled operations are freed before new ones are received, which keeps the working set in the cache.
            while let Some(ended) = self.requests.try_join_next_with_id() {
                self.answered(ended);
            }
            let now = Instant::now();
            let partition = self.core.partition();
            let is_adopting = self.persistence.advance(&mut self.core, partition);
            let is_sending = self.core.advance(now) || is_adopting;
            if self.core.is_stopped() {
                self.persistence.last_sync().await;
                self.act();
                break;
            }
            self.act();
            if !self.requests.is_empty() {
                // Lets the requests in flight make progress, even when the queue is never empty.
                yield_now().await;
            }
            let wake_at = self.core.wake_at(now).into_iter().chain(self.persistence.wake_at()).min();
            tokio::select! {
                biased;
                () = self.receiver.wait(), if !self.is_orphaned => {}
                () = ready(()), if is_sending => {}
                Some(ended) = self.requests.join_next_with_id() => self.answered(ended),
                ended = self.persistence.ended() => self.persistence.on_ended(ended),
                () = sleep_until(wake_at.unwrap_or(now).into()), if wake_at.is_some() => {}
            }
        }
        // A message that is pushed after the last receive would not be counted, so the queue is closed first.
        self.receiver.close();
        while self.receive_all() > 0 {}
        while self.core.advance(Instant::now()) {}
        self.persistence.end(&mut self.core);
        self.act();
    }

    /// Takes stock after a panic. The runtime is gone, and the requests with it.
    pub(super) fn recover(&mut self) {
        self.requests = JoinSet::new();
        self.tasks.clear();
        self.core.recover(self.current.take(), Instant::now(), random::fraction());
        self.persistence.recover(&mut self.core);
    }

    /// Asks whether the token is good.
    pub(super) fn ping(&mut self) {
        if self.transport.is_some() {
            self.core.ping();
        }
    }

    /// Lets nothing be sent for a while.
    pub(super) fn pause(&mut self) {
        self.core.open_circuit(Instant::now());
    }

    /// Receives what there is, up to some number, and says how many these were.
    fn receive_all(&mut self) -> usize {
        let is_orphaned = self.receiver.is_orphaned();
        let count = self.receiver.recv_many(INBOX, &mut self.messages);
        if count == 0 && is_orphaned && !self.is_orphaned {
            self.orphaned();
        }
        while let Some(message) = self.messages.pop_front() {
            self.receive(message);
        }
        self.observer.hand_over();
        self.persistence.commit(&mut self.core);
        count
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Operation(mut operation) => {
                let weight = operation.weight();
                let is_span = matches!(operation, Operation::StartSpan(_));
                let is_register = matches!(operation, Operation::Register(_));
                let is_run_call = matches!(operation, Operation::Note(_));
                self.current = Some(CurrentOperation { weight, is_span, is_register, is_run_call });
                self.fail_points.pass(Step::Receive);
                if let Operation::StartSpan(start) = &mut operation {
                    if name::clean(&mut start.schema_name, name::MAX_NAME) {
                        internal_log::log_rate_limited(FaultKind::Name, NAME_CLEANED);
                    }
                }
                self.observer.complete(&mut operation);
                if !self.observer.is_empty() {
                    self.observer.observe(&mut operation);
                }
                if self.transport.is_some() {
                    self.persistence.take(operation, weight, &mut self.core);
                } else {
                    self.core.settle(&operation, weight);
                }
                self.current = None;
            }
            Message::Attend => self.core.attend(),
            Message::Flush { deadline, reply } => {
                let reply =
                    if self.observer.is_empty() { reply } else { self.observer.flush(deadline, reply) };
                self.persistence.commit(&mut self.core);
                if let Some(reply) = self.persistence.flush(deadline, reply, &mut self.core) {
                    let number = self.waiter(reply);
                    self.core.flush(number, deadline);
                }
            }
            Message::Shutdown { deadline, status, reply } => {
                self.shut_down(deadline, status, reply);
            }
        }
        self.fail_points.pass(Step::Received);
    }

    /// Every handle is gone without a shutdown: what they left behind is delivered all the same, while the
    /// process lives.
    fn orphaned(&mut self) {
        self.is_orphaned = true;
        self.shut_down(Instant::now() + self.drain_timeout, InstanceStatus::Complete, Box::new(drop));
    }

    fn shut_down(&mut self, deadline: Instant, status: InstanceStatus, reply: Reply) {
        if self.transport.is_none() {
            self.core.settle_open(self.observer.open_spans());
        }
        let reply =
            if self.observer.is_empty() { reply } else { self.observer.shutdown(deadline, status, reply) };
        self.persistence.commit(&mut self.core);
        self.persistence.close(deadline, status, &mut self.core);
        let number = self.waiter(reply);
        self.core.shutdown(number, deadline, status, Instant::now());
    }

    fn waiter(&mut self, reply: Reply) -> u64 {
        let number = self.next_waiter;
        self.next_waiter += 1;
        self.waiting.insert(number, reply);
        number
    }

    fn answered(&mut self, ended: Result<(Id, (u64, SendResult)), JoinError>) {
        let (id, answer) = match ended {
            Ok((task, (id, answer))) => {
                self.tasks.remove(&task);
                (id, answer)
            }
            Err(error) => {
                let Some(id) = self.tasks.remove(&error.id()) else { return };
                internal_log::log_rate_limited(
                    FaultKind::Worker,
                    "the transport panicked: its request is sent again",
                );
                (id, Err(SendError::unanswered("the transport panicked")))
            }
        };
        self.fail_points.pass(Step::Answer);
        self.core.answer(id, &answer, Instant::now(), random::fraction());
        self.fail_points.pass(Step::Answered);
    }

    /// Carries out the core's actions.
    fn act(&mut self) {
        self.persistence.note(&mut self.core);
        while let Some(action) = self.core.next_action() {
            self.fail_points.pass(Step::Act);
            match action {
                Action::Send { id, request } => {
                    let Some(transport) = self.transport.clone() else { continue };
                    let task = self.requests.spawn(async move { (id, transport.send(request).await) });
                    self.tasks.insert(task.id(), id);
                }
                Action::Reply { number, mut report } => {
                    if let Some(reply) = self.waiting.remove(&number) {
                        if self.core.is_stopped() {
                            self.persistence.complete(&mut report);
                        }
                        reply(report);
                    }
                }
                Action::ResetConnections => self.transport.iter().for_each(|transport| transport.reset()),
                Action::Log { fault, text } => internal_log::log_rate_limited(fault, &text),
            }
            self.fail_points.pass(Step::Acted);
        }
    }
}
