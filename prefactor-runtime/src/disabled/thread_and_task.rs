//! Threads and tasks, started without a context.

/// Threads, as the standard library starts them.
pub mod thread {
    /// Starts a thread.
    ///
    /// # Panics
    ///
    /// When the operating system cannot start a thread.
    pub fn spawn<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> std::thread::JoinHandle<R> {
        std::thread::spawn(body)
    }
}

/// Tasks, as tokio spawns them.
#[cfg(feature = "tokio")]
pub mod task {
    use tokio::task::JoinHandle;

    /// Spawns a task.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(future)
    }

    /// Runs a closure that blocks.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn_blocking<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
        tokio::task::spawn_blocking(body)
    }
}
