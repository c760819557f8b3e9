//! Calls that may be sent, with the state that all instances share: acknowledgements, counters and capabilities.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::delivery::policy::capability::{Capabilities, Capability};
use crate::delivery::policy::decision::Word;
use crate::delivery::queue::usage::QueueUsage;
use crate::delivery::schedule::acks::Acks;
use crate::delivery::schedule::api_call::{ApiCall, BETWEEN_FAULTS};
use crate::operation::InstanceKey;
use crate::operation::stored::Mark;
use crate::payload::byte_arena::ByteArena;
use crate::platform::internal_log::FaultKind;
use crate::platform::peak::Peak;
use crate::types::stats::Counters;

#[derive(Debug)]
pub(crate) struct ReadyQueue {
    /// Calls of instances, which go out one by one.
    pub(crate) instances: VecDeque<(InstanceKey, ApiCall)>,
    /// Calls of spans, which may go out together.
    pub(crate) spans: VecDeque<(InstanceKey, ApiCall)>,
    /// Of the three queues of calls.
    peaks: [Peak; 3],
    /// Calls that failed alone, with the number of requests that were answered by then, and when that was: each waits for another
    /// answer, and for a while.
    deferred: VecDeque<(u64, Instant, InstanceKey, ApiCall)>,
    /// Requests that the API has answered in its own words.
    pub(crate) answered: u64,
    /// Those of which it has accepted something.
    pub(crate) accepted: u64,
    /// The bytes of payloads that are being delivered.
    pub(crate) pages: ByteArena,
    pub(crate) acks: Acks,
    pub(crate) counters: Arc<Counters>,
    pub(crate) capabilities: Capabilities,
    pub(crate) log: Vec<(FaultKind, String)>,
    /// Whether operations are on disk, where what happens to them is noted.
    pub(crate) is_recording: bool,
    /// Notes for the journal.
    pub(crate) notes: Vec<(u32, Mark)>,
    /// Whether requests fail for now.
    pub(crate) is_failing: bool,
    /// The last error that was the API's for certain: the same bytes got it twice, it named its item, or a bulk request was too
    /// large. Forgotten where something else than an answer of the API comes.
    pub(crate) confirmed_error: Option<Word>,
}

impl ReadyQueue {
    pub(crate) fn new(counters: Arc<Counters>, usage: Arc<QueueUsage>) -> Self {
        Self {
            instances: VecDeque::new(),
            spans: VecDeque::new(),
            peaks: Default::default(),
            deferred: VecDeque::new(),
            answered: 0,
            accepted: 0,
            pages: ByteArena::default(),
            acks: Acks::new(usage),
            capabilities: Capabilities::new(Arc::clone(&counters)),
            counters,
            log: Vec::new(),
            is_recording: false,
            notes: Vec::new(),
            is_failing: false,
            confirmed_error: None,
        }
    }

    /// A call depends on nothing any more.
    pub(crate) fn ready(&mut self, instance: InstanceKey, call: ApiCall) {
        self.line(call).push_back((instance, call));
    }

    /// A call that was ready before is so again, ahead of all others.
    pub(crate) fn ready_again(&mut self, instance: InstanceKey, call: ApiCall) {
        self.line(call).push_front((instance, call));
    }

    /// A call failed alone: others go first, so that one poisoned call cannot stand in everybody's way, and so that it shows
    /// whether others pass.
    pub(crate) fn defer(&mut self, instance: InstanceKey, call: ApiCall, now: Instant) {
        self.deferred.push_back((self.answered, now, instance, call));
    }

    /// Makes calls ready that another answer has overtaken, or the oldest one where nothing else is ready.
    pub(crate) fn release_deferred(&mut self, now: Instant) {
        let mut is_first = self.instances.is_empty() && self.spans.is_empty();
        while let Some((answered, since, ..)) = self.deferred.front() {
            let is_overtaken = *answered < self.answered && now.duration_since(*since) >= BETWEEN_FAULTS;
            if !is_overtaken && !is_first {
                break;
            }
            is_first = false;
            let Some((_, _, instance, call)) = self.deferred.pop_front() else { break };
            self.ready_again(instance, call);
        }
    }

    /// Gives back the room that a burst has left.
    pub(crate) fn shrink(&mut self) {
        let [instances, spans, deferred] = &mut self.peaks;
        if let Some(room) = instances.shrunk(self.instances.len()) {
            self.instances.shrink_to(room);
        }
        if let Some(room) = spans.shrunk(self.spans.len()) {
            self.spans.shrink_to(room);
        }
        if let Some(room) = deferred.shrunk(self.deferred.len()) {
            self.deferred.shrink_to(room);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.instances.is_empty() && self.spans.is_empty() && self.deferred.is_empty()
    }

    /// Calls of spans that wait for a server that is out of reach.
    pub(crate) fn waiting(&self) -> usize {
        if self.is_failing { self.spans.len() } else { 0 }
    }

    pub(crate) fn log(&mut self, fault: FaultKind, text: impl Into<String>) {
        self.log.push((fault, text.into()));
    }

    /// Notes something in a journal.
    pub(crate) fn note(&mut self, journal: u32, note: impl FnOnce() -> Mark) {
        if self.is_recording {
            self.notes.push((journal, note()));
        }
    }

    pub(crate) fn disable(&mut self, capability: Capability) {
        if let Some(text) = self.capabilities.disable(capability) {
            self.log(FaultKind::Fallback, text);
        }
    }

    fn line(&mut self, call: ApiCall) -> &mut VecDeque<(InstanceKey, ApiCall)> {
        if call.is_span() { &mut self.spans } else { &mut self.instances }
    }
}
