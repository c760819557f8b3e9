//! F02: a server that is never up, and a hundred thousand spans for it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use prefactor::{Client, DropReason};
use prefactor_local::Server;
use prefactor_tests::nobody::Nobody;

use crate::child::many;
use crate::support::Program;

const DEADLINE: Duration = Duration::from_millis(500);
/// The time in which the client retries.
const OUTAGE: Duration = Duration::from_secs(3);
const SPANS: u64 = 100_000;

/// Prints the processor time of the outage, in microseconds.
pub(crate) fn program() -> ExitCode {
    let prefactor = Client::builder().max_queue_operations(10_000).install().unwrap();
    many(SPANS);
    let used = processor_time();
    assert!(!prefactor.flush(OUTAGE).is_complete);
    let (used, begin) = (processor_time().saturating_sub(used), Instant::now());
    let stats = prefactor.shutdown(DEADLINE).stats;
    assert!(begin.elapsed() >= DEADLINE, "it tries to the last");
    let [full, late] =
        [DropReason::QueueFull, DropReason::ShutdownDeadline].map(|reason| stats.dropped(reason));
    assert_eq!((stats.created, full + late, stats.requests <= 20), (SPANS, SPANS, true), "{stats}");
    println!("{}", used.as_micros());
    ExitCode::SUCCESS
}

/// Returns the processor time of all threads.
fn processor_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().map_while(Result::ok);
    let times = threads.map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    });
    Duration::from_nanos(times.sum())
}

pub(crate) fn f02_never_up() {
    let nobody = Nobody::new();
    let server = Server::start().unwrap();
    let ended = Program::start_with("outage:", server, &nobody.url()).end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    for line in ["out of reach", "the queue is full", "shut down with losses"] {
        assert_eq!(ended.errors.matches(line).count(), 1, "{}", ended.errors);
    }
    assert_eq!(ended.errors.lines().count(), 3, "{}", ended.errors);
    assert_eq!(
        ended.errors.lines().filter(|line| line.contains("max_queue_bytes")).count(),
        2,
        "{}",
        ended.errors
    );
    let used = Duration::from_micros(ended.output.trim().parse().unwrap());
    assert!(used < OUTAGE / 50, "{used:?} of work while there was nothing to do");
}
