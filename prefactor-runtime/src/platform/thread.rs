//! Threads of the SDK.

use std::io;
use std::thread::{Builder, JoinHandle};

use crate::platform::fork;

/// Starts a thread that a broken pipe does not end the process from.
///
/// # Errors
///
/// When the operating system gives no thread.
pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        // Command-line programs set SIGPIPE back to its default. A connection that the server closed, or a standard error
        // that nobody reads, would then kill the program from a thread that it knows nothing of.
        fork::block_sigpipe();
        body();
    })
}
