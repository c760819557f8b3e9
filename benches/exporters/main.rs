//! The costs of an exporter beside OpenTelemetry's own, with the same payloads, to a server that decodes nothing.
//!
//! Prints one line a target; `--only X1,X4` leaves out the others. `--smoke` runs this crate alone, with a few spans,
//! to see that it still runs.

mod clean_build;
mod dead;

use std::env::args;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use prefactor::Client;
use prefactor::export::otlp;
use prefactor_benches::generated::{Package, ROOT, Workspace};
use prefactor_benches::install::Installed;
use prefactor_benches::only::Only;
use prefactor_benches::senders::{Run, Sender, Senders, prefactor as own};
use prefactor_benches::stub::{Manner, Stub};
use prefactor_benches::table::{self, Line};
use prefactor_benches::work;

/// The folder in which the other sender is built.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

const NEAR: Manner = Manner { latency: Duration::ZERO, takes_bulk: true, hangs: false };
const FAR: Manner = Manner { latency: Duration::from_millis(50), takes_bulk: true, hangs: false };
const MANY: u32 = 50_000;
const FEW: u32 = 2_000;
/// Spans with payloads of 8 KiB.
const LARGE: u32 = 10_000;
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    if dead::answer()? || own::answer()? {
        return Ok(());
    }
    let only = Only::read(&["X1", "X2", "X3", "X4", "X5"])?;
    table::print_heading();
    if args().any(|argument| argument == "--smoke") {
        let senders = Senders::own()?;
        let run = senders.run(Sender::OwnOtlp, Some(NEAR), FEW)?.context("this crate sends")?;
        table::print(&[Line::new("X1", "requests for 1,000 spans", run.requests * 1_000.0, 10.0)]);
        return Ok(());
    }
    if only.wants("X1") || only.wants("X2") {
        let senders = Senders::with_otlp(SCRATCH)?.with_fastrace(fastrace());
        compare(&only, &senders, MANY, "256 B + 256 B")?;
        compare(&only, &senders.with_texts_of(4_096), LARGE, "4 KiB + 4 KiB")?;
    }
    if only.wants("X3") {
        let mut shares: Vec<_> = (0..ROUNDS).map(|_| Ok(caller(3)? / caller(1)?)).collect::<Result<_>>()?;
        shares.sort_by(f64::total_cmp);
        let share = shares[ROUNDS / 2];
        table::print(&[Line::new(
            "X3",
            "caller's CPU with three exporters, in multiples of one",
            share,
            1.02,
        )]);
    }
    if only.wants("X4") {
        table::print(&[dead::memory()?]);
    }
    if only.wants("X5") {
        table::print(&clean_build::lines()?);
    }
    Ok(())
}

/// Prints the costs of a span beside those of the others. A sender that loses spans is not compared.
fn compare(only: &Only, senders: &Senders, spans: u32, size: &str) -> Result<()> {
    for (manner, what, factor, goal) in [(NEAR, "0 ms", 2.0, 4.0), (FAR, "50 ms", 4.0, 10.0)] {
        let (ours, theirs) =
            (middle(senders, Sender::OwnOtlp, manner, spans)?, middle(senders, Sender::Otlp, manner, spans)?);
        let fastrace = middle(senders, Sender::Fastrace, manner, spans)
            .inspect_err(|why| {
                only.print(&[Line::skipped("X2", "fastrace-opentelemetry", why.to_string())]);
            })
            .ok();
        let beside = |line: Line, of: fn(&Run) -> f64| match &fastrace {
            Some(run) => line.other("fastrace-opentelemetry", of(run)),
            None => line,
        };
        if manner.latency.is_zero() {
            let line =
                Line::new("X1", format!("CPU, all threads, µs a span, {size}"), ours.cpu, 0.5 * theirs.cpu);
            let line = line.goal(0.3 * theirs.cpu).other("opentelemetry-otlp", theirs.cpu);
            only.print(&[beside(line, |run| run.cpu)]);
        }
        let line = Line::new("X2", format!("µs a span, {what}, {size}"), ours.each, theirs.each / factor);
        let line = line.goal(theirs.each / goal).other("opentelemetry-otlp", theirs.each);
        only.print(&[beside(line, |run| run.each)]);
    }
    Ok(())
}

/// Builds fastrace with its reporter, or returns the reason why not: it needs a newer compiler than this crate does.
fn fastrace() -> Installed {
    let manifest = format!(
        "[dependencies]\n\
         fastrace = {{ version = \"0.7.19\", features = [\"enable\"] }}\n\
         fastrace-opentelemetry = \"0.19\"\n\
         opentelemetry = \"0.33\"\n\
         opentelemetry-otlp = {{ version = \"0.33\", default-features = false, features = [\"http-proto\", \"reqwest-blocking-client\", \"trace\"] }}\n\
         opentelemetry_sdk = \"0.33\"\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_json = \"1\"\n\n\
         [[bin]]\n\
         name = \"fastrace-otlp\"\n\
         path = \"{ROOT}/benches/exporters/fastrace.rs\"\n"
    );
    let package = Package { name: "fastrace-otlp", manifest, library: None };
    let build = || {
        let workspace = Workspace::new(SCRATCH, "fastrace_otlp", std::slice::from_ref(&package))?;
        workspace.cargo(&["build", "--release"], package.name)?;
        anyhow::Ok(workspace.binary(package.name).display().to_string())
    };
    build().map_err(|error| error.to_string())
}

/// Returns the median run, by its processor time.
fn middle(senders: &Senders, sender: Sender, manner: Manner, spans: u32) -> Result<Run> {
    let run = |_| senders.run(sender, Some(manner), spans)?.context("it is built");
    let mut runs: Vec<_> = (0..ROUNDS).map(run).collect::<Result<_>>()?;
    runs.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
    Ok(runs[ROUNDS / 2])
}

/// Returns the calling thread's processor time of a span, in nanoseconds, with `count` exporters.
fn caller(exporters: usize) -> Result<f64> {
    let names = ["first", "second", "third"];
    let stubs: Vec<_> = (0..exporters).map(|_| Stub::start(NEAR)).collect::<Result<_>>()?;
    let builder = stubs.iter().zip(names).fold(Client::builder(), |builder, (stub, name)| {
        builder.otlp(otlp::collector().name(name).endpoint(format!("{}/v1/traces", stub.url())))
    });
    let client = builder.build()?;
    let text = work::text();
    let cpu = client.register("bench").in_scope(|| {
        own::call(&text);
        let begin = thread_time();
        (0..MANY).for_each(|_| own::call(&text));
        thread_time() - begin
    });
    drop(client.shutdown(Duration::from_secs(60)));
    Ok(cpu / f64::from(MANY))
}

/// Returns the processor time of this thread, in nanoseconds.
fn thread_time() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
}
