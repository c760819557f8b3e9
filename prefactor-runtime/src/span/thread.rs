//! Threads that begin under the current span.

use std::thread::JoinHandle;

use crate::context::Context;

/// Starts a thread that runs a closure under the span that is current now, as [`std::thread::spawn`] starts one without.
///
/// For scoped threads and pools there is [`Context::wrap`].
///
/// # Panics
///
/// When the operating system cannot start a thread, as [`std::thread::spawn`].
///
/// # Examples
///
/// ```
/// # fn index(document: &str) -> usize { document.len() }
/// let worker = prefactor::thread::spawn(|| index("a document"));
/// assert_eq!(worker.join().unwrap(), 10);
/// ```
pub fn spawn<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    std::thread::spawn(Context::current().wrap(body))
}
