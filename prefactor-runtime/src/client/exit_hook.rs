//! Delivery when no guard is dropped: at the exit of the process, and before a panic aborts it.
//!
//! Thread-locals with destructors may be gone by then, and other threads run on and may hold locks.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::client::handle::{Client, WeakClient};
use crate::client::shutdown::summarise;
use crate::context::Context;
#[cfg(unix)]
use crate::platform::fork;
use crate::platform::internal_log;
use crate::types::status::InstanceStatus;

/// However long a program says: it has been told to end.
const LONGEST: Duration = Duration::from_secs(2);

struct Entry {
    client: WeakClient,
    /// `None` for a client that wants no hook at the exit, only before an abort.
    at_exit: Option<Duration>,
}

static CLIENTS: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// Enters a client, if it asks for the hook or panics will abort.
pub(crate) fn add(client: &Client, at_exit: Option<Duration>) {
    if at_exit.is_none() && cfg!(not(panic = "abort")) {
        return;
    }
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    clients.retain(|entry| entry.client.upgrade().is_some());
    clients.push(Entry { client: client.downgrade(), at_exit: at_exit.map(|timeout| timeout.min(LONGEST)) });
    drop(clients);
    #[cfg(unix)]
    if at_exit.is_some() {
        fork::on_exit(run);
    }
}

/// Shuts down the clients that ask for it. Called by the C library.
#[cfg(unix)]
fn run() {
    shut_down(InstanceStatus::Complete, |entry| entry.at_exit);
}

/// Ends the spans of this thread as the panic would, if it could unwind, and shuts all clients down.
pub(crate) fn before_abort() {
    for span in Context::current_spans() {
        span.finish_unwound();
    }
    shut_down(InstanceStatus::Failed, |entry| Some(entry.at_exit.unwrap_or(LONGEST)));
}

fn shut_down(status: InstanceStatus, timeout: impl Fn(&Entry) -> Option<Duration>) {
    let Some(clients) = try_clients() else { return };
    let clients: Vec<_> =
        clients.iter().filter_map(|entry| Some((entry.client.upgrade()?, timeout(entry)?))).collect();
    let asked = clients.iter().map(|(client, timeout)| (client, client.begin_shutdown(*timeout, status)));
    let asked = asked.collect::<Vec<_>>();
    for (client, (is_first, waiting)) in &asked {
        let report = waiting.wait(client);
        if *is_first {
            // Prints without the program's logger, which may have ended.
            summarise(&report, internal_log::print);
        }
    }
    if let Some((_, (_, waiting))) = asked.last() {
        waiting.wait_for_last_lines();
    }
}

/// The lock is held for moments only, but in a process that was forked off perhaps for ever.
fn try_clients() -> Option<MutexGuard<'static, Vec<Entry>>> {
    let begin = Instant::now();
    loop {
        match CLIENTS.try_lock() {
            Ok(clients) => return Some(clients),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if begin.elapsed() > LONGEST / 10 => return None,
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}
