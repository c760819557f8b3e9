//! What lanes write to: calls that may be sent, the ledger, and what is known of the API.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::delivery::policy::capability::{Capabilities, Capability};
use crate::delivery::queue::usage::Gauge;
use crate::delivery::schedule::acks::Tickets;
use crate::delivery::schedule::api_call::Call;
use crate::operation::InstanceKey;
use crate::payload::byte_arena::ByteArena;
use crate::platform::internal_log::FaultKind;
use crate::types::stats::Counters;

#[derive(Debug)]
pub(crate) struct Outbox {
    /// Calls of instances, which go out one by one.
    pub(crate) instances: VecDeque<(InstanceKey, Call)>,
    /// Calls of spans, which may go out together.
    pub(crate) spans: VecDeque<(InstanceKey, Call)>,
    /// What is on its way through.
    pub(crate) pages: ByteArena,
    pub(crate) tickets: Tickets,
    pub(crate) counters: Arc<Counters>,
    pub(crate) capabilities: Capabilities,
    pub(crate) log: Vec<(FaultKind, String)>,
}

impl Outbox {
    pub(crate) fn new(counters: Arc<Counters>, gauge: Arc<Gauge>) -> Self {
        Self {
            instances: VecDeque::new(),
            spans: VecDeque::new(),
            pages: ByteArena::default(),
            tickets: Tickets::new(gauge),
            capabilities: Capabilities::new(Arc::clone(&counters)),
            counters,
            log: Vec::new(),
        }
    }

    /// A call depends on nothing any more.
    pub(crate) fn ready(&mut self, lane: InstanceKey, call: Call) {
        self.line(call).push_back((lane, call));
    }

    /// A call that was ready before is so again, ahead of all others.
    pub(crate) fn ready_again(&mut self, lane: InstanceKey, call: Call) {
        self.line(call).push_front((lane, call));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.instances.is_empty() && self.spans.is_empty()
    }

    pub(crate) fn log(&mut self, fault: FaultKind, text: impl Into<String>) {
        self.log.push((fault, text.into()));
    }

    pub(crate) fn lose(&mut self, capability: Capability) {
        if let Some(text) = self.capabilities.lose(capability) {
            self.log(FaultKind::Fallback, text);
        }
    }

    fn line(&mut self, call: Call) -> &mut VecDeque<(InstanceKey, Call)> {
        if call.is_span() { &mut self.spans } else { &mut self.instances }
    }
}
