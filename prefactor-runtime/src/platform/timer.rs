//! Tells tasks that their deadline has come: on any runtime or none, and whatever keeps the worker.
//!
//! The timers of the program's runtime may be off, and the worker's wait for the program's rules. So a thread keeps the
//! time, one for all tasks of a client, while there are any that wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::platform::oneshot;

/// When a bell is to ring, and a number that tells it from others of that moment.
type Key = (Instant, u64);

#[derive(Debug, Default)]
pub(crate) struct Alarm {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bells: BTreeMap<Key, oneshot::Sender<()>>,
    next: u64,
    /// Whether there is a thread.
    is_watched: bool,
}

/// Rings once, unless it is dropped before.
#[derive(Debug)]
pub(crate) struct Bell {
    alarm: Arc<Alarm>,
    key: Key,
    ringing: oneshot::Receiver<()>,
}

impl Alarm {
    /// A bell that rings at that moment; never, where the operating system gives no thread.
    pub(crate) fn at(self: &Arc<Self>, moment: Instant) -> Bell {
        let (ring, ringing) = oneshot::channel();
        let mut state = self.lock();
        let key = (moment, state.next);
        state.next += 1;
        state.bells.insert(key, ring);
        if state.is_watched {
            self.changed.notify_one();
        } else {
            let alarm = Arc::clone(self);
            let thread = std::thread::Builder::new().name("prefactor-alarm".into());
            state.is_watched = thread.spawn(move || alarm.watch()).is_ok();
        }
        drop(state);
        Bell { alarm: Arc::clone(self), key, ringing }
    }

    /// Rings each bell at its time, until there are none.
    fn watch(&self) {
        let mut state = self.lock();
        while let Some((&(moment, _), _)) = state.bells.first_key_value() {
            let patience = moment.saturating_duration_since(Instant::now());
            if patience.is_zero() {
                let due = state.bells.pop_first();
                drop(state);
                // It wakes a task, which is the business of the program's runtime: not under a lock.
                if let Some((_, ring)) = due {
                    ring.send(());
                }
                state = self.lock();
            } else {
                let waited = self.changed.wait_timeout(state, patience);
                (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
        state.is_watched = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bell {
    pub(crate) async fn rung(&mut self) {
        if (&mut self.ringing).await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut state = self.alarm.lock();
        if state.bells.remove(&self.key).is_some() && state.bells.is_empty() {
            self.alarm.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(20);
    const NEVER: Duration = Duration::from_secs(3_600);

    /// Waits for a bell on a thread that has no runtime.
    fn ring(mut bell: Bell) {
        let (rung, has_rung) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(bell.rung());
            rung.send(bell)
        });
        drop(has_rung.recv_timeout(TIMEOUT).expect("the bell rings"));
    }

    fn wait_until_unwatched(alarm: &Alarm) {
        let begin = Instant::now();
        while alarm.lock().is_watched {
            assert!(begin.elapsed() < TIMEOUT, "the thread has nothing to wait for");
            std::thread::yield_now();
        }
    }

    #[test]
    fn bells_ring_in_their_order_and_not_before_their_time() {
        let (alarm, begin) = (Arc::new(Alarm::default()), Instant::now());
        let last = alarm.at(begin + NEVER);
        // Earlier than what the thread waits for.
        for millis in [40, 20, 0] {
            let moment = begin + Duration::from_millis(millis);
            ring(alarm.at(moment));
            assert!(Instant::now() >= moment);
        }
        assert_eq!(alarm.lock().bells.len(), 1);
        drop(last);
        wait_until_unwatched(&alarm);
    }

    #[test]
    fn one_thread_is_there_while_somebody_waits_and_another_when_somebody_waits_again() {
        let alarm = Arc::new(Alarm::default());
        for _ in 0..3 {
            let bells: Vec<_> = (0..100).map(|_| alarm.at(Instant::now() + NEVER)).collect();
            // The thread's, and those of the bells.
            assert!(Arc::strong_count(&alarm) <= 1 + 1 + bells.len());
            drop(bells);
            wait_until_unwatched(&alarm);
        }
    }
}
