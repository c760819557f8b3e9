//! One processor or exporter: its thread, its bounded queue and its counts.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::batch_queue;
use super::event::{Event, LaneStatus, Shared};
use super::exporter::SpanExporter;
use super::health::Health;
use super::processor::SpanProcessor;
use super::record::{SpanId, SpanRecord, TraceId, TraceRecord};
use crate::platform::internal_log::{self, FaultKind};
use crate::platform::suppression::Suppressed;
use crate::platform::thread;
use crate::types::error::Error;
use crate::types::stats::{DropReason, RunEvent};

/// Where the records of a client go.
pub(crate) enum Sink {
    /// Hears of each start and each end.
    Processor(Box<dyn SpanProcessor>),
    /// Gets batches of ended spans and runs.
    Exporter(Arc<dyn SpanExporter>),
}

impl Sink {
    pub(crate) fn exporter(exporter: impl SpanExporter) -> Self {
        Self::Exporter(Arc::new(exporter))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Processor(processor) => processor.name(),
            Self::Exporter(exporter) => exporter.name(),
        }
    }
}

/// The worker's end of a processor's queue.
pub(crate) struct Lane {
    events: UnboundedSender<Vec<Event>>,
    /// Events since the last hand-over: the thread is woken once for all of them.
    heard: Vec<Event>,
    shared: Arc<Shared>,
    /// An exporter is given spans when they end, so that their starts need no room.
    takes_starts: bool,
    /// Spans whose start was refused: their end is not pushed either.
    refused_spans: HashSet<SpanId>,
    refused_traces: HashSet<TraceId>,
    max_bytes: usize,
}

impl Lane {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the thread, or an exporter's runtime, cannot be made.
    pub(crate) fn start(sink: Sink, status: Arc<LaneStatus>, max_bytes: usize) -> Result<Self, Error> {
        let (events, received) = unbounded_channel();
        let shared = Arc::new(Shared::new(status));
        let name = format!("prefactor-{}", sink.name());
        let (theirs, takes_starts) = (Arc::clone(&shared), matches!(sink, Sink::Processor(_)));
        match sink {
            Sink::Processor(mut processor) => {
                thread::spawn(&name, move || run(&mut *processor, received, &theirs))
            }
            Sink::Exporter(exporter) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(Error::thread)?;
                thread::spawn(&name, move || batch_queue::run(exporter, received, &theirs, runtime))
            }
        }
        .map_err(Error::thread)?;
        let (refused_spans, refused_traces) = (HashSet::new(), HashSet::new());
        Ok(Self { events, heard: Vec::new(), shared, takes_starts, refused_spans, refused_traces, max_bytes })
    }

    /// Offers the start of a run. The end of one that is refused is not offered.
    pub(crate) fn trace_start(&mut self, trace: &Arc<TraceRecord>) {
        self.shared.counters.run(RunEvent::Created);
        if self.has_room(trace.weight()) {
            self.push_weighed(trace.weight(), Event::TraceStart(Arc::clone(trace)));
        } else {
            self.shared.counters.run(RunEvent::Lost);
            self.refused_traces.insert(trace.trace_id);
        }
    }

    /// Pushes the end of a run whose start was accepted.
    pub(crate) fn trace_end(&mut self, trace: &Arc<TraceRecord>) {
        if !self.refused_traces.remove(&trace.trace_id) {
            self.push_weighed(trace.weight(), Event::TraceEnd(Arc::clone(trace)));
        }
    }

    /// Offers the start of a span. One that is refused is counted, and its end is not offered.
    pub(crate) fn span_start(&mut self, span: &Arc<SpanRecord>) {
        self.shared.counters.created();
        if !self.takes_starts {
            return;
        }
        if self.has_room(span.weight()) {
            self.push_weighed(span.weight(), Event::SpanStart(Arc::clone(span)));
        } else {
            self.refuse();
            self.refused_spans.insert(span.span_id);
        }
    }

    /// Pushes the end of a span: if its start was accepted, or for an exporter, if there is room.
    pub(crate) fn span_end(&mut self, span: &Arc<SpanRecord>) {
        let is_accepted = if self.takes_starts {
            !self.refused_spans.remove(&span.span_id)
        } else {
            let has_room = self.has_room(span.weight());
            if !has_room {
                self.refuse();
            }
            has_room
        };
        if is_accepted {
            self.push_weighed(span.weight(), Event::SpanEnd(Arc::clone(span)));
        }
    }

    /// Pushes anything else.
    pub(crate) fn push(&mut self, event: Event) {
        self.heard.push(event);
    }

    /// Hands the pushed events to the thread.
    pub(crate) fn hand_over(&mut self) {
        if !self.heard.is_empty() {
            let next = Vec::with_capacity(self.heard.len());
            let _ = self.events.send(std::mem::replace(&mut self.heard, next));
        }
    }

    fn push_weighed(&mut self, weight: usize, event: Event) {
        self.shared.add(weight);
        self.push(event);
    }

    fn has_room(&self, weight: usize) -> bool {
        self.shared.bytes().saturating_add(weight) <= self.max_bytes
    }

    fn refuse(&self) {
        self.shared.counters.dropped(DropReason::QueueFull);
        internal_log::log_rate_limited(
            FaultKind::QueueFull,
            "the queue of a processor is full: spans are dropped for it and counted; raise max_queue_bytes",
        );
    }
}

fn run(processor: &mut dyn SpanProcessor, mut received: UnboundedReceiver<Vec<Event>>, shared: &Shared) {
    let _suppressed = Suppressed::enter();
    while let Some(events) = received.blocking_recv() {
        for event in events {
            match event {
                Event::TraceStart(trace) => {
                    shared.counters.run(RunEvent::Registered);
                    contain(shared, || processor.on_trace_start(&trace));
                    shared.release(trace.weight());
                }
                Event::SpanStart(span) => {
                    contain(shared, || processor.on_span_start(&span));
                    shared.release(span.weight());
                }
                Event::SpanEnd(span) => {
                    match contain(shared, || processor.on_span_end(&span)) {
                        Some(()) => shared.counters.acknowledged(),
                        None => shared.counters.dropped(DropReason::ProcessorPanicked),
                    }
                    shared.release(span.weight());
                }
                Event::TraceEnd(trace) => {
                    contain(shared, || processor.on_trace_end(&trace));
                    shared.counters.run(RunEvent::Finished);
                    shared.release(trace.weight());
                }
                Event::Flush { deadline, countdown } => {
                    countdown.done(contain(shared, || processor.flush(deadline)).unwrap_or(false));
                }
                Event::Shutdown { deadline, countdown } => {
                    let is_complete = contain(shared, || processor.shutdown(deadline)).unwrap_or(false);
                    shared.health.set(Health::Stopped);
                    countdown.done(is_complete);
                    return;
                }
            }
        }
    }
}

/// Runs a method of a processor. `None` when it panicked.
fn contain<R>(shared: &Shared, call: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(call));
    shared.health.set(if result.is_ok() { Health::Working } else { Health::Failing });
    if result.is_err() {
        internal_log::log_rate_limited(
            FaultKind::Worker,
            "a processor panicked: it goes on with the next span",
        );
    }
    result.map_err(|panic| catch_unwind(AssertUnwindSafe(|| drop(panic)))).ok()
}
