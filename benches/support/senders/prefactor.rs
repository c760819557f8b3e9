//! This crate, in a process of its own: the benchmark's own binary, executed with arguments that name it.

use std::env::args;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prefactor::export::otlp;
use prefactor::{Client, ClientBuilder, span};

use crate::work::{Completion, Task};

/// The first argument of such an execution.
pub const CHILD: &str = "--child";

/// The argument in front of them for a sender that reports by OTLP.
pub const OTLP: &str = "--otlp";

/// A bound above the spans of any round.
const OPERATIONS: usize = 1 << 22;
const BYTES: usize = 1 << 30;

/// Sends, if the arguments ask for it, and returns whether they did.
pub fn answer() -> Result<bool> {
    let mut arguments = args().skip_while(|argument| argument != CHILD);
    if arguments.next().is_none() {
        return Ok(false);
    }
    let task = Task::read(arguments).context("the arguments say what to send, and where")?;
    let is_otlp = args().any(|argument| argument == OTLP);
    let guard = if is_otlp { over_otlp(&task.url) } else { builder(&task.url) }.install()?;
    let is_dead = task.deadline.is_zero();
    ask("small", &crate::work::text(), 0.5);
    let is_warm = guard.flush(if is_dead { Duration::from_millis(50) } else { task.deadline }).is_complete;
    ensure!(is_warm || is_dead, "the first span is not delivered");
    task.run(call, || drop(guard.shutdown(task.deadline)));
    let stats = if is_otlp { guard.processor_stats().remove(0).1 } else { guard.stats() };
    ensure!(is_dead || stats.acknowledged == stats.created, "lost: {stats}");
    Ok(true)
}

/// A client of that server, with room for all spans of a benchmark.
pub fn builder(url: &str) -> ClientBuilder {
    Client::builder().api_url(url).api_token("token").max_queue_operations(OPERATIONS).max_queue_bytes(BYTES)
}

/// A client that reports to a receiver of OTLP alone.
fn over_otlp(url: &str) -> ClientBuilder {
    let otlp = otlp::collector().endpoint(format!("{url}/v1/traces"));
    Client::builder().otlp(otlp).max_queue_operations(OPERATIONS).max_queue_bytes(BYTES)
}

/// A call that is a span.
pub fn call(prompt: &str) {
    drop(black_box(ask(black_box("small"), black_box(prompt), black_box(0.5))));
}

/// Returns the time of a span after the shutdown, in microseconds: the median of many rounds of a thousand.
pub fn after_shutdown() -> Result<f64> {
    const SPANS: u32 = 1_000;
    let guard = Client::builder().api_url(crate::senders::NOWHERE).api_token("token").install()?;
    drop(guard.shutdown(Duration::ZERO));
    let prompt = crate::work::text();
    let mut rounds: Vec<_> = (0..101)
        .map(|_| {
            let begin = Instant::now();
            for _ in 0..SPANS {
                call(&prompt);
            }
            begin.elapsed() / SPANS
        })
        .collect();
    rounds.sort_unstable();
    Ok(rounds[rounds.len() / 2].as_secs_f64() * 1e6)
}

#[span("agent:llm_call")]
fn ask(model: &str, prompt: &str, temperature: f32) -> Completion {
    black_box((model, temperature));
    Completion { text: prompt.to_owned() }
}
