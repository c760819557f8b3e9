//! The thread that writes log lines.
//!
//! A standard error that nobody reads blocks whoever writes to it, and the program's logger may take as long as it likes.
//! So neither is ever called by a thread of the program or by the delivery thread: they leave a line in a bounded queue,
//! and one thread takes lines from there. It lives while there are lines. Nobody waits for it but a shutdown, for a
//! bounded time.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::platform::per_process::{PerProcess, Succeed};
use crate::platform::suppression::Suppressed;
use crate::platform::{fork, oneshot, thread};

/// The target of the program's logger.
const TARGET: &str = "prefactor";
/// Lines that wait to be written. Beyond them, lines are counted.
const MAX_LINES: usize = 64;

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The program's logger, or standard error where there is none.
    Log,
    /// Standard error: the program's logger may be gone.
    StandardError,
}

/// The lines of this process.
#[derive(Debug)]
pub(crate) struct LogWriter {
    process: PerProcess<Self>,
    /// Locked for moments, never while a line is written.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Entry>,
    lines: usize,
    /// Lines that found no room since the last one that did.
    lost: u64,
    /// Whether there is a thread.
    has_thread: bool,
}

#[derive(Debug)]
enum Entry {
    Line(Destination, String),
    /// Somebody waits until the lines before it are written.
    Mark(oneshot::Sender<()>),
}

static WRITER: LazyLock<Arc<LogWriter>> = LazyLock::new(|| Arc::new(LogWriter::new()));

/// Leaves a line to be written.
pub(crate) fn write(destination: Destination, line: String) {
    WRITER.current().push(destination, line);
}

/// A receiver that is told when all lines up to here are written.
pub(crate) fn written() -> oneshot::Receiver<()> {
    WRITER.current().written()
}

impl LogWriter {
    fn new() -> Self {
        // A forked process inherits the lines but not the thread.
        fork::watch_forks();
        Self { process: PerProcess::default(), state: Mutex::default() }
    }

    fn push(self: &Arc<Self>, destination: Destination, line: String) {
        let mut state = self.lock();
        if state.lines >= MAX_LINES {
            state.lost += 1;
            return;
        }
        if state.lost > 0 {
            let lost = std::mem::take(&mut state.lost);
            let text = format!("{lost} lines are missing here: the log did not take them in time");
            state.push_line(destination, text);
        }
        state.push_line(destination, line);
        self.start(&mut state);
    }

    fn written(self: &Arc<Self>) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        let mut state = self.lock();
        self.start(&mut state);
        if state.has_thread {
            state.entries.push_back(Entry::Mark(done));
        }
        drop(state);
        is_done
    }

    /// Starts the thread, where there is something to do for it. Without one from the operating system, lines wait for
    /// the next try.
    fn start(self: &Arc<Self>, state: &mut State) {
        if !state.has_thread && !state.entries.is_empty() {
            let writer = Arc::clone(self);
            state.has_thread = thread::spawn("prefactor-log", move || writer.run()).is_ok();
        }
    }

    fn run(&self) {
        // The program's logger may call annotated functions, whose spans are not the program's work.
        let _suppressed = Suppressed::enter();
        while let Some(entry) = self.next() {
            match entry {
                Entry::Line(destination, text) => write_now(destination, &text),
                Entry::Mark(done) => done.send(()),
            }
        }
    }

    fn next(&self) -> Option<Entry> {
        let mut state = self.lock();
        let entry = state.entries.pop_front();
        state.lines -= usize::from(matches!(entry, Some(Entry::Line(..))));
        state.has_thread = entry.is_some();
        entry
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push_line(&mut self, destination: Destination, text: String) {
        self.entries.push_back(Entry::Line(destination, text));
        self.lines += 1;
    }
}

impl Succeed for LogWriter {
    fn process(&self) -> &PerProcess<Self> {
        &self.process
    }

    fn needs_successor(&self) -> bool {
        true
    }

    fn succeed(&self) -> Arc<Self> {
        Arc::new(Self::new())
    }
}

fn write_now(destination: Destination, text: &str) {
    if destination == Destination::Log && has_logger() {
        let Err(panic) = catch_unwind(|| log::warn!(target: TARGET, "{text}")) else { return };
        let _ = catch_unwind(AssertUnwindSafe(|| drop(panic)));
    }
    // `eprintln!` would panic if standard error is closed.
    let _ = standard_error::write(&format!("prefactor: {text}\n"));
}

/// Whether the program has a logger. Lines that it filters do not go to standard error either.
///
/// The facade does not tell. Its stand-in has no size, and lets nothing pass.
fn has_logger() -> bool {
    size_of_val(log::logger()) > 0 || log::max_level() > log::LevelFilter::Off
}

#[cfg(unix)]
mod standard_error {
    use std::fs::File;
    use std::io::{Error, ErrorKind, Write as _};
    use std::os::fd::AsFd as _;
    use std::thread::sleep;
    use std::time::Duration;

    /// How often a pipe that does not block is asked whether it takes more.
    const PERIOD: Duration = Duration::from_millis(50);
    const MAX_TRIES: usize = 200;

    /// Writes a line, without the lock of the standard library: the program's own lines must not wait for this one, nor a
    /// forked process for a thread that it does not have.
    pub(super) fn write(line: &str) -> Result<(), Error> {
        let mut file = File::from(std::io::stderr().as_fd().try_clone_to_owned()?);
        let (mut left, mut tries) = (line.as_bytes(), 0);
        while !left.is_empty() {
            match file.write(left) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock && tries < MAX_TRIES => {
                    tries += 1;
                    sleep(PERIOD);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod standard_error {
    use std::io::{Error, Write as _};

    pub(super) fn write(line: &str) -> Result<(), Error> {
        std::io::stderr().write_all(line.as_bytes())
    }
}
