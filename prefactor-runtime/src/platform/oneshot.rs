//! What a thread that blocks hears from the worker: one report, or that there will be none.
//!
//! A channel of the standard library would do, but for its thread-locals: this is waited for while the process exits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::types::stats::FlushReport;

#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    Open,
    Answered(FlushReport),
    /// Nobody is left to answer.
    Abandoned,
}

/// The worker's end. Dropped without an answer, it ends the wait.
pub(crate) struct Responder(Arc<Slot>);

/// The end of the one who waits.
pub(crate) struct Answer(Arc<Slot>);

pub(crate) fn answer() -> (Responder, Answer) {
    let slot = Arc::new(Slot::default());
    (Responder(Arc::clone(&slot)), Answer(slot))
}

impl Responder {
    pub(crate) fn respond(self, report: FlushReport) {
        *self.0.lock() = State::Answered(report);
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Open) {
            *state = State::Abandoned;
        }
        drop(state);
        self.0.changed.notify_one();
    }
}

impl Answer {
    /// Blocks until there is an answer, none to come, or that moment.
    pub(crate) fn wait_until(&self, moment: Instant) -> Option<FlushReport> {
        let patience = moment.saturating_duration_since(Instant::now());
        let is_open = |state: &mut State| matches!(state, State::Open);
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), patience, is_open);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Abandoned) {
            State::Answered(report) => Some(report),
            State::Open | State::Abandoned => None,
        }
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(20);

    #[test]
    fn waits_for_the_answer_for_none_to_come_and_for_the_moment() {
        let (responder, waiting) = answer();
        let report = FlushReport { is_complete: true, ..FlushReport::default() };
        let answered = report.clone();
        let thread = std::thread::spawn(move || responder.respond(answered));
        assert_eq!(waiting.wait_until(Instant::now() + TIMEOUT), Some(report));
        thread.join().unwrap();

        let (responder, waiting) = answer();
        assert_eq!(waiting.wait_until(Instant::now()), None);
        let begin = Instant::now();
        let thread = std::thread::spawn(move || drop(responder));
        assert_eq!(waiting.wait_until(begin + TIMEOUT), None);
        assert!(begin.elapsed() < TIMEOUT);
        thread.join().unwrap();
    }
}
