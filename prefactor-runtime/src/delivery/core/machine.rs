//! The state machine of delivery: events in, actions out, without a clock, a socket, a thread or randomness of its own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::config::settings::Identity;
use crate::delivery::core::in_flight::InFlight;
use crate::delivery::core::schema_check::SchemaCheck;
use crate::delivery::instance::encode::EncodeContext;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::capability::Capability;
use crate::delivery::queue::usage::QueueUsage;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{Account, InstanceKey};
use crate::platform::backoff::Backoff;
use crate::platform::internal_log::FaultKind;
use crate::platform::key_map::KeyMap;
use crate::redaction::Redaction;
use crate::transport::Request;
use crate::types::stats::{Counters, FlushReport};

/// An action for the driver.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and replies are rare")]
pub(crate) enum Action {
    Send {
        id: u64,
        request: Request,
    },
    /// A flush or a shutdown, told by its number, has come to its end.
    Reply {
        number: u64,
        report: FlushReport,
    },
    /// The transport is to let go of its connections.
    ResetConnections,
    Log {
        fault: FaultKind,
        text: String,
    },
}

/// An operation that was taken from the queue and is not yet in the core's books.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CurrentOperation {
    pub(crate) weight: usize,
    pub(crate) is_span: bool,
    pub(crate) is_register: bool,
    pub(crate) is_run_call: bool,
}

/// A flush or the shutdown, until it is answered.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) number: u64,
    pub(super) deadline: Instant,
    /// The first token that is not waited for.
    pub(super) mark: u64,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct Core {
    pub(super) instances: KeyMap<InstanceKey, InstanceDelivery>,
    pub(super) out: ReadyQueue,
    pub(super) in_flight: InFlight,
    pub(super) actions: VecDeque<Action>,
    pub(super) backoff: Backoff,
    pub(super) is_unauthorized: bool,
    /// Starts of servers that were noticed.
    pub(super) server_epoch: u64,
    /// The question after the token, while it is open.
    pub(super) ping: Option<u64>,
    pub(super) schema_check: SchemaCheck,
    /// The next round, if there is to be one.
    pub(super) next_poll: Option<Instant>,
    /// Whether something has come since the last round, so that there is to be one more.
    pub(super) has_news: bool,
    /// Runs of callers in other processes that are looked for again, and when.
    pub(super) lookups: Vec<(Instant, InstanceKey)>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) shutdown: Option<Waiter>,
    /// Whether the token was refused during the shutdown.
    pub(super) is_refused: bool,
    pub(super) is_closed: bool,
    pub(super) is_stopped: bool,
    identity: Identity,
    pub(super) account: Arc<Account>,
    redaction: Redaction,
}

impl Core {
    pub(crate) fn new(
        identity: Identity,
        account: Arc<Account>,
        counters: Arc<Counters>,
        usage: Arc<QueueUsage>,
        redaction: Redaction,
    ) -> Self {
        Self {
            instances: KeyMap::default(),
            out: ReadyQueue::new(counters, usage),
            in_flight: InFlight::default(),
            actions: VecDeque::new(),
            backoff: Backoff::default(),
            is_unauthorized: false,
            ping: None,
            schema_check: SchemaCheck::default(),
            next_poll: None,
            has_news: true,
            lookups: Vec::new(),
            waiters: Vec::new(),
            shutdown: None,
            server_epoch: 0,
            is_refused: false,
            is_closed: false,
            is_stopped: false,
            identity,
            account,
            redaction,
        }
    }

    /// Whether operations are on disk, where what happens to them is noted.
    pub(crate) fn is_recording(&self) -> bool {
        self.out.is_recording
    }

    /// Runs of which something may still come.
    #[cfg(test)]
    pub(crate) fn runs(&self) -> usize {
        self.instances.len()
    }

    /// Sends nothing for the longest pause there is: something is broken that repeating does not mend.
    pub(crate) fn open_circuit(&mut self, now: Instant) {
        self.backoff.open_circuit(now);
    }

    /// Whether it was shut down and has said all there is to say.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// The account's partition, once it is known.
    pub(crate) fn partition(&self) -> Option<u32> {
        self.account.partition().map(|id| id.partition())
    }

    #[cfg(feature = "spool")]
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Sends what may be sent and answers who waits. To be called after every event and at every wake-up, and again
    /// while it returns `true`: one request is made at a time, for a large one takes its time to be written.
    pub(crate) fn advance(&mut self, now: Instant) -> bool {
        self.poll(now);
        self.look_again(now);
        self.out.capabilities.at(now);
        self.out.is_failing = self.backoff.is_failing();
        let context = EncodeContext {
            identity: &self.identity,
            redaction: &self.redaction,
            server_ids: self.out.capabilities.is_disabled(Capability::ClientIds),
        };
        let next =
            self.in_flight.next_request(&mut self.instances, &mut self.out, &self.backoff, &context, now);
        let is_sending = next.is_some();
        if let Some((id, request)) = next {
            self.actions.push_back(Action::Send { id, request });
        }
        for (fault, text) in self.out.log.drain(..) {
            self.actions.push_back(Action::Log { fault, text });
        }
        self.answer_waiters(now);
        is_sending && !self.is_stopped
    }

    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Core::advance`] next if nothing happens before.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let pause = self.backoff.paused_until().filter(|until| *until > now && !self.out.is_empty());
        // A batch that is already due waits for a free request, and the answer of one wakes the worker.
        let batch_size = self.in_flight.wake_at().filter(|at| *at > now);
        let deadlines = self.waiters.iter().chain(&self.shutdown).map(|waiter| waiter.deadline);
        let lookups = self.lookups.iter().map(|(at, _)| *at);
        deadlines.chain(pause.or(batch_size)).chain(self.next_poll).chain(lookups).min()
    }
}
