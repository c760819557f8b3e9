//! The way from the callers to the worker: a list without locks, and one word that says what else there is to say.
//!
//! A sender changes that word once for each message, and learns of it whether the receiver is gone or asleep. The receiver
//! changes it when it goes to sleep only: a caller's cache keeps it while the worker is busy.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crossbeam_queue::SegQueue;
use tokio::sync::Notify;
use tokio::task::yield_now;

/// The receiver takes no more.
const CLOSED: u64 = 1;
/// The receiver waits to be woken: by whoever takes this away.
const ASLEEP: u64 = 2;
/// No sender is left.
const ORPHANED: u64 = 4;
/// One message that was accepted; it is in the list, or about to be.
const ONE: u64 = 8;

struct Shared<T> {
    messages: SegQueue<T>,
    word: AtomicU64,
    wake: Notify,
}

/// Where messages are put. Dropping it says that no more will come.
pub(super) struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// Where messages are taken, in their order. Dropping it closes the channel.
pub(super) struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// Those that were taken, counted as in the word.
    taken: u64,
}

pub(super) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (messages, word, wake) = (SegQueue::new(), AtomicU64::new(0), Notify::new());
    let shared = Arc::new(Shared { messages, word, wake });
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared, taken: 0 })
}

impl<T> Sender<T> {
    /// Puts a message in, or drops it where nobody takes it, and says whether it is in.
    #[inline]
    pub(super) fn send(&self, message: T) -> bool {
        let shared = &*self.shared;
        let before = shared.word.fetch_add(ONE, SeqCst);
        if before & CLOSED != 0 {
            shared.word.fetch_sub(ONE, SeqCst);
            return false;
        }
        shared.messages.push(message);
        if before & ASLEEP != 0 {
            shared.wake();
        }
        true
    }
}

impl<T> Shared<T> {
    #[cold]
    fn wake(&self) {
        if self.word.fetch_and(!ASLEEP, SeqCst) & ASLEEP != 0 {
            self.wake.notify_one();
        }
    }
}

impl<T> Receiver<T> {
    /// Takes so many messages at most, and waits for the first. Zero when no more will come.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost where the future is dropped.
    pub(super) async fn recv_many(&mut self, into: &mut Vec<T>, max: usize) -> usize {
        loop {
            let mut count = 0;
            while count < max {
                let Some(message) = self.shared.messages.pop() else { break };
                self.taken += ONE;
                into.push(message);
                count += 1;
            }
            if count > 0 {
                return count;
            }
            let word = self.shared.word.load(SeqCst);
            if word & !(CLOSED | ASLEEP | ORPHANED) != self.taken {
                // A message is accepted, and not in the list yet.
                yield_now().await;
            } else if word & (CLOSED | ORPHANED) != 0 {
                return 0;
            } else if word & ASLEEP != 0
                || self.shared.word.compare_exchange(word, word | ASLEEP, SeqCst, SeqCst).is_ok()
            {
                self.shared.wake.notified().await;
            }
        }
    }

    /// Lets nothing in any more. What is in can still be taken.
    pub(super) fn close(&mut self) {
        self.shared.word.fetch_or(CLOSED, SeqCst);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.word.fetch_or(ORPHANED, SeqCst);
        self.shared.wake();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.close();
        // Whoever waits for an answer must not wait for ever.
        while self.shared.word.load(SeqCst) & !(CLOSED | ASLEEP | ORPHANED) != self.taken {
            match self.shared.messages.pop() {
                Some(message) => {
                    self.taken += ONE;
                    drop(message);
                }
                None => std::thread::yield_now(),
            }
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sender").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use tokio::runtime::Builder;

    use super::*;

    fn block_on<F: Future>(future: F) -> F::Output {
        Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn every_message_of_every_thread_arrives_in_its_order_and_then_the_end() {
        const COUNT: usize = 20_000;
        let (sender, mut receiver) = channel();
        let sender = Arc::new(sender);
        for thread in 0..4 {
            let sender = Arc::clone(&sender);
            thread::spawn(move || {
                for number in 0..COUNT {
                    assert!(sender.send((thread, number)));
                    if number % 64 == 0 {
                        thread::yield_now(); // so that the receiver falls asleep now and then
                    }
                }
            });
        }
        drop(sender);
        let mut next = [0; 4];
        block_on(async {
            let mut messages = Vec::new();
            while receiver.recv_many(&mut messages, 100).await > 0 {
                for (thread, number) in messages.drain(..) {
                    assert_eq!(number, std::mem::replace(&mut next[thread], number + 1));
                }
            }
        });
        assert_eq!(next, [COUNT; 4]);
    }

    #[test]
    fn what_is_accepted_beside_a_close_is_taken_and_the_rest_is_refused() {
        for _ in 0..200 {
            let (sender, mut receiver) = channel();
            let begin = Barrier::new(2);
            let (accepted, taken) = thread::scope(|scope| {
                let sending = scope.spawn(|| {
                    begin.wait();
                    (0..100).filter(|number| sender.send(*number)).count()
                });
                begin.wait();
                receiver.close();
                let mut messages = Vec::new();
                block_on(async { while receiver.recv_many(&mut messages, 7).await > 0 {} });
                let (accepted, early) = (sending.join().unwrap(), messages.len());
                block_on(async { while receiver.recv_many(&mut messages, 7).await > 0 {} });
                assert_eq!(early, messages.len(), "it had ended");
                (accepted, early)
            });
            assert_eq!(accepted, taken);
        }
    }

    #[test]
    fn a_wait_that_is_given_up_loses_no_message_and_no_wake_up() {
        let (sender, mut receiver) = channel();
        block_on(async {
            let mut messages = Vec::new();
            for number in 0..3 {
                tokio::select! {
                    biased;
                    _ = receiver.recv_many(&mut messages, 1) => panic!("there is nothing yet"),
                    () = yield_now() => {}
                }
                assert!(sender.send(number));
                assert_eq!(receiver.recv_many(&mut messages, 1).await, 1);
            }
            assert_eq!(messages, [0, 1, 2]);
        });
    }

    #[test]
    fn a_receiver_that_is_dropped_drops_what_it_has_not_taken() {
        let (sender, receiver) = channel();
        let message = Arc::new(());
        assert!(sender.send(Arc::clone(&message)));
        drop(receiver);
        assert_eq!(Arc::strong_count(&message), 1);
        assert!(!sender.send(Arc::clone(&message)));
        assert_eq!(Arc::strong_count(&message), 1);
    }
}
