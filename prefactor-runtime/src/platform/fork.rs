//! What only the C library says of a process: that it was forked, and that it exits. All the `unsafe` there is.

#[cfg(unix)]
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How often this process and those it comes from were forked, since they first had a client.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Tells a forked process from the one it comes from, for less than the system call of the process id costs.
pub(crate) fn generation() -> u32 {
    FORKS.load(Relaxed)
}

/// Begins to count forks, once.
pub(crate) fn watch_forks() {
    #[cfg(unix)]
    {
        // Runs in the child of a process that may have threads: nothing but atomics.
        extern "C" fn in_child() {
            FORKS.fetch_add(1, Relaxed);
            crate::client::signal::give_up_in_child();
        }
        static WATCHED: Once = Once::new();
        #[expect(unsafe_code, reason = "a foreign function; the standard library knows no forks")]
        WATCHED.call_once(|| {
            // SAFETY: the handler may be called at any time, on any thread, and stays where it is. Without memory
            // for it forks go unnoticed, as they did before.
            #[cfg(not(miri))]
            let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        });
    }
}

/// Has `crate::client::exit_hook::run` called when the process exits, once.
#[cfg(unix)]
pub(crate) fn watch_exit() {
    extern "C" fn at_exit() {
        // A panic cannot leave a foreign caller: it would abort, and change how the process ends.
        let _ = std::panic::catch_unwind(crate::client::exit_hook::run);
    }
    static WATCHED: Once = Once::new();
    #[expect(unsafe_code, reason = "a foreign function; the standard library has no exit hooks")]
    WATCHED.call_once(|| {
        // SAFETY: the handler may be called on any thread, and stays where it is.
        #[cfg(not(miri))]
        let _ = unsafe { libc::atexit(at_exit) };
    });
}
