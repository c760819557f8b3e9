//! The signals that ask a process to end.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-c, and on Unix `SIGTERM`, which service managers and containers send. Once this exists, the signals no longer
/// end the process.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(windows)]
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    /// Waits for the first of the signals.
    #[cfg(unix)]
    pub(crate) async fn received(mut self) {
        use std::{future::poll_fn, task::Poll};

        poll_fn(|context| {
            if self.interrupt.poll_recv(context).is_ready() || self.terminate.poll_recv(context).is_ready() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Waits for the signal.
    #[cfg(windows)]
    pub(crate) async fn received(mut self) {
        self.interrupt.recv().await;
    }
}
