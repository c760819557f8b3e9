//! The costs of a spool for the caller, the delivery and the disk, side by side with the same client without one.
//!
//! Prints one line a target. `cargo bench -p prefactor-benches --bench spool -- --only D1` measures the targets of one
//! number. `--smoke` makes a few spans, to see that it still runs.

mod child;

use std::env::{args, current_exe};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prefactor_benches::callgrind;
use prefactor_benches::only::Only;
use prefactor_benches::stub::{Manner, Stub};
use prefactor_benches::table::{self, Line};

use child::{CALLS, CHILD, Policy};

/// The folder of the spools, on the disk that programs are built on.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

const NEAR: Manner = Manner { latency: Duration::ZERO, takes_bulk: true, hangs: false };
const MANY: u32 = 100_000;
const FEW: u32 = 2_000;
const ROUNDS: usize = 5;
/// Bytes of a batch of about a hundred spans.
const BATCH: usize = 64 << 10;

fn main() -> Result<()> {
    if child::answer()? {
        return Ok(());
    }
    let is_smoke = args().any(|argument| argument == "--smoke");
    let (spans, rounds) = if is_smoke { (FEW, 1) } else { (MANY, ROUNDS) };
    let counted = if is_smoke { [100, 400] } else { [1_000, 11_000] };
    let only = Only::read(&["D1", "D2", "D3", "D4"])?;
    table::print_heading();
    if only.wants("D1") {
        only.print(&[caller(rounds, counted)?]);
    }
    if ["D2", "D3", "D4"].iter().any(|number| only.wants(number)) {
        only.print(&delivery(rounds, spans)?);
    }
    Ok(())
}

/// Measures whole runs with each way to write, interleaved.
fn delivery(rounds: usize, spans: u32) -> Result<[Line; 3]> {
    let mut runs = [Policy::None, Policy::Period, Policy::Batch].map(|policy| (policy, Vec::new()));
    for _ in 0..rounds {
        for (policy, runs) in &mut runs {
            runs.push(run(*policy, spans)?);
        }
    }
    let [without, period, batch] = runs.map(|(_, runs)| runs);
    let each = |runs: &[Run]| middle(runs.iter().map(|run| run.each));
    let cpu = |runs: &[Run]| middle(runs.iter().map(|run| run.cpu));
    let (plain, plain_cpu) = (each(&without), cpu(&without));
    Ok([
        Line::new("D2", "µs a span to a server at 0 ms", each(&period), plain / 0.7).other("without", plain),
        Line::new("D3", "CPU, all threads, µs a span", cpu(&period), plain_cpu * 1.3)
            .other("without", plain_cpu),
        Line::new("D4", "µs a span, each batch synced", each(&batch), f64::INFINITY)
            .other("without", plain)
            .other("a sync of 64 KiB by itself, µs", disk_sync(rounds * 20)?)
            .other("spans a sync", middle(batch.iter().map(|run| f64::from(spans) / run.syncs))),
    ])
}

/// The result of one process.
struct Run {
    /// Microseconds a span, until all are delivered.
    each: f64,
    /// Microseconds of CPU a span, on all threads.
    cpu: f64,
    syncs: f64,
}

fn run(policy: Policy, spans: u32) -> Result<Run> {
    let stub = Stub::start(NEAR)?;
    let directory = empty("spool_run")?;
    let output = Command::new(current_exe()?)
        .arg(CHILD)
        .args([stub.url(), &spans.to_string(), "120"])
        .args([policy.name().as_ref(), directory.as_os_str()])
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let numbers: Vec<f64> =
        String::from_utf8(output.stdout)?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    ensure!(stub.counts().ended >= u64::from(spans), "{:?} of {spans}", stub.counts());
    let [_, all, _, _, cpu, syncs] = numbers[..].try_into().ok().context("it prints six numbers")?;
    let spans = f64::from(spans);
    Ok(Run { each: all / spans, cpu: cpu / spans, syncs: f64::max(syncs, 1.0) })
}

/// Returns the instructions of a caller with a spool, in multiples of those without, by the difference of many spans to
/// few.
fn caller(rounds: usize, [few, many]: [u32; 2]) -> Result<Line> {
    let what = "caller's instructions, in multiples without";
    if !callgrind::is_there() {
        return Ok(Line::skipped("D1", what, "valgrind is not installed:"));
    }
    let instructions = |policy: Policy| {
        let of = |spans: u32| {
            let stub = Stub::start(NEAR)?;
            let directory = empty("spool_caller")?.display().to_string();
            let arguments = [
                CALLS.to_owned(),
                stub.url().to_owned(),
                spans.to_string(),
                "60".into(),
                policy.name().into(),
                directory,
            ];
            callgrind::instructions(&current_exe()?, &arguments, "child::repeat")
        };
        anyhow::Ok(float(of(many)? - of(few)?))
    };
    // The number of times that a caller finds its shard taken, or needs fresh memory, differs from run to run.
    let ratios = (0..rounds).map(|_| Ok(instructions(Policy::Period)? / instructions(Policy::None)?));
    Ok(Line::new("D1", what, middle(ratios.collect::<Result<Vec<_>>>()?), 1.02))
}

/// Returns the disk's time for the bytes of a batch, in microseconds.
fn disk_sync(times: usize) -> Result<f64> {
    let path = empty("spool_disk")?.join("file");
    let mut file = File::create(&path)?;
    let batch = vec![b'x'; BATCH];
    let mut taken = Vec::new();
    for _ in 0..times {
        let begin = Instant::now();
        file.write_all(&batch)?;
        file.sync_data()?;
        taken.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    Ok(middle(taken))
}

fn empty(name: &str) -> Result<PathBuf> {
    let path = Path::new(SCRATCH).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path)?;
    Ok(path)
}

fn middle(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "the count stays far below the limit")]
fn float(count: u64) -> f64 {
    count as f64
}
