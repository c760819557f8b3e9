//! A bar on the terminal, where that takes long; nothing where standard error is no terminal.
//!
//! A crate for it would bring more code than the program has.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const WIDTH: u64 = 30;
/// What takes no longer has no bar.
const SOON: Duration = Duration::from_millis(300);
const BETWEEN: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Bar {
    what: &'static str,
    is_terminal: bool,
    next: Instant,
    is_shown: bool,
}

impl Bar {
    pub(crate) fn new(what: &'static str) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self { what, is_terminal, next: Instant::now() + SOON, is_shown: false }
    }

    /// Shows how far it has come. `all` may be more than was expected.
    pub(crate) fn show(&mut self, done: u64, all: u64) {
        let now = Instant::now();
        if !self.is_terminal || now < self.next {
            return;
        }
        (self.next, self.is_shown) = (now + BETWEEN, true);
        let _ = write!(io::stderr(), "\r{}", line(self.what, done, all));
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn line(what: &str, done: u64, all: u64) -> String {
    let full = (done.min(all) * WIDTH).checked_div(all).unwrap_or(0);
    let bar: String = (0..WIDTH).map(|place| if place < full { '#' } else { '.' }).collect();
    format!("[{bar}] {done} of {all} spans {what}")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn bar_is_as_full_as_the_work_is_done() {
        assert_eq!(
            line("delivered", 5, 10),
            format!("[{}{}] 5 of 10 spans delivered", "#".repeat(15), ".".repeat(15))
        );
        assert_eq!(line("delivered", 0, 0), format!("[{}] 0 of 0 spans delivered", ".".repeat(30)));
        assert_eq!(line("exported", 12, 10), format!("[{}] 12 of 10 spans exported", "#".repeat(30)));
    }
}
