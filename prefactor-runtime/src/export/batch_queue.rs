//! The thread of an exporter: it fills batches, sends them, and settles each span once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{Id, JoinSet};
use tokio::time::sleep_until;

use super::countdown::Countdown;
use super::event::{Event, Shared};
use super::exporter::{Batch, Batching, ExportOutcome, Kind, SpanExporter};
use super::health::Health;
use super::parcel::{Item, Parcel, Pending};
use super::unsettled::Unsettled;
use crate::platform::backoff::Backoff;
use crate::platform::internal_log::{self, ExportFault, FaultKind};
use crate::platform::random;
use crate::platform::suppression::Suppressed;
use crate::types::stats::{DropReason, RunEvent};

/// Requests that the halves of one batch may take, so that a destination which refuses everything is not asked once a span.
const MAX_DIVISIONS: u8 = 6;

/// Batches of the largest number of bytes that are on their way together, to bound the bytes of their requests. Of smaller ones there
/// may be more, up to [`Batching::max_in_flight`].
const FULL_BATCHES_IN_FLIGHT: usize = 8;

struct Waiter {
    epoch: u64,
    deadline: Instant,
    countdown: Arc<Countdown>,
}

pub(super) struct BatchQueue {
    exporter: Arc<dyn SpanExporter>,
    batching: Batching,
    shared: Arc<Shared>,
    pending: VecDeque<Pending>,
    pending_bytes: usize,
    /// Batches that go again, before anything new, unless they have failed more often than others.
    again: VecDeque<Parcel>,
    /// Whether the last batch that was sent had failed before.
    was_old: bool,
    /// How many batches were accepted.
    accepted: u64,
    requests: JoinSet<ExportOutcome>,
    in_flight: HashMap<Id, Parcel>,
    backoff: Backoff,
    epoch: u64,
    unsettled: Unsettled,
    waiters: Vec<Waiter>,
    shutdown: Option<Waiter>,
}

