//! Threads of the SDK, and numbers that tell all threads apart.

use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{Builder, JoinHandle};

use crate::platform::fork;

/// Starts a thread that a broken pipe does not end the process from.
///
/// # Errors
///
/// When the operating system gives no thread.
pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        // Programs may reset SIGPIPE to its default: a closed pipe would then end the process, and so would a broken connection, as
        // the standard library asks for no signal but in vectored writes, which the HTTP library makes.
        fork::block_sigpipe();
        body();
    })
}

/// The number of this thread: that of the first thread that asks is zero, and so on.
#[inline]
pub(crate) fn number() -> usize {
    const NONE: usize = usize::MAX;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<usize> = const { Cell::new(NONE) };
    }
    NUMBER.with(|number| {
        if number.get() == NONE {
            number.set(NEXT.fetch_add(1, Relaxed));
        }
        number.get()
    })
}
