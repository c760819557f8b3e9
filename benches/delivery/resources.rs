//! Memory while nothing can be delivered, and work while there is nothing to do, each in a process of its own.

use std::env::{args, current_exe};
use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use prefactor_benches::table::Line;

use prefactor_benches::senders::{NOWHERE, Senders, prefactor as own};
use prefactor_benches::stub::{Manner, Stub};
use prefactor_benches::work;

/// The first arguments of the executions that do the work.
const QUEUED: &str = "--queued";
const IDLE: &str = "--idle";

const SPANS: u32 = 100_000;
/// Spans of the burst before the worker is idle.
const BURST: u32 = 10_000;
const IDLE_SECONDS: u64 = 60;
const DEADLINE: Duration = Duration::from_secs(30);
/// The worker's name, in the length that the system keeps.
const WORKER: &str = "prefactor-worke";
const NO_PROC: &str = "the system has no /proc:";

/// Does the work, if the arguments ask for it, and returns whether they did.
#[expect(clippy::print_stdout, reason = "the parent process reads standard output")]
pub(crate) fn answer() -> Result<bool> {
    let arguments: Vec<String> = args().skip(1).take(3).collect();
    let numbers = match &arguments[..] {
        [what, spans, ..] if what == QUEUED => queued(spans.parse()?)?,
        [what, url, seconds] if what == IDLE => idle(url, seconds.parse()?)?,
        _ => return Ok(false),
    };
    println!("{} {}", numbers[0], numbers[1]);
    Ok(true)
}

/// E7: the memory of a process whose spans wait for a server that is down.
pub(crate) fn memory(_: &Senders) -> Result<Vec<Line>> {
    memory_of(SPANS)
}

/// Measures E7 with `spans` spans.
pub(crate) fn memory_of(spans: u32) -> Result<Vec<Line>> {
    let what = format!("memory with {spans} spans, × their texts");
    if !has_proc() {
        return Ok(vec![Line::skipped("E7", what, NO_PROC)]);
    }
    let [before, after] = ask(&[QUEUED.to_owned(), spans.to_string()])?;
    let texts = f64::from(spans) * 2.0 * f64::from(u32::try_from(work::text().len())?);
    let times = |bytes: f64| (bytes / texts * 100.0).round() / 100.0;
    let line = Line::new("E7", what, times(after), 1.5).goal(1.2);
    Ok(vec![line.other("the process before them", times(before))])
}

/// E8: the worker's use of the processor in a minute after a burst.
pub(crate) fn idle_minute(_: &Senders) -> Result<Vec<Line>> {
    idle_for(IDLE_SECONDS)
}

/// Measures E8 in `seconds` seconds.
pub(crate) fn idle_for(seconds: u64) -> Result<Vec<Line>> {
    let [cpu, wakes] = [format!("worker, idle for {seconds} s, cpu ms"), "its wake-ups".to_owned()];
    if !has_proc() {
        return Ok(vec![Line::skipped("E8", cpu, NO_PROC)]);
    }
    let stub = Stub::start(Manner { latency: Duration::ZERO, takes_bulk: true, hangs: false })?;
    let [nanos, switches] = ask(&[IDLE.to_owned(), stub.url().to_owned(), seconds.to_string()])?;
    let millis = (nanos / 1e4).round() / 100.0;
    Ok(vec![Line::new("E8", cpu, millis, 1.0).goal(0.0).other(wakes, switches)])
}

fn has_proc() -> bool {
    fs::exists("/proc/self/status").unwrap_or(false)
}

fn ask(arguments: &[String]) -> Result<[f64; 2]> {
    let output = Command::new(current_exe()?).args(arguments).output()?;
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let numbers = String::from_utf8(output.stdout)?;
    let numbers = numbers.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    numbers.try_into().ok().context("there are two numbers")
}

/// Returns the memory of the process in bytes, before its spans and with them.
fn queued(spans: u32) -> Result<[f64; 2]> {
    let client = own::builder(NOWHERE).build()?;
    let text = work::text();
    client.default_instance().in_scope(|| own::call(&text));
    drop(client.flush(Duration::from_millis(50)));
    let before = resident()?;
    client.default_instance().in_scope(|| (1..spans).for_each(|_| own::call(&text)));
    let report = client.flush(Duration::from_secs(2));
    ensure!(report.stats.outstanding == u64::from(spans), "{report}");
    let numbers = [before, resident()?];
    drop(client.shutdown(Duration::ZERO));
    Ok(numbers)
}

fn resident() -> Result<f64> {
    Ok(number_after(&fs::read_to_string("/proc/self/status")?, "VmRSS:")? * 1024.0)
}

/// Returns the worker's processor time while it is idle, in nanoseconds, and the number of its wakes.
fn idle(url: &str, seconds: u64) -> Result<[f64; 2]> {
    let client = own::builder(url).build()?;
    let text = work::text();
    client.default_instance().in_scope(|| (0..BURST).for_each(|_| own::call(&text)));
    ensure!(client.flush(DEADLINE).is_complete, "the burst is not delivered");
    let before = worker()?;
    sleep(Duration::from_secs(seconds));
    let after = worker()?;
    drop(client.shutdown(DEADLINE));
    Ok([after[0] - before[0], after[1] - before[1]])
}

/// Returns the worker's processor time so far, in nanoseconds, and the number of its waits.
fn worker() -> Result<[f64; 2]> {
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.trim() == WORKER {
            let times = fs::read_to_string(task.join("schedstat"))?;
            let waits = fs::read_to_string(task.join("status"))?;
            return Ok([number_after(&times, "")?, number_after(&waits, "voluntary_ctxt_switches:")?]);
        }
    }
    anyhow::bail!("there is no worker")
}

fn number_after(text: &str, word: &str) -> Result<f64> {
    let rest = text.split_once(word).with_context(|| format!("{word} is missing"))?.1;
    Ok(rest.split_whitespace().next().context("a number follows")?.parse()?)
}