/// Runs until the shutdown.
pub(super) fn run(
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

    fn add(&mut self, item: Item, since: Instant) {
        self.pending_bytes += item.weight();
        self.unsettled.add(self.epoch);
        self.pending.push_back(Pending { item, epoch: self.epoch, since });
    }

    /// Sends the batches that may go now. Returns whether there were any.
    fn send(&mut self, now: Instant) -> bool {
        let mut is_sending = false;
        while self.has_room()
            && self.in_flight.len() < self.backoff.allowance(now, self.batching.max_in_flight)
        {
            let Some(parcel) = self.next(now) else { break };
            self.start(parcel);
            is_sending = true;
        }
        is_sending
    }

    /// Whether one more batch may be on its way.
    fn has_room(&self) -> bool {
        let bytes: usize = self.in_flight.values().map(|parcel| parcel.weight).sum();
        self.in_flight.len() < self.batching.max_in_flight
            && bytes < self.batching.max_bytes.saturating_mul(FULL_BATCHES_IN_FLIGHT).max(1)
    }

    fn next(&mut self, now: Instant) -> Option<Parcel> {
        let is_turn_of_new = self.was_old && self.again.iter().all(Parcel::lets_others_pass);
        if !is_turn_of_new || self.pending.is_empty() {
            if let Some(parcel) = self.again.pop_front() {
                self.was_old = true;
                return Some(parcel);
            }
        }
        self.was_old = false;
        let oldest = self.pending.front()?;
        let is_due = self.pending.len() >= self.batching.max_spans
            || self.pending_bytes >= self.batching.max_bytes
            || oldest.since + self.batching.delay <= now
            || oldest.epoch < self.epoch
            || !self.again.is_empty();
        is_due.then(|| self.take_batch())
    }

    fn take_batch(&mut self) -> Parcel {
        let (mut items, mut bytes) = (Vec::new(), 0);
        while let Some(pending) = self.pending.front() {
            bytes += pending.item.weight();
            if items.len() >= self.batching.max_spans
                || (bytes > self.batching.max_bytes && !items.is_empty())
            {
                break;
            }
            self.pending_bytes -= pending.item.weight();
            items.extend(self.pending.pop_front());
        }
        Parcel::new(items, 0)
    }

    fn start(&mut self, mut parcel: Parcel) {
        let mut batch = Batch::default();
        for pending in &parcel.items {
            match &pending.item {
                Item::Span(span) => batch.spans.push(Arc::clone(span)),
                Item::TraceEnd(trace) => batch.traces.push(Arc::clone(trace)),
            }
        }
        self.shared.counters.request(parcel.was_sent);
        parcel.was_sent = true;
        parcel.retry_epoch = self.backoff.epoch();
        let exporter = Arc::clone(&self.exporter);
        // Calls the exporter inside the task, which catches its panic.
        let task = self.requests.spawn(async move { exporter.export(batch).await });
        self.in_flight.insert(task.id(), parcel);
    }

    fn ended(&mut self, ended: Result<(Id, ExportOutcome), tokio::task::JoinError>) {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, Some(outcome)),
            Err(error) => (error.id(), None),
        };
        let Some(parcel) = self.in_flight.remove(&id) else { return };
        let Some(outcome) = outcome else {
            self.log(ExportFault::Panicked, "panicked: the batch is dropped and counted");
            return self.settle(parcel.items, Some(DropReason::ProcessorPanicked));
        };
        self.decide(parcel, &outcome);
    }

    fn decide(&mut self, mut parcel: Parcel, outcome: &ExportOutcome) {
        let now = Instant::now();
        match outcome.kind {
            Kind::Accepted { rejected } => {
                self.backoff.success(parcel.retry_epoch);
                self.accepted += 1;
                self.shared.health.set(Health::Working);
                if rejected > 0 {
                    self.log(
                        ExportFault::Refused,
                        &format!("{rejected} spans of a batch were refused ({})", outcome.cause),
                    );
                }
                self.settle_partly(parcel.items, rejected);
            }
            Kind::Retry { after } => {
                parcel.is_in_doubt = false;
                self.failed(parcel, now, after, &outcome.cause);
            }
            Kind::Unanswered => {
                parcel.is_in_doubt = true;
                self.failed(parcel, now, None, &outcome.cause);
            }
            Kind::Rejected(reason) => {
                self.shared.health.set(Health::Failing);
                self.log(ExportFault::Refused, &format!("a batch was refused ({})", outcome.cause));
                if reason == DropReason::Auth {
                    self.backoff.failure(parcel.retry_epoch, now, None, random::fraction());
                } else {
                    self.backoff.success(parcel.retry_epoch);
                }
                self.settle(parcel.items, Some(reason));
            }
            Kind::Divide(reason) => {
                self.backoff.success(parcel.retry_epoch);
                let spans =
                    parcel.items.iter().filter(|pending| matches!(pending.item, Item::Span(_))).count();
                if spans <= 1 || parcel.divisions >= MAX_DIVISIONS {
                    self.shared.health.set(Health::Failing);
                    self.log(ExportFault::Refused, &format!("spans were refused ({})", outcome.cause));
                    return self.settle(parcel.items, Some(reason));
                }
                let second = parcel.items.split_off(parcel.items.len() / 2);
                for items in [second, parcel.items] {
                    self.again.push_front(Parcel::new(items, parcel.divisions + 1));
                }
            }
        }
    }

    fn failed(&mut self, mut parcel: Parcel, now: Instant, after: Option<Duration>, cause: &str) {
        self.shared.health.set(Health::Failing);
        if parcel.fail(self.accepted) {
            self.backoff.success(self.backoff.epoch());
            self.log(
                ExportFault::Refused,
                &format!(
                    "a batch was refused again and again while others were accepted: it is given up ({cause})"
                ),
            );
            return if parcel.is_in_doubt {
                self.settle_unknown(parcel.items);
            } else {
                self.settle(parcel.items, Some(DropReason::Rejected));
            };
        }
        self.backoff.failure(parcel.retry_epoch, now, after, random::fraction());
        self.log(ExportFault::Unreachable, &format!("a batch did not arrive, and is sent again ({cause})"));
        self.again.push_back(parcel);
    }

    /// Settles spans: acknowledged, or dropped for a reason.
    fn settle(&mut self, items: Vec<Pending>, reason: Option<DropReason>) {
        let rejected = if reason.is_some() { items.len() } else { 0 };
        self.settle_as(items, rejected, reason.unwrap_or(DropReason::Rejected));
    }

    fn settle_partly(&mut self, items: Vec<Pending>, rejected: usize) {
        self.settle_as(items, rejected, DropReason::Rejected);
    }

    fn settle_as(&mut self, items: Vec<Pending>, mut dropped: usize, reason: DropReason) {
        let is_whole_batch = dropped == items.len();
        for pending in items {
            match &pending.item {
                Item::Span(_) if dropped > 0 => {
                    dropped -= 1;
                    self.shared.counters.dropped(reason);
                }
                Item::Span(_) => self.shared.counters.acknowledged(),
                Item::TraceEnd(_) if is_whole_batch => self.shared.counters.run(RunEvent::Lost),
                Item::TraceEnd(_) => self.shared.counters.run(RunEvent::Finished),
            }
            self.release(&pending);
        }
    }

    fn release(&mut self, pending: &Pending) {
        self.shared.release(pending.item.weight());
        self.unsettled.settle(pending.epoch);
    }

    fn is_settled(&self, epoch: u64) -> bool {
        self.unsettled.oldest().is_none_or(|oldest| oldest > epoch)
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

    fn settle_unknown(&mut self, items: Vec<Pending>) {
        for pending in items {
            match &pending.item {
                Item::Span(_) => self.shared.counters.unknown(),
                Item::TraceEnd(_) => self.shared.counters.run(RunEvent::Unknown),
            }
            self.release(&pending);
        }
    }

    fn log(&self, fault: ExportFault, text: &str) {
        let name = self.exporter.name();
        internal_log::log_rate_limited(
            FaultKind::Exporter(name, fault),
            &format!("the exporter {name}: {text}"),
        );
    }
}
