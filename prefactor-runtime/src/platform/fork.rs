//! Forks, exits and broken pipes of the process, of which only the C library tells.
//!
//! This module holds all `unsafe` code of the crate: two registrations of callbacks, and the signal mask of a thread. Its
//! callers register callbacks, so that nothing below depends on them.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
#[cfg(unix)]
use std::sync::{Once, OnceLock};

/// How often this process and its ancestors were forked since they first had a client.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Called in the child of a fork. Read there without a lock.
#[cfg(unix)]
static IN_CHILD: OnceLock<fn()> = OnceLock::new();

/// Called when the process exits. Read there without a lock.
#[cfg(unix)]
static ON_EXIT: OnceLock<fn()> = OnceLock::new();

/// Tells a forked process from its parent, for less than the system call of the process id costs.
#[inline]
pub(crate) fn generation() -> u32 {
    FORKS.load(Relaxed)
}

/// Begins to count forks, once.
pub(crate) fn watch_forks() {
    #[cfg(unix)]
    {
        // Runs in the child right after the fork, where only async-signal-safe code is allowed, such as atomics: other
        // threads are gone, but their locks remain held.
        extern "C" fn in_child() {
            FORKS.fetch_add(1, Relaxed);
            if let Some(callback) = IN_CHILD.get() {
                callback();
            }
        }
        static WATCHED: Once = Once::new();
        #[expect(unsafe_code, reason = "a foreign function; the standard library knows no forks")]
        WATCHED.call_once(|| {
            // SAFETY: `in_child` lives as long as the process, may run on any thread, and is async-signal-safe, as a
            // callback in the child of a process with threads must be. If memory is short, the call fails, and forks go
            // unnoticed.
            let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        });
    }
}

/// Registers the callback for the child of a fork, once. It must be async-signal-safe: loads and stores of atomics.
#[cfg(unix)]
pub(crate) fn in_child(callback: fn()) {
    let _ = IN_CHILD.set(callback);
    watch_forks();
}

/// Registers the callback for the exit of the process, once.
#[cfg(unix)]
pub(crate) fn on_exit(callback: fn()) {
    extern "C" fn at_exit() {
        if let Some(callback) = ON_EXIT.get() {
            // A panic must not unwind into C: the abort would change the exit status of the process.
            let _ = std::panic::catch_unwind(callback);
        }
    }
    static WATCHED: Once = Once::new();
    let _ = ON_EXIT.set(callback);
    #[expect(unsafe_code, reason = "a foreign function; the standard library has no exit hooks")]
    WATCHED.call_once(|| {
        // SAFETY: `at_exit` lives as long as the process, may run on any thread, and does not unwind.
        let _ = unsafe { libc::atexit(at_exit) };
    });
}

/// Keeps SIGPIPE from this thread for good: a write to a pipe or connection that nobody reads fails instead.
pub(crate) fn block_sigpipe() {
    #[cfg(unix)]
    {
        let mut signals = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        #[expect(unsafe_code, reason = "foreign functions; the standard library knows no signal masks")]
        // SAFETY: `sigemptyset` initializes the set that the others read, and all three only access their arguments.
        // The mask is that of this thread, which is the SDK's own.
        unsafe {
            libc::sigemptyset(signals.as_mut_ptr());
            libc::sigaddset(signals.as_mut_ptr(), libc::SIGPIPE);
            libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), std::ptr::null_mut());
        }
    }
}
