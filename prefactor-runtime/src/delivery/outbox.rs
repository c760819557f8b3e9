//! What lanes write to: calls that may be sent, the ledger, and what is known of the API.

use std::collections::VecDeque;
use std::sync::Arc;

use super::call::Call;
use super::capability::{Capabilities, Capability};
use super::gauge::Gauge;
use super::tickets::Tickets;
use crate::diagnostics::Fault;
use crate::operation::InstanceKey;
use crate::pages::Pages;
use crate::stats::Counters;

#[derive(Debug)]
pub(super) struct Outbox {
    /// Calls of instances, which go out one by one.
    pub(super) instances: VecDeque<(InstanceKey, Call)>,
    /// Calls of spans, which may go out together.
    pub(super) spans: VecDeque<(InstanceKey, Call)>,
    /// What is on its way through.
    pub(super) pages: Pages,
    pub(super) tickets: Tickets,
    pub(super) counters: Arc<Counters>,
    pub(super) capabilities: Capabilities,
    pub(super) log: Vec<(Fault, String)>,
}

impl Outbox {
    pub(super) fn new(counters: Arc<Counters>, gauge: Arc<Gauge>) -> Self {
        Self {
            instances: VecDeque::new(),
            spans: VecDeque::new(),
            pages: Pages::default(),
            tickets: Tickets::new(gauge),
            capabilities: Capabilities::new(Arc::clone(&counters)),
            counters,
            log: Vec::new(),
        }
    }

    /// A call depends on nothing any more.
    pub(super) fn ready(&mut self, lane: InstanceKey, call: Call) {
        self.line(call).push_back((lane, call));
    }

    /// A call that was ready before is so again, ahead of all others.
    pub(super) fn ready_again(&mut self, lane: InstanceKey, call: Call) {
        self.line(call).push_front((lane, call));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.instances.is_empty() && self.spans.is_empty()
    }

    pub(super) fn log(&mut self, fault: Fault, text: impl Into<String>) {
        self.log.push((fault, text.into()));
    }

    pub(super) fn lose(&mut self, capability: Capability) {
        if let Some(text) = self.capabilities.lose(capability) {
            self.log(Fault::Fallback, text);
        }
    }

    fn line(&mut self, call: Call) -> &mut VecDeque<(InstanceKey, Call)> {
        if call.is_span() { &mut self.spans } else { &mut self.instances }
    }
}
