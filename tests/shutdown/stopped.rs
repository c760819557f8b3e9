//! F44: the process is stopped while a request is under way, and continued.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use prefactor::{Client, DropReason};
use prefactor_local::Server;

use crate::child::{many, ready, wait_to_go};
use crate::support::{Gate, Program, TIMEOUT};

/// A timeout shorter than the stop, as the real one of 10 s is to a laptop's sleep.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(1_500);
const STOPPED_FOR: Duration = Duration::from_secs(2);

pub(crate) fn program() -> ExitCode {
    let client =
        Client::builder().request_timeout(REQUEST_TIMEOUT).shutdown_timeout(TIMEOUT).install().unwrap();
    many(20);
    ready();
    wait_to_go();
    let report = client.shutdown(TIMEOUT);
    let stats = &report.stats;
    let dropped: u64 = DropReason::ALL.into_iter().map(|reason| stats.dropped(reason)).sum();
    println!("{} {} {} {}", stats.acknowledged, dropped + stats.unknown, stats.retries, stats.requests);
    ExitCode::SUCCESS
}

/// Requests of the client that are under way at a time, at most.
const MAX_IN_FLIGHT: u64 = 32;

/// The stop costs one failed try at most. Each other one lasted for a whole time-out while the process ran, which on a fast machine
/// it does for less.
pub(crate) fn f44_stopped_and_continued() {
    let server = Server::start().unwrap();
    let gate = Gate::closed(&server);
    let begin = Instant::now();
    let mut program = Program::start_with("stopped:", server, &gate.url());
    program.ready();
    gate.wait_for_held(2);
    program.stop();
    let ran_before = begin.elapsed();
    std::thread::sleep(STOPPED_FOR);
    gate.open();
    let continued_at = Instant::now();
    program.signal(Signal::SIGCONT);
    program.go();
    let ended = program.end();
    let ran_for = ran_before + continued_at.elapsed();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    ended.stored.assert_numbered("exits:many", 20).assert_instance("complete");
    let counts: Vec<u64> = ended.output.split_whitespace().map(|count| count.parse().unwrap()).collect();
    let [acknowledged, lost, retries, requests] = counts[..] else { panic!("{}", ended.output) };
    assert_eq!((acknowledged, lost), (20, 0));
    let time_outs = u64::try_from(ran_for.as_millis() / REQUEST_TIMEOUT.as_millis()).unwrap();
    assert!(retries <= 1 + time_outs * MAX_IN_FLIGHT, "{retries} tries have failed, {ran_for:?}");
    assert!(requests <= 1 + 3 + 20 + retries, "{requests} requests");
}
