//! A progress bar on the terminal, for deliveries that take long. Without a terminal on standard error it shows nothing.
//!
//! A crate for it would bring more code than the program has.

use std::io::{self, IsTerminal as _, Stderr, Write};
use std::time::{Duration, Instant};

const WIDTH: u64 = 30;
/// The time after which work has a progress bar.
const SOON: Duration = Duration::from_millis(300);
const BETWEEN: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Bar<W = Stderr> {
    what: &'static str,
    terminal: Option<W>,
    next: Instant,
    is_shown: bool,
}

impl Bar {
    pub(crate) fn new(what: &'static str) -> Self {
        Self::on(Some(io::stderr()).filter(Stderr::is_terminal), what, Instant::now())
    }
}

impl<W: Write> Bar<W> {
    fn on(terminal: Option<W>, what: &'static str, now: Instant) -> Self {
        Self { what, terminal, next: now + SOON, is_shown: false }
    }

    /// Shows how far it has come. `all` may be more than was expected.
    pub(crate) fn show(&mut self, done: u64, all: u64) {
        self.show_at(done, all, Instant::now());
    }

    fn show_at(&mut self, done: u64, all: u64, now: Instant) {
        let Some(terminal) = self.terminal.as_mut().filter(|_| now >= self.next) else { return };
        (self.next, self.is_shown) = (now + BETWEEN, true);
        let _ = write!(terminal, "\r{}", line(self.what, done, all));
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if let Some(mut terminal) = self.terminal.filter(|_| self.is_shown) {
            let _ = write!(terminal, "\r\u{1b}[K");
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
    use super::*;

    #[test]
    fn bar_comes_once_it_takes_long_moves_now_and_then_and_is_taken_away() {
        let begin = Instant::now();
        let shown = |times: &[Duration]| {
            let mut terminal = Vec::new();
            let mut bar = Bar::on(Some(&mut terminal), "delivered", begin);
            times.iter().zip(1..).for_each(|(time, done)| bar.show_at(done, 10, begin + *time));
            bar.end();
            String::from_utf8(terminal).unwrap()
        };
        let just_before = |time: Duration| time.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(shown(&[Duration::ZERO, just_before(SOON)]), "", "it does not take long");
        let text = shown(&[Duration::ZERO, SOON, just_before(SOON + BETWEEN), SOON + BETWEEN]);
        let [second, fourth] = [2, 4].map(|done| line("delivered", done, 10));
        assert_eq!(text, format!("\r{second}\r{fourth}\r\u{1b}[K"));
        let mut elsewhere = Bar::on(None::<&mut Vec<u8>>, "delivered", begin);
        elsewhere.show_at(1, 10, begin + SOON);
        elsewhere.end();
    }

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
