//! Memory while one exporter is dead and another delivers all, in a process of its own for the sake of its peak.

use std::env::{args, current_exe};
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use prefactor::Client;
use prefactor::export::otlp;
use prefactor_benches::table::Line;

use crate::NEAR;
use prefactor_benches::senders::{NOWHERE, prefactor as own};
use prefactor_benches::stub::Stub;
use prefactor_benches::work;

/// The first argument of such an execution.
const CHILD: &str = "--dead";
const SPANS: u64 = 100_000;
const MAX_BYTES: u32 = 16 << 20;

/// Runs as the process with the dead exporter, if the arguments ask for it, and returns whether it did.
#[expect(clippy::print_stdout, reason = "the parent process reads standard output")]
pub(crate) fn answer() -> Result<bool> {
    let mut arguments = args().skip_while(|argument| argument != CHILD).skip(1);
    let (Some(url), Some(spans)) = (arguments.next(), arguments.next()) else { return Ok(false) };
    let spans: u64 = spans.parse()?;
    let exporter =
        |name: &'static str, url: &str| otlp::collector().name(name).endpoint(format!("{url}/v1/traces"));
    let client = Client::builder()
        .max_queue_bytes(MAX_BYTES as usize)
        .otlp(exporter("alive", &url))
        .otlp(exporter("dead", NOWHERE))
        .build()?;
    let text = work::text();
    let acknowledged = || client.processor_stats().remove(0).1.acknowledged;
    let before = peak()?;
    client.register("bench").in_scope(|| {
        for made in 1..=spans {
            own::call(&text);
            // Waiting for the live exporter keeps its queue from filling: only the dead one's fills.
            while made % 1_000 == 0 && acknowledged() + 2_000 < made {
                std::thread::yield_now();
            }
        }
    });
    let _ = client.flush(Duration::from_secs(5));
    while acknowledged() < spans {
        std::thread::yield_now();
    }
    println!("{}", peak()? - before);
    drop(client.shutdown(Duration::ZERO));
    Ok(true)
}

/// Returns the peak memory of the process in bytes.
fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1_024.0)
}

/// Returns the peak in multiples of the queue's bound.
pub(crate) fn memory() -> Result<Line> {
    let stub = Stub::start(NEAR)?;
    let output = Command::new(current_exe()?).args([CHILD, stub.url(), &SPANS.to_string()]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    ensure!(stub.counts().ended >= SPANS, "the one that lives has {:?}", stub.counts());
    let bytes: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(Line::new("X4", "memory, one exporter dead, × max_queue_bytes", bytes / f64::from(MAX_BYTES), 2.0))
}
