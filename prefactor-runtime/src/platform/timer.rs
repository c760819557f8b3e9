//! Deadlines of tasks that wait for a flush or a shutdown, kept by a thread of their own.
//!
//! The worker answers in time in every case but one: a redaction rule of the program that does not return. The timers of
//! the program's runtime may be switched off, so they cannot end the wait either. One thread per client keeps the
//! deadlines while tasks wait; threads that wait keep their own.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::platform::{oneshot, thread};

/// When a sleep ends, and a number that tells it from others of that moment.
type Key = (Instant, u64);

#[derive(Debug, Default)]
pub(crate) struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    sleeps: BTreeMap<Key, oneshot::Sender<()>>,
    next: u64,
    /// Whether there is a thread.
    has_thread: bool,
}

/// A future that ends at a moment. Dropping it removes it from the timer.
#[derive(Debug)]
pub(crate) struct Sleep {
    timer: Arc<Timer>,
    key: Key,
    ended: oneshot::Receiver<()>,
}

impl Timer {
    /// A sleep until that moment. Without a thread from the operating system it never ends.
    pub(crate) fn at(self: &Arc<Self>, moment: Instant) -> Sleep {
        let (ring, ended) = oneshot::channel();
        let mut state = self.lock();
        let key = (moment, state.next);
        state.next += 1;
        state.sleeps.insert(key, ring);
        if state.has_thread {
            self.changed.notify_one();
        } else {
            let timer = Arc::clone(self);
            state.has_thread = thread::spawn("prefactor-timer", move || timer.run()).is_ok();
        }
        drop(state);
        Sleep { timer: Arc::clone(self), key, ended }
    }

    /// Ends each sleep at its time, until there are none.
    fn run(&self) {
        let mut state = self.lock();
        while let Some((&(moment, _), _)) = state.sleeps.first_key_value() {
            let wait = moment.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                let due = state.sleeps.pop_first();
                drop(state);
                // Sends without the lock, because `send` wakes a task and so runs code of the program's runtime.
                if let Some((_, ring)) = due {
                    ring.send(());
                }
                state = self.lock();
            } else {
                let waited = self.changed.wait_timeout(state, wait);
                (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
        state.has_thread = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sleep {
    pub(crate) async fn elapsed(&mut self) {
        if (&mut self.ended).await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let mut state = self.timer.lock();
        let removed = state.sleeps.remove(&self.key);
        if removed.is_some() && state.sleeps.is_empty() {
            self.timer.changed.notify_one();
        }
        drop(state);
        drop(removed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NEVER: Duration = Duration::from_secs(3_600);

    /// Waits for a sleep on a thread that has no runtime.
    fn wait_for(mut sleep: Sleep) {
        let wait = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(sleep.elapsed());
        };
        std::thread::spawn(wait).join().unwrap();
    }

    fn wait_until_the_thread_ends(timer: &Timer) {
        while timer.lock().has_thread {
            std::thread::yield_now();
        }
    }

    #[test]
    fn sleeps_end_in_their_order_and_not_before_their_time() {
        let (timer, begin) = (Arc::new(Timer::default()), Instant::now());
        let last = timer.at(begin + NEVER);
        for millis in [40, 20, 0] {
            let moment = begin + Duration::from_millis(millis);
            wait_for(timer.at(moment));
            assert!(Instant::now() >= moment);
        }
        assert_eq!(timer.lock().sleeps.len(), 1);
        drop(last);
        wait_until_the_thread_ends(&timer);
    }

    #[test]
    fn timer_thread_ends_with_the_last_sleep_and_starts_with_the_next() {
        let timer = Arc::new(Timer::default());
        for _ in 0..3 {
            let sleeps: Vec<_> = (0..100).map(|_| timer.at(Instant::now() + NEVER)).collect();
            assert!(Arc::strong_count(&timer) <= 1 + 1 + sleeps.len());
            drop(sleeps);
            wait_until_the_thread_ends(&timer);
        }
    }
}
