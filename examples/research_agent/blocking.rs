//! Work that blocks, off the threads that run futures.

use prefactor::Context;
use tokio::task;

/// Runs a closure on a thread for blocking work, in the current context. Spans made there are then children of the
/// current one; another thread does not know it otherwise.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let context = Context::current();
    match task::spawn_blocking(move || context.in_scope(work)).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The task was cancelled: the runtime is shutting down, and drops this future too.
            Err(_) => std::future::pending().await,
        },
    }
}
