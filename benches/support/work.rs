//! The work whose spans are delivered, the same for every sender written in Rust, and its measurements.
//!
//! The benchmark and the binary of the other library share this file.

use std::time::{Duration, Instant};

use serde::Serialize;

/// The model's answer.
#[derive(Debug, Serialize)]
pub struct Completion {
    pub text: String,
}

/// The variable with the bytes of a text, 256 by default.
pub const TEXT_BYTES: &str = "PREFACTOR_BENCH_TEXT_BYTES";

/// The texts of arguments and results: prose with quotes and line ends.
#[must_use]
pub fn text() -> String {
    const PROSE: &str =
        "The agent asked: \"which of the bridges is open today?\"\nIt read the notes, and it found three.\n";
    let bytes = std::env::var(TEXT_BYTES).ok().and_then(|bytes| bytes.parse().ok());
    PROSE.chars().cycle().take(bytes.unwrap_or(256)).collect()
}

/// The work of a sender, from the arguments of its process.
#[derive(Debug)]
pub struct Task {
    pub url: String,
    pub spans: usize,
    /// The time in which all must be delivered.
    pub deadline: Duration,
}

impl Task {
    #[must_use]
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let url = arguments.next()?;
        let mut number = || arguments.next()?.parse().ok();
        let (spans, deadline) = (number()?, number()?);
        Some(Self { url, spans, deadline: Duration::from_secs(deadline as u64) })
    }

    /// Calls the work, and prints microseconds: the time of `deliver`, the time of all, the last thousandth and the
    /// longest of the calls, then the processor time of all threads.
    #[expect(clippy::print_stdout, reason = "the parent process reads standard output")]
    pub fn run(&self, mut call: impl FnMut(&str), deliver: impl FnOnce()) {
        let text = text();
        let mut felt = Vec::with_capacity(self.spans);
        let (begin, cpu) = (Instant::now(), cpu_time());
        for _ in 0..self.spans {
            let called = Instant::now();
            call(&text);
            felt.push(called.elapsed());
        }
        let made = Instant::now();
        deliver();
        let (delivery, all, cpu) = (made.elapsed(), begin.elapsed(), cpu_time().saturating_sub(cpu));
        felt.sort_unstable();
        let (rare, longest) = (felt[felt.len() * 999 / 1_000], felt[felt.len() - 1]);
        let micros = [delivery, all, rare, longest, cpu].map(|time| (time.as_secs_f64() * 1e6).to_string());
        println!("{}", micros.join(" "));
    }
}

/// Returns the processor time of all threads so far, to a hundredth of a second; `None` where the system has no such
/// file.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>();
    Duration::from_millis(ticks * 10)
}
