//! Answers flushes and the shutdown.

use std::time::Instant;

use crate::delivery::core::machine::{Action, Core, Waiter};
use crate::platform::clock::Timestamp;
use crate::types::stats::{DropReason, FlushReport};
use crate::types::status::InstanceStatus;

impl Core {
    pub(crate) fn flush(&mut self, number: u64, deadline: Instant) {
        self.waiters.push(Waiter { number, deadline, mark: self.out.acks.next() });
    }

    pub(crate) fn shutdown(&mut self, number: u64, deadline: Instant, status: InstanceStatus, now: Instant) {
        if std::mem::replace(&mut self.is_closed, true) {
            return self.flush(number, deadline);
        }
        let at = Timestamp::now();
        for instance in self.instances.values_mut().filter(|instance| !instance.is_adopted()) {
            instance.close(status, at, &mut self.out);
        }
        self.backoff.hurry(now, deadline);
        self.shutdown = Some(Waiter { number, deadline, mark: u64::MAX });
    }

    /// Answers those that wait for nothing more, or whose deadline has passed.
    pub(super) fn answer_waiters(&mut self, now: Instant) {
        let oldest = self.out.acks.oldest().unwrap_or(u64::MAX);
        let (ended, waiting) = std::mem::take(&mut self.waiters)
            .into_iter()
            .partition(|waiter| waiter.mark <= oldest || waiter.deadline <= now);
        self.waiters = waiting;
        for waiter in ended {
            self.reply(&waiter, waiter.mark <= oldest);
        }
        let is_over = oldest == u64::MAX || self.is_refused;
        if let Some(waiter) = self.shutdown.take_if(|waiter| is_over || waiter.deadline <= now) {
            self.stop(&waiter, oldest == u64::MAX);
        }
    }

    fn reply(&mut self, waiter: &Waiter, finished: bool) {
        let stats = self.out.counters.snapshot();
        let report = FlushReport { is_complete: finished, stats, ..FlushReport::default() };
        self.actions.push_back(Action::Reply { number: waiter.number, report });
    }

    fn stop(&mut self, waiter: &Waiter, finished: bool) {
        let reason = if self.is_unauthorized { DropReason::Auth } else { DropReason::ShutdownDeadline };
        let mut is_left = true;
        for instance in self.instances.values_mut() {
            is_left &= instance.leave(reason, &mut self.out);
        }
        self.instances.clear();
        let finished = finished || is_left && self.out.is_recording;
        self.reply(waiter, finished);
        for waiter in std::mem::take(&mut self.waiters) {
            self.reply(&waiter, finished);
        }
        self.is_stopped = true;
    }
}
