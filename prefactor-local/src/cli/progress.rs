//! Shows the progress of a command on one line of the terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use super::output::{cut, printable, width};

/// The least time for which a drawn line stays.
const STAYS: Duration = Duration::from_millis(100);

/// A line on standard error that is redrawn as the work proceeds, and erased at its end. It is drawn only if standard
/// error is a terminal and nothing else is printed meanwhile.
pub(super) struct Progress {
    is_shown: bool,
    drawn: Option<Instant>,
}

impl Progress {
    /// Starts the line of a command that prints nothing before its end.
    pub(super) fn new() -> Self {
        Self { is_shown: io::stderr().is_terminal(), drawn: None }
    }

    /// Starts the line of a command that prints as it proceeds. It is left out where that output goes to a terminal.
    pub(super) fn beside_output() -> Self {
        Self { is_shown: io::stderr().is_terminal() && !io::stdout().is_terminal(), drawn: None }
    }

    /// Draws `text`, unless the line was drawn just before.
    pub(super) fn draw(&mut self, text: impl FnOnce() -> String) {
        if !self.is_shown || self.drawn.is_some_and(|drawn| drawn.elapsed() < STAYS) {
            return;
        }
        self.drawn = Some(Instant::now());
        let text = cut(&printable(&text()), width().saturating_sub(1));
        let mut error = io::stderr().lock();
        let _ = write!(error, "\r\x1b[K{text}").and_then(|()| error.flush());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let mut error = io::stderr().lock();
            let _ = write!(error, "\r\x1b[K").and_then(|()| error.flush());
        }
    }
}
