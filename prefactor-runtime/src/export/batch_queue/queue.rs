//! The thread: it hears events, sends what is due, and answers flushes and the shutdown.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{Id, JoinSet};
use tokio::time::sleep_until;

use crate::export::countdown::Countdown;
use crate::export::event::{Event, Shared};
use crate::export::exporter::{Batching, ExportOutcome, SpanExporter};
use crate::export::health::Health;
use crate::export::parcel::{Item, Parcel, Pending};
use crate::export::unsettled::Unsettled;
use crate::platform::backoff::Backoff;
use crate::platform::suppression::Suppressed;
use crate::types::stats::{DropReason, RunEvent};

struct Waiter {
    epoch: u64,
    deadline: Instant,
    countdown: Arc<Countdown>,
}

pub(super) struct BatchQueue {
    pub(super) exporter: Arc<dyn SpanExporter>,
    pub(super) batching: Batching,
    pub(super) shared: Arc<Shared>,
    pub(super) pending: VecDeque<Pending>,
    pub(super) pending_bytes: usize,
    /// Batches that go again, before anything new, unless they have failed more often than others.
    pub(super) again: VecDeque<Parcel>,
    /// Whether the last batch that was sent had failed before.
    pub(super) was_old: bool,
    /// How many batches were accepted.
    pub(super) accepted: u64,
    pub(super) requests: JoinSet<ExportOutcome>,
    pub(super) in_flight: HashMap<Id, Parcel>,
    pub(super) backoff: Backoff,
    pub(super) epoch: u64,
    pub(super) unsettled: Unsettled,
    waiters: Vec<Waiter>,
    shutdown: Option<Waiter>,
}

/// Runs until the shutdown.
pub(crate) fn run(
    exporter: Arc<dyn SpanExporter>,
    mut events: UnboundedReceiver<Vec<Event>>,
    shared: &Arc<Shared>,
    runtime: tokio::runtime::Runtime,
) {
    // An exporter may call annotated functions: exporting their spans would make more spans, without end.
    let _suppressed = Suppressed::enter();
    let batching = exporter.batching();
    let mut queue = BatchQueue {
        exporter,
        batching,
        shared: Arc::clone(shared),
        pending: VecDeque::new(),
        pending_bytes: 0,
        again: VecDeque::new(),
        was_old: false,
        accepted: 0,
        requests: JoinSet::new(),
        in_flight: HashMap::new(),
        backoff: Backoff::default(),
        epoch: 0,
        unsettled: Unsettled::default(),
        waiters: Vec::new(),
        shutdown: None,
    };
    runtime.block_on(queue.run(&mut events));
    runtime.shutdown_background();
}

impl BatchQueue {
    async fn run(&mut self, received: &mut UnboundedReceiver<Vec<Event>>) {
        loop {
            while let Ok(events) = received.try_recv() {
                self.receive(events);
            }
            while let Some(ended) = self.requests.try_join_next_with_id() {
                self.ended(ended);
            }
            let now = Instant::now();
            let is_sending = self.send(now);
            self.answer_waiters(now);
            if self
                .shutdown
                .as_ref()
                .is_some_and(|shutdown| self.is_settled(shutdown.epoch) || shutdown.deadline <= now)
            {
                return self.stop();
            }
            if is_sending {
                tokio::task::yield_now().await;
                continue;
            }
            let wake_at = self.wake_at();
            tokio::select! {
                biased;
                events = received.recv(), if self.shutdown.is_none() => match events {
                    Some(events) => self.receive(events),
                    None => return self.stop(),
                },
                Some(ended) = self.requests.join_next_with_id() => self.ended(ended),
                () = sleep_until(wake_at.unwrap_or(now).into()), if wake_at.is_some() => {}
            }
        }
    }

    fn receive(&mut self, events: Vec<Event>) {
        let now = Instant::now();
        for event in events {
            self.hear(event, now);
        }
    }

    fn hear(&mut self, event: Event, now: Instant) {
        match event {
            Event::TraceStart(trace) => {
                self.shared.counters.run(RunEvent::Registered);
                self.shared.release(trace.weight());
            }
            Event::SpanStart(span) => self.shared.release(span.weight()),
            Event::SpanEnd(span) => self.add(Item::Span(span), now),
            Event::TraceEnd(trace) => self.add(Item::TraceEnd(trace), now),
            Event::Flush { deadline, countdown } => {
                let waiter = self.waiter(deadline, countdown);
                self.waiters.push(waiter);
            }
            Event::Shutdown { deadline, countdown } => {
                self.shutdown = Some(self.waiter(deadline, countdown));
                self.backoff.hurry(now, deadline);
            }
        }
    }

    fn waiter(&mut self, deadline: Instant, countdown: Arc<Countdown>) -> Waiter {
        let epoch = self.epoch;
        self.epoch += 1;
        Waiter { epoch, deadline, countdown }
    }

    fn answer_waiters(&mut self, now: Instant) {
        for waiter in std::mem::take(&mut self.waiters) {
            let is_settled = self.is_settled(waiter.epoch);
            if is_settled || waiter.deadline <= now {
                waiter.countdown.done(is_settled);
            } else {
                self.waiters.push(waiter);
            }
        }
    }

    /// When there is something to do without an event.
    fn wake_at(&self) -> Option<Instant> {
        let due =
            self.pending.front().filter(|_| self.has_room()).map(|oldest| oldest.since + self.batching.delay);
        let paused = self.backoff.paused_until().filter(|until| *until > Instant::now());
        let is_waiting = !self.again.is_empty() || !self.pending.is_empty();
        let next = match paused {
            Some(until) if is_waiting => Some(until),
            _ if self.backoff.is_failing() && !self.in_flight.is_empty() => None,
            _ => due,
        };
        let deadlines = self.waiters.iter().chain(&self.shutdown).map(|waiter| waiter.deadline);
        deadlines.chain(next).min()
    }

    /// Settles the remaining spans, and answers all waiting flushes.
    fn stop(&mut self) {
        let is_complete = self.shutdown.as_ref().is_none_or(|shutdown| self.is_settled(shutdown.epoch));
        self.requests.abort_all();
        for parcel in std::mem::take(&mut self.in_flight).into_values() {
            self.settle_unknown(parcel.items);
        }
        for parcel in std::mem::take(&mut self.again) {
            if parcel.is_in_doubt {
                self.settle_unknown(parcel.items);
            } else {
                self.settle(parcel.items, Some(DropReason::ShutdownDeadline));
            }
        }
        let pending = std::mem::take(&mut self.pending);
        self.settle(pending.into(), Some(DropReason::ShutdownDeadline));
        self.shared.health.set(Health::Stopped);
        for waiter in std::mem::take(&mut self.waiters).into_iter().chain(self.shutdown.take()) {
            waiter.countdown.done(is_complete);
        }
    }
}
