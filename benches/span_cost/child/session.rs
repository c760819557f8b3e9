//! One contender at work: rounds of calls, and between them a wait until every span has arrived.

use crate::contenders::{Backend, Contender};
use crate::work::{LEVELS, Prompts, prompts, runtime};

/// A contender that is set up, on its own.
pub(crate) struct Session {
    contender: Contender,
    backend: Box<dyn Backend>,
    prompts: Prompts,
    /// Calls of one round, on each thread.
    calls: u32,
}

impl Session {
    /// Sets a contender up. A round is short enough for every queue.
    pub(crate) fn new(contender: Contender, bytes: usize, calls: u32) -> Self {
        Self { contender, backend: (contender.backend)(), prompts: prompts(bytes), calls }
    }

    /// Spans of one round on one thread.
    pub(crate) fn spans(&self) -> u32 {
        self.calls * LEVELS
    }

    /// Makes one round on this thread, under a measurement.
    pub(crate) fn round<M>(&self, measure: impl Fn(&mut dyn FnMut()) -> M) -> M {
        let runtime = runtime();
        let mut measured = None;
        self.backend.in_trace(&mut || {
            measured = Some(measure(&mut || (self.contender.calls)(&runtime, self.prompts, self.calls)));
        });
        measured.expect("a trace does its work")
    }

    /// Waits for the spans of all rounds so far.
    pub(crate) fn settle(&self) {
        self.backend.settle();
    }

    /// Checks that no span is missing, because a contender that records nothing is fast.
    pub(crate) fn check(&self, rounds: u32) {
        if let Some(arrived) = self.backend.arrived() {
            assert_eq!(arrived, u64::from(rounds * self.spans()), "spans are missing");
        }
    }
}
