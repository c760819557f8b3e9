//! The time that a span takes its caller with a server that is near, far away, or dead. The three clients take turns in
//! one process.
//!
//! A slow moment of the machine then affects all three, and they differ in their server alone.

use std::env::{args, current_exe};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prefactor::Client;

use prefactor_benches::senders::NOWHERE;
use prefactor_benches::senders::prefactor as own;
use prefactor_benches::stub::{Manner, Stub};
use prefactor_benches::work;

/// The first argument of the execution that does the work.
const CHILD: &str = "--caller-latency";
/// Spans of one round.
const SPANS: usize = 1_000;
/// Spans of each client, which fit into a queue whose server is dead.
const ROUNDS: usize = 1_000;
/// The pause between rounds, so short that requests to the far server are always under way.
const PAUSE: Duration = Duration::from_millis(5);
/// Executions; their mean is the result.
const EXECUTIONS: u32 = 6;
const DEADLINE: Duration = Duration::from_secs(30);

/// The times of a span with one of the servers, in microseconds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Latency {
    pub(crate) middle: f64,
    pub(crate) tail: f64,
}

/// Measures with servers of those behaviours, in their order, and at last without one.
pub(crate) fn measure(manners: &[Manner]) -> Result<Vec<Latency>> {
    let mut mean = vec![Latency::default(); manners.len() + 1];
    for _ in 0..EXECUTIONS {
        for (mean, latency) in mean.iter_mut().zip(execute(manners)?) {
            mean.middle += latency.middle / f64::from(EXECUTIONS);
            mean.tail += latency.tail / f64::from(EXECUTIONS);
        }
    }
    Ok(mean)
}

fn execute(manners: &[Manner]) -> Result<Vec<Latency>> {
    let servers = manners.iter().map(|manner| Stub::start(*manner)).collect::<Result<Vec<_>>>()?;
    let urls = servers.iter().map(Stub::url).chain([NOWHERE]);
    let output = Command::new(current_exe()?).arg(CHILD).args(urls).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let numbers = String::from_utf8(output.stdout)?;
    let numbers = numbers.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    ensure!(numbers.len() == 2 * (manners.len() + 1), "there are two numbers of each");
    for server in &servers {
        let (spans, ended) = ((SPANS * ROUNDS) as u64, server.counts().ended);
        ensure!(ended >= spans, "{ended} of {spans} spans have arrived");
    }
    Ok(numbers.chunks_exact(2).map(|pair| Latency { middle: pair[0], tail: pair[1] }).collect())
}

/// Does the work, if the arguments ask for it, and returns whether they did.
#[expect(clippy::print_stdout, reason = "the parent process reads standard output")]
pub(crate) fn answer() -> Result<bool> {
    let mut urls = args().skip_while(|argument| argument != CHILD);
    if urls.next().is_none() {
        return Ok(false);
    }
    let clients = urls.map(|url| {
        let client = own::builder(&url).build().with_context(|| url.clone())?;
        anyhow::Ok((client, url == NOWHERE, Vec::new(), Vec::new()))
    });
    let mut clients = clients.collect::<Result<Vec<_>>>()?;
    let text = work::text();
    for first in 0..ROUNDS {
        for place in 0..clients.len() {
            let place = (first + place) % clients.len();
            let (client, _, middles, tails) = &mut clients[place];
            let latency = round(client, &text);
            middles.push(latency[latency.len() / 2]);
            tails.push(latency[latency.len() * 99 / 100]);
            std::thread::sleep(PAUSE);
        }
    }
    for (client, is_dead, middles, tails) in clients {
        let stats = client.stats();
        ensure!(stats.dropped_total() == 0, "a span that is dropped costs less: {stats}");
        drop(client.shutdown(if is_dead { Duration::ZERO } else { DEADLINE }));
        let [middle, tail] = [middles, tails].map(typical);
        println!("{middle} {tail}");
    }
    Ok(true)
}

/// Returns the times of the spans of one round, the shortest first.
fn round(client: &Client, text: &str) -> Vec<Duration> {
    let mut latency = Vec::with_capacity(SPANS);
    client.default_instance().in_scope(|| {
        for _ in 0..SPANS {
            let called = Instant::now();
            own::call(text);
            latency.push(called.elapsed());
        }
    });
    latency.sort_unstable();
    latency
}

/// Returns the mean of the middle half, in microseconds. The machine is fast and slow by turns, and a median would be
/// one of the two.
fn typical(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let middle = &times[times.len() / 4..times.len() * 3 / 4];
    let count = u32::try_from(middle.len()).unwrap_or(u32::MAX);
    (middle.iter().sum::<Duration>() / count).as_secs_f64() * 1e6
}
