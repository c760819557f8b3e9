//! The work whose spans are delivered, the same for every sender written in Rust, and what is measured of it.
//!
//! The benchmark and the binary of the other library share this file.

use std::time::{Duration, Instant};

use serde::Serialize;

/// What the model answered.
#[derive(Debug, Serialize)]
pub(crate) struct Completion {
    pub(crate) text: String,
}

/// The texts of arguments and results: prose with quotes and line ends.
pub(crate) fn text() -> String {
    const PROSE: &str =
        "The agent asked: \"which of the bridges is open today?\"\nIt read the notes, and it found three.\n";
    PROSE.chars().cycle().take(256).collect()
}

/// What a sender is asked to do, by the arguments of its process.
pub(crate) struct Task {
    pub(crate) url: String,
    /// Spans of one round.
    pub(crate) spans: usize,
    pub(crate) rounds: usize,
    /// How long all may take to be delivered.
    pub(crate) deadline: Duration,
}

impl Task {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let url = arguments.next()?;
        let mut number = || arguments.next()?.parse().ok();
        let (spans, rounds, deadline) = (number()?, number()?, number()?);
        Some(Self { url, spans, rounds, deadline: Duration::from_secs(deadline as u64) })
    }

    /// Calls the work in rounds, with a pause between them, and prints what was felt of it, and what it took until
    /// `deliver` had come back.
    #[expect(clippy::print_stdout, reason = "the benchmark reads it there")]
    pub(crate) fn run(&self, mut call: impl FnMut(&str), deliver: impl FnOnce()) {
        /// Lets the delivery of one round begin before the next.
        const PAUSE: Duration = Duration::from_millis(20);

        let text = text();
        let (mut middles, mut tails, mut all_felt) = (Vec::new(), Vec::new(), Vec::new());
        let begin = Instant::now();
        for round in 0..self.rounds {
            if round > 0 {
                std::thread::sleep(PAUSE);
            }
            let mut felt = Vec::with_capacity(self.spans);
            for _ in 0..self.spans {
                let called = Instant::now();
                call(&text);
                felt.push(called.elapsed());
            }
            felt.sort_unstable();
            middles.push(felt[felt.len() / 2]);
            tails.push(felt[felt.len() * 99 / 100]);
            all_felt.extend(felt);
        }
        let made = Instant::now();
        deliver();
        let (middle, tail) = (median(middles), median(tails));
        let (delivery, all) = (made.elapsed(), begin.elapsed());
        all_felt.sort_unstable();
        let (rare, longest) = (all_felt[all_felt.len() * 999 / 1_000], all_felt[all_felt.len() - 1]);
        let micros =
            [middle, tail, delivery, all, rare, longest].map(|time| (time.as_secs_f64() * 1e6).to_string());
        println!("{}", micros.join(" "));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
