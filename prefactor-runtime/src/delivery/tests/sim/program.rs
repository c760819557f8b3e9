//! The program of a client: it makes runs and spans, and says things of a run.

use std::sync::Arc;

use super::driver::Sim;
use super::operations::{INSTANCE, finish, key, start};
use crate::operation::{InstanceKey, InstanceRecord, Note, NoteKind, Operation, SpanFinish, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::stats::{DropReason, RunCallEvent};
use crate::types::status::{InstanceStatus, SpanStatus};

impl Sim {
    /// Registers and starts an instance.
    pub(crate) fn instance(&mut self, registration: Arc<InstanceRecord>) {
        let instance = registration.key;
        self.operation(Operation::Register(registration));
        self.operation(Operation::StartInstance { instance, at: Timestamp::now() });
    }

    pub(crate) fn start(&mut self, number: u32, parent: Option<u32>) {
        let start = start(INSTANCE, number, parent);
        self.counters.created();
        self.operation(Operation::StartSpan(start));
    }

    pub(crate) fn start_pending(&mut self, number: u32) {
        self.counters.created();
        let start = SpanStart { status: SpanStatus::Pending, ..start(INSTANCE, number, None) };
        self.operation(Operation::StartSpan(start));
    }

    pub(crate) fn finish_instance(&mut self, status: InstanceStatus) {
        self.operation(Operation::FinishInstance { instance: INSTANCE, status, at: Timestamp::now() });
    }

    pub(crate) fn finish(&mut self, number: u32, status: SpanStatus) {
        self.operation(Operation::FinishSpan(finish(INSTANCE, number, status)));
    }

    pub(crate) fn span(&mut self, number: u32, parent: Option<u32>) {
        self.start(number, parent);
        self.finish(number, SpanStatus::Complete);
    }

    /// Spans that were all made before the worker looked.
    pub(crate) fn spans(&mut self, instance: InstanceKey, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.created(start(instance, number, None));
        }
        self.advance();
    }

    /// A span that was made and has ended before the worker looked.
    pub(crate) fn created(&mut self, start: SpanStart) {
        let finish = SpanFinish { key: start.key, ..finish(start.instance, 0, SpanStatus::Complete) };
        self.counters.created();
        self.queue(Operation::StartSpan(start));
        self.queue(Operation::FinishSpan(finish));
    }

    /// Spans as a program makes them: those for which there is no room are dropped.
    pub(crate) fn offer(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.counters.created();
            let start = Operation::StartSpan(start(INSTANCE, number, None));
            if self.usage.has_room(start.weight()) {
                self.queue(start);
                self.queue(Operation::FinishSpan(finish(INSTANCE, number, SpanStatus::Complete)));
            } else {
                self.counters.dropped(DropReason::QueueFull);
                self.refuse();
            }
        }
        self.advance();
    }

    /// The queue refuses a span, as its caller sees it.
    pub(crate) fn refuse(&mut self) {
        if self.registration.span_refused() {
            self.attend();
        }
    }

    /// Somebody waits for the end of the run.
    pub(crate) fn watch(&mut self) {
        if self.registration.watch() {
            self.attend();
        }
    }

    /// Says something of the run, as the program does.
    pub(crate) fn call_of_run(&mut self, number: u32) {
        self.note(number, NoteKind::Quality { name: "score".into() });
    }

    pub(crate) fn note(&mut self, number: u32, kind: NoteKind) {
        self.counters.run_call(RunCallEvent::Created);
        let (at, payload) = (Timestamp::now(), Payload::default());
        self.operation(Operation::Note(Note { instance: INSTANCE, key: key(number), kind, at, payload }));
    }
}
