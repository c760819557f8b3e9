//! The ways in which a process is asked to end.

/// Waits for ctrl-c, or on Unix for `SIGTERM`, which service managers and containers send.
#[cfg(unix)]
pub(crate) async fn received() {
    use std::{future::poll_fn, task::Poll};

    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without a handler the signals end the process by themselves.
        return std::future::pending().await;
    };
    poll_fn(|context| {
        if interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Waits for ctrl-c.
#[cfg(not(unix))]
pub(crate) async fn received() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
