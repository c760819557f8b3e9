//! Tasks of tokio that begin under the current span.

use tokio::task::JoinHandle;

use crate::context::Context;

/// Spawns a task that runs a future under the span that is current now, as `tokio::spawn` spawns one without.
///
/// For a `JoinSet` and for other executors there is [`with_current_span`](crate::SpanFutureExt::with_current_span).
///
/// # Panics
///
/// Outside of a tokio runtime, as `tokio::spawn`.
///
/// # Cancel safety
///
/// Dropping the handle detaches the task. Aborting it drops the future, whose open spans are cancelled.
///
/// # Examples
///
/// ```
/// # async fn retrieve(query: &str) -> usize { query.len() }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let hits = prefactor::task::spawn(retrieve("rust agents"));
/// assert_eq!(hits.await.unwrap(), 11);
/// # });
/// ```
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(Context::current().scope(future))
}

/// Runs a closure that blocks on tokio's pool for such work, under the span that is current now.
///
/// # Panics
///
/// Outside of a tokio runtime, as `tokio::task::spawn_blocking`.
///
/// # Examples
///
/// ```
/// # fn index(document: &str) -> usize { document.len() }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let indexed = prefactor::task::spawn_blocking(|| index("a document"));
/// assert_eq!(indexed.await.unwrap(), 10);
/// # });
/// ```
pub fn spawn_blocking<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    tokio::task::spawn_blocking(Context::current().wrap(body))
}
