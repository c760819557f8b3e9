//! The client under test, in a process of its own: the benchmark's own binary, executed with arguments that name it.

use std::env::args;
use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use prefactor::{Client, Fsync, ShutdownGuard, SpoolOptions, span};

use prefactor_benches::work::{Completion, Task, text};

/// The first argument of an execution that delivers spans.
pub(crate) const CHILD: &str = "--child";
/// The first argument of one whose caller's instructions are counted.
pub(crate) const CALLS: &str = "--calls";

/// The sync setting of a spool, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    None,
    Period,
    Batch,
}

impl Policy {
    const ALL: [Self; 3] = [Self::None, Self::Period, Self::Batch];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Period => "period",
            Self::Batch => "batch",
        }
    }
}

/// Does the work, if the arguments ask for it, and returns whether they did.
pub(crate) fn answer() -> Result<bool> {
    let mut arguments = args().skip(1);
    let counts = match arguments.next().as_deref() {
        Some(CHILD) => false,
        Some(CALLS) => true,
        _ => return Ok(false),
    };
    let task = Task::read(&mut arguments).context("what to send, and where")?;
    let (policy, directory) = arguments.next().zip(arguments.next()).context("a policy and a directory")?;
    let policy = Policy::ALL.into_iter().find(|known| known.name() == policy).context("a policy")?;
    let guard = start(&task, policy, &directory)?;
    ask("small", &text(), 0.5);
    ensure!(guard.flush(task.deadline).is_complete, "the first span is not delivered");
    if counts {
        repeat(task.spans);
        drop(guard.shutdown(task.deadline));
        return Ok(true);
    }
    task.run(call, || drop(guard.shutdown(task.deadline)));
    let stats = guard.stats();
    ensure!(stats.acknowledged == stats.created, "lost: {stats}");
    let is_spooled = policy == Policy::None || stats.spooled == stats.created;
    ensure!(is_spooled, "{} of {} are on disk", stats.spooled, stats.created);
    say(stats.spool_syncs);
    Ok(true)
}

fn start(task: &Task, policy: Policy, directory: &str) -> Result<ShutdownGuard> {
    let builder = Client::builder()
        .api_url(&task.url)
        .api_token("token")
        .max_queue_operations(1 << 22)
        .max_queue_bytes(1 << 30);
    let spool = SpoolOptions::new(directory);
    Ok(match policy {
        Policy::None => builder,
        Policy::Period => builder.spool(spool),
        Policy::Batch => builder.spool(spool.fsync(Fsync::EveryBatch)),
    }
    .install()?)
}

#[inline(never)]
fn repeat(spans: usize) {
    let text = text();
    (0..spans).for_each(|_| call(&text));
}

fn call(prompt: &str) {
    drop(black_box(ask(black_box("small"), black_box(prompt), black_box(0.5))));
}

#[span("agent:llm_call")]
fn ask(model: &str, prompt: &str, temperature: f32) -> Completion {
    black_box((model, temperature));
    Completion { text: prompt.to_owned() }
}

#[expect(clippy::print_stdout, reason = "the parent process reads standard output")]
fn say(syncs: u64) {
    println!("{syncs}");
}
