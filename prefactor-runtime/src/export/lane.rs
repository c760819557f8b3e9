//! One processor: its thread, its bounded queue and its counts.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use super::countdown::Countdown;
use super::processor::SpanProcessor;
use super::record::{SpanId, SpanRecord, TraceRecord};
use crate::payload::suppression::Suppressed;
use crate::platform::internal_log::{self, FaultKind};
use crate::types::error::Error;
use crate::types::stats::{Counters, DropReason};

/// What a processor hears, in the order in which it happened.
pub(crate) enum Event {
    TraceStart(Arc<TraceRecord>),
    SpanStart(Arc<SpanRecord>),
    SpanEnd(Arc<SpanRecord>),
    TraceEnd(Arc<TraceRecord>),
    Flush { deadline: Instant, countdown: Arc<Countdown> },
    Shutdown { deadline: Instant, countdown: Arc<Countdown> },
}

/// The worker's end of a processor's queue.
pub(crate) struct Lane {
    events: Sender<Event>,
    shared: Arc<Shared>,
    /// Spans whose start was refused: their end is not pushed either.
    refused: HashSet<SpanId>,
    max_bytes: usize,
}

/// What the worker and the processor's thread have in common.
struct Shared {
    /// Bytes in the queue: the worker adds, the thread subtracts.
    bytes: AtomicUsize,
    counters: Arc<Counters>,
}

impl Lane {
    /// Starts the processor's thread.
    ///
    /// # Errors
    ///
    /// When the thread cannot be started.
    pub(crate) fn start(
        mut processor: Box<dyn SpanProcessor>,
        counters: Arc<Counters>,
        max_bytes: usize,
    ) -> Result<Self, Error> {
        let (events, received) = channel();
        let shared = Arc::new(Shared { bytes: AtomicUsize::new(0), counters });
        let thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(format!("prefactor-{}", processor.name()))
            .spawn(move || run(&mut *processor, &received, &thread))
            .map_err(Error::thread)?;
        Ok(Self { events, shared, refused: HashSet::new(), max_bytes })
    }

    /// Offers the start of a span. One that is refused is counted, and its end is not offered.
    pub(crate) fn span_start(&mut self, span: &Arc<SpanRecord>) {
        self.shared.counters.created();
        let weight = span.weight();
        if self.shared.bytes.load(Relaxed) + weight > self.max_bytes {
            self.shared.counters.dropped(DropReason::QueueFull);
            self.refused.insert(span.span_id);
            internal_log::log_rate_limited(
                FaultKind::QueueFull,
                "the queue of a processor is full: spans are dropped for it and counted; raise max_queue_bytes",
            );
            return;
        }
        self.shared.bytes.fetch_add(weight, Relaxed);
        self.push(Event::SpanStart(Arc::clone(span)));
    }

    /// Pushes the end of a span whose start was accepted. The bound does not refuse it.
    pub(crate) fn span_end(&mut self, span: &Arc<SpanRecord>) {
        if !self.refused.remove(&span.span_id) {
            self.shared.bytes.fetch_add(span.weight(), Relaxed);
            self.push(Event::SpanEnd(Arc::clone(span)));
        }
    }

    /// Pushes anything else.
    pub(crate) fn push(&self, event: Event) {
        // The thread ends at the shutdown only, and nothing comes after it.
        let _ = self.events.send(event);
    }
}

fn run(processor: &mut dyn SpanProcessor, events: &Receiver<Event>, shared: &Shared) {
    // What a processor does may be annotated: its spans would lead to more, without an end.
    let _suppressed = Suppressed::enter();
    for event in events {
        match event {
            Event::TraceStart(trace) => {
                contain(|| processor.on_trace_start(&trace));
            }
            Event::SpanStart(span) => {
                contain(|| processor.on_span_start(&span));
                shared.bytes.fetch_sub(span.weight(), Relaxed);
            }
            Event::SpanEnd(span) => {
                match contain(|| processor.on_span_end(&span)) {
                    Some(()) => shared.counters.acknowledged(),
                    None => shared.counters.dropped(DropReason::ProcessorPanicked),
                }
                shared.bytes.fetch_sub(span.weight(), Relaxed);
            }
            Event::TraceEnd(trace) => {
                contain(|| processor.on_trace_end(&trace));
            }
            Event::Flush { deadline, countdown } => {
                countdown.done(contain(|| processor.flush(deadline)).unwrap_or(false));
            }
            Event::Shutdown { deadline, countdown } => {
                countdown.done(contain(|| processor.shutdown(deadline)).unwrap_or(false));
                return;
            }
        }
    }
}

/// Runs a method of a processor. `None` when it panicked.
fn contain<R>(call: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(call));
    if result.is_err() {
        internal_log::log_rate_limited(
            FaultKind::Worker,
            "a processor panicked: it goes on with the next span",
        );
    }
    result.map_err(|panic| catch_unwind(AssertUnwindSafe(|| drop(panic)))).ok()
}
