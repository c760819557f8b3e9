//! Shutdown by a signal: the program gets time to drain, and is ended when that is over.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::handle::Client;
use crate::platform::fork;
use crate::platform::internal_log;
use crate::platform::{oneshot, thread as own_thread};
use crate::types::error::Error;
use crate::types::status::{InstanceStatus, Signal};

/// Resolves to the signal that asks the process to end, as soon as it comes.
///
/// Made by [`Client::shutdown_on_signal`]. It listens whether it is polled or not, until it is dropped.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> Result<(), prefactor::Error> {
/// # let client = prefactor::Client::builder().build()?;
/// let signal = client.shutdown_on_signal()?.wait();
/// eprintln!("ended by {signal:?}");
/// # Ok(())
/// # }
/// ```
#[must_use = "the signals are listened for until this is dropped: await it, or call .wait()"]
pub struct ShutdownOnSignal {
    signal: oneshot::Receiver<Signal>,
    listener: os::Stop,
    has_heard: Arc<AtomicBool>,
    /// The process that listens.
    generation: u32,
}

/// Those who listen and have not heard. While there is none, the signals end the process as they always do.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// Those who have heard and wait for the program to end. The last of them ends it, if one of them had to wait too long.
static DRAINING: AtomicUsize = AtomicUsize::new(0);
static IS_OVERDUE: AtomicBool = AtomicBool::new(false);

/// How often a draining program is asked whether it has shut the client down.
const LOOK: Duration = Duration::from_millis(50);

impl Client {
    /// Tells the program, and not the operating system, to end when the process is asked to: by `SIGTERM` or `SIGINT`, or
    /// by ctrl-c on Windows.
    ///
    /// From this call on the first of these signals does not end the process by itself. The future resolves to it, at
    /// once and in any executor, and the client goes on recording: a server answers the requests that are open, then
    /// the [`ShutdownGuard`](crate::ShutdownGuard) or [`shutdown`](Client::shutdown) delivers as ever. A second signal,
    /// or one that comes when the future was dropped, ends the process at once, as if this had not been called.
    ///
    /// The time to drain is limited, for a server waits for an open stream as long as its reader stays. When the client is
    /// not being shut down [`drain_timeout`](crate::ClientBuilder::drain_timeout) after the signal (10 s), it cancels the spans
    /// that are open, ends open runs as `failed`, delivers for at most
    /// [`shutdown_timeout`](crate::ClientBuilder::shutdown_timeout), and lets the signal end the process.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread, or no handler for the signals.
    ///
    /// # Examples
    ///
    /// A server. The guide's page on services has it with axum.
    ///
    /// ```no_run
    /// # async fn serve_until(_: impl Future) {}
    /// # async fn program() -> Result<(), prefactor::Error> {
    /// let prefactor = prefactor::init()?;
    /// serve_until(prefactor.shutdown_on_signal()?).await; // requests that are open are answered first
    /// drop(prefactor); // delivers
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An agent that is dropped at the signal, so that its spans are `cancelled`:
    ///
    /// ```no_run
    /// use std::process::ExitCode;
    ///
    /// # async fn agent() {}
    /// # async fn program() -> Result<ExitCode, prefactor::Error> {
    /// let prefactor = prefactor::init()?;
    /// tokio::select! {
    ///     () = agent() => Ok(ExitCode::SUCCESS),
    ///     signal = prefactor.shutdown_on_signal()? => Ok(signal.into()),
    /// }
    /// # }
    /// ```
    pub fn shutdown_on_signal(&self) -> Result<ShutdownOnSignal, Error> {
        ShutdownOnSignal::listen(self.clone())
    }

    /// Waits for the program to shut the client down after a signal. If it does not, does so and ends the process.
    fn drain(&self, signal: Signal) {
        let limit = self.drain_timeout();
        let begin = Instant::now();
        while !self.has_begun_shutdown() {
            let Some(left) = limit.checked_sub(begin.elapsed()) else {
                internal_log::log_always(&format!(
                    "the program still runs {limit:?} after {signal}: its open spans are cancelled, and the signal ends it; \
                     raise drain_timeout if it needs longer",
                ));
                IS_OVERDUE.store(true, SeqCst);
                let _ = self.shut_down(self.shutdown_timeout(), InstanceStatus::Cancelled);
                break;
            };
            thread::sleep(left.min(LOOK));
        }
        if DRAINING.fetch_sub(1, SeqCst) == 1 && IS_OVERDUE.load(SeqCst) {
            os::end_process(signal);
        }
    }
}

