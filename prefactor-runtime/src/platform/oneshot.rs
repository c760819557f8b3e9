//! A channel for one value, received by a thread that blocks or by a task that awaits.
//!
//! A thread may receive while the process exits, when thread-locals are gone: the channels of the standard library and
//! of tokio use some, this one has a condition variable and a waker.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

#[derive(Debug)]
struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
enum State<T> {
    /// Nothing was sent yet. The waker is that of the task that awaits, if one does.
    Open(Option<Waker>),
    Sent(T),
    /// The sender is gone, or the value was received.
    Closed,
}

/// Sends one value. Dropped without one, it ends the wait.
#[derive(Debug)]
pub(crate) struct Sender<T>(Arc<Slot<T>>);

/// Receives the value: by [`Receiver::recv_deadline`], or as a future.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Arc<Slot<T>>);

pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Slot { state: Mutex::new(State::Open(None)), changed: Condvar::new() });
    (Sender(Arc::clone(&slot)), Receiver(slot))
}

impl<T> Sender<T> {
    pub(crate) fn send(self, value: T) {
        self.0.close(State::Sent(value));
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.close(State::Closed);
    }
}

impl<T> Receiver<T> {
    /// Blocks until a value is there, none will come, or `deadline` has passed. `None` in the last two cases.
    pub(crate) fn recv_deadline(&self, deadline: Instant) -> Option<T> {
        let left = deadline.saturating_duration_since(Instant::now());
        let is_open = |state: &mut State<T>| matches!(state, State::Open(_));
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), left, is_open);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.take()
    }

    /// Blocks until a value is there. `None` when none will come.
    pub(crate) fn recv(&self) -> Option<T> {
        let is_open = |state: &mut State<T>| matches!(state, State::Open(_));
        self.0.changed.wait_while(self.0.lock(), is_open).unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Future for Receiver<T> {
    /// `None` when the sender was dropped.
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<T>> {
        // Clones and drops wakers without the lock, because both run code of the program's runtime.
        let waker = task.waker().clone();
        let mut state = self.0.lock();
        if let State::Open(waiting) = &mut *state {
            let replaced = waiting.replace(waker);
            drop(state);
            drop(replaced);
            return Poll::Pending;
        }
        Poll::Ready(state.take())
    }
}

impl<T> State<T> {
    fn take(&mut self) -> Option<T> {
        match std::mem::replace(self, Self::Closed) {
            Self::Sent(value) => Some(value),
            Self::Open(_) | Self::Closed => None,
        }
    }
}

impl<T> Slot<T> {
    /// Ends the wait with a state, if it has not ended.
    fn close(&self, end: State<T>) {
        let mut state = self.lock();
        let State::Open(waker) = &mut *state else { return };
        let waker = waker.take();
        *state = end;
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    fn in_an_hour() -> Instant {
        Instant::now() + LONG
    }

    #[test]
    fn thread_receives_the_value_that_was_sent() {
        let (sender, receiver) = channel();
        let thread = std::thread::spawn(move || sender.send(7));
        assert_eq!(receiver.recv_deadline(in_an_hour()), Some(7));
        assert_eq!(receiver.recv_deadline(in_an_hour()), None, "it was received");
        thread.join().unwrap();
    }

    #[test]
    fn thread_receives_nothing_when_the_sender_is_dropped_or_the_deadline_passes() {
        let (sender, receiver) = channel::<u8>();
        assert_eq!(receiver.recv_deadline(Instant::now()), None);
        let (sender_2, receiver_2) = channel::<u8>();
        let thread = std::thread::spawn(move || drop(sender_2));
        assert_eq!(receiver_2.recv_deadline(in_an_hour()), None);
        thread.join().unwrap();
        drop(sender);
    }

    #[tokio::test]
    async fn task_is_woken_by_the_value_and_by_the_end() {
        let (sender, receiver) = channel();
        let task = tokio::spawn(receiver);
        tokio::task::yield_now().await;
        std::thread::spawn(move || sender.send("value")).join().unwrap();
        assert_eq!(task.await.unwrap(), Some("value"));

        let (sender, receiver) = channel::<u8>();
        let task = tokio::spawn(receiver);
        tokio::task::yield_now().await;
        drop(sender);
        assert_eq!(task.await.unwrap(), None);
    }
}
