//! The agent under load: tasks that make spans within spans, and the time that each span takes from its caller.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prefactor::span;
use tokio::task::{JoinError, JoinSet, yield_now};
use tokio::time::sleep_until;

use crate::arguments::Load;

/// The spans of the tasks.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// Spans that were begun, including lost ones.
    pub(crate) spans: u64,
    /// The caller's time for each: from the call to the body, and from the body's end to the return.
    pub(crate) delays: Vec<Duration>,
}

/// Runs all tasks to their end.
pub(crate) async fn run(load: &Load) -> Result<Made, JoinError> {
    let mut tasks = JoinSet::new();
    let begin = Instant::now();
    for task in 0..load.tasks {
        tasks.spawn(Task::new(task, load, begin).run());
    }
    let mut made = Made::default();
    while let Some(task) = tasks.join_next().await {
        let task = task?;
        made.spans += task.spans;
        made.delays.extend(task.delays);
    }
    Ok(made)
}

/// One task. Its numbers follow those of the task before.
struct Task {
    number: u64,
    next: u64,
    end: u64,
    depth: u64,
    fail_ratio: f64,
    text: Arc<str>,
    /// Its start, and the time for each of its spans, where there is a rate to keep.
    begin: Instant,
    pace: Option<Duration>,
    made: Made,
}

impl Task {
    fn new(number: u64, load: &Load, begin: Instant) -> Self {
        let first =
            |task: u64| load.first - 1 + load.spans / load.tasks * task + (load.spans % load.tasks).min(task);
        let (next, end) = (first(number) + 1, first(number + 1) + 1);
        #[expect(clippy::cast_precision_loss, reason = "no program runs so many tasks")]
        let pace = load.rate.map(|rate| Duration::from_secs_f64(load.tasks as f64 / rate));
        let text: String = TEXT.chars().cycle().take(load.payload_bytes).collect();
        let (depth, fail_ratio) = (load.depth, load.fail_ratio);
        Self { number, next, end, depth, fail_ratio, text: text.into(), begin, pace, made: Made::default() }
    }

    /// Chains of spans, each within the one before, until all are made.
    async fn run(mut self) -> Made {
        while self.next < self.end {
            if let Some(pace) = self.pace {
                sleep_until((self.begin + pace.mul_f64(self.progress())).into()).await;
            }
            self.descend(None, self.depth).await;
        }
        self.made
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
    fn progress(&self) -> f64 {
        self.made.spans as f64
    }

    /// Calls the annotated function, and measures the call itself.
    fn descend(&mut self, parent: Option<u64>, depth: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if depth == 0 || self.next == self.end {
                return;
            }
            let (number, task) = (self.next, self.number);
            self.next += 1;
            self.made.spans += 1;
            let text = Arc::clone(&self.text);
            let mut step = Step { number, parent, task, text, depth, within: self, begin: None, end: None };
            let called = Instant::now();
            let _ = take(&mut step).await;
            let returned = Instant::now();
            let (begin, end) = (step.begin.unwrap_or(called), step.end.unwrap_or(returned));
            self.made.delays.push((begin - called) + (returned - end));
        })
    }

    /// Whether the span of this number fails, so that the share of failures is the ratio at each number.
    fn fails(&self, number: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "no program makes so many spans")]
        let failed_up_to = |number: u64| (number as f64 * self.fail_ratio).floor();
        failed_up_to(number) > failed_up_to(number - 1)
    }
}

/// One step of the agent: the fields of its span, and the measured times.
struct Step<'a> {
    number: u64,
    parent: Option<u64>,
    task: u64,
    text: Arc<str>,
    depth: u64,
    within: &'a mut Task,
    begin: Option<Instant>,
    end: Option<Instant>,
}

#[span("load:step", skip_all, fields(
    number = step.number, parent = step.parent, task = step.task, text = &*step.text
))]
async fn take(step: &mut Step<'_>) -> Result<u64, Failed> {
    step.begin = Some(Instant::now());
    yield_now().await;
    step.within.descend(Some(step.number), step.depth - 1).await;
    let fails = step.within.fails(step.number);
    step.end = Some(Instant::now());
    if fails { Err(Failed { number: step.number }) } else { Ok(step.number) }
}

/// The error of a span that was chosen to fail.
#[derive(Debug)]
struct Failed {
    number: u64,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the span {} was to fail", self.number)
    }
}

impl std::error::Error for Failed {}

/// The text of a payload: prose with quotes and line ends.
const TEXT: &str =
    "The agent asked: \"which of the bridges is open?\"\nIt read the notes, and found three.\n";