impl ShutdownOnSignal {
    fn listen(client: Client) -> Result<Self, Error> {
        #[cfg(unix)]
        fork::in_child(give_up_in_child);
        let (heard, signal) = oneshot::channel();
        let (listener, stop) = os::listener().map_err(Error::signal)?;
        change_listeners(|count| count + 1);
        let has_heard = Arc::new(AtomicBool::new(false));
        let this = Self {
            signal,
            listener: stop,
            has_heard: Arc::clone(&has_heard),
            generation: fork::generation(),
        };
        own_thread::spawn("prefactor-signals", move || {
            let Some(signal) = listener() else { return };
            DRAINING.fetch_add(1, SeqCst);
            has_heard.store(true, SeqCst);
            // Restores the default effect of signals, so that a second one ends the program at once.
            LISTENERS.store(0, SeqCst);
            os::set_default(true);
            heard.send(signal);
            client.drain(signal);
        })
        .map_err(Error::signal)?;
        Ok(this)
    }

    /// Blocks the thread until the process is asked to end.
    #[must_use = "it says how the program is expected to end"]
    pub fn wait(self) -> Signal {
        loop {
            if let Some(signal) = self.signal.recv() {
                return signal;
            }
            thread::park();
        }
    }
}

impl Future for ShutdownOnSignal {
    type Output = Signal;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Signal> {
        match Pin::new(&mut self.signal).poll(context) {
            Poll::Ready(Some(signal)) => Poll::Ready(signal),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for ShutdownOnSignal {
    fn drop(&mut self) {
        if self.generation == fork::generation() {
            self.listener.stop();
            if !self.has_heard.load(SeqCst) {
                change_listeners(|count| count.saturating_sub(1));
            }
        }
    }
}

impl fmt::Debug for ShutdownOnSignal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ShutdownOnSignal").finish_non_exhaustive()
    }
}

fn change_listeners(change: impl Fn(usize) -> usize) {
    let _ = LISTENERS.fetch_update(SeqCst, SeqCst, |count| Some(change(count)));
    os::set_default(LISTENERS.load(SeqCst) == 0);
}

/// In a process that is forked off nobody listens. Called between the fork and the child's first step: atomics only.
#[cfg(unix)]
fn give_up_in_child() {
    LISTENERS.store(0, SeqCst);
    DRAINING.store(0, SeqCst);
    os::set_default(true);
}

#[cfg(unix)]
mod os {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::sync::{Arc, OnceLock};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::register_conditional_default;
    use signal_hook::iterator::{Handle, Signals};
    use signal_hook::low_level::emulate_default_handler;

    use crate::types::status::Signal;

    /// Whether the signals have their usual effect.
    static IS_DEFAULT: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    pub(super) struct Stop(Handle);

    impl Stop {
        pub(super) fn stop(&self) {
            self.0.close();
        }
    }

    pub(super) fn set_default(is_default: bool) {
        if let Some(flag) = IS_DEFAULT.get() {
            flag.store(is_default, SeqCst);
        }
    }

    /// Ends the process as the signal would have done it.
    pub(super) fn end_process(signal: Signal) {
        let number = if signal == Signal::Interrupt { SIGINT } else { SIGTERM };
        let _ = emulate_default_handler(number);
    }

    pub(super) fn listener() -> io::Result<(impl FnOnce() -> Option<Signal> + Send, Stop)> {
        if IS_DEFAULT.get().is_none() {
            let flag = Arc::new(AtomicBool::new(true));
            if IS_DEFAULT.set(Arc::clone(&flag)).is_ok() {
                for number in [SIGTERM, SIGINT] {
                    register_conditional_default(number, Arc::clone(&flag))?;
                }
            }
        }
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        let handle = signals.handle();
        let wait = move || {
            let Some(number) = signals.forever().next() else {
                // A signal that arrived after the listener was stopped has its default effect.
                signals.pending().for_each(|number| drop(emulate_default_handler(number)));
                return None;
            };
            Some(if number == SIGINT { Signal::Interrupt } else { Signal::Terminate })
        };
        Ok((wait, Stop(handle)))
    }
}

#[cfg(windows)]
mod os {
    use std::io;
    use std::sync::Arc;

    use tokio::sync::Notify;

    use crate::types::status::Signal;

    pub(super) struct Stop(Arc<Notify>);

    impl Stop {
        pub(super) fn stop(&self) {
            self.0.notify_one();
        }
    }

    /// Ctrl-c is not given back: the console's handler, once set, stays.
    pub(super) fn set_default(_: bool) {}

    /// Ends the process with the code that shells give to one that a signal has ended.
    pub(super) fn end_process(signal: Signal) {
        std::process::exit(i32::from(signal.exit_code()));
    }

    pub(super) fn listener() -> io::Result<(impl FnOnce() -> Option<Signal> + Send, Stop)> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let mut interrupt = {
            let _entered = runtime.enter();
            tokio::signal::windows::ctrl_c()?
        };
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let wait = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.notified() => None,
                    heard = interrupt.recv() => heard.map(|()| Signal::Interrupt),
                }
            })
        };
        Ok((wait, Stop(stop)))
    }
}
