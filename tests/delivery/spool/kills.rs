//! Row F42: the load driver is killed at random moments, against a server that answers, hangs and refuses in turn.
//!
//! `SPOOL_KILLS` is the number of kills, 20 unless set; `SPOOL_SEED` repeats a run that failed, whose files are kept.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Kind, Oracle, Rule};
use prefactor_tests::nested_cargo;

use crate::child::{client, end, files, wait_until};

/// The greatest number of spans in one life, and a few more.
const MAX_SPANS: u64 = 200;
/// The distance between the numbers of one driver and of the next.
const STRIDE: u64 = 1_000_000;

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// xorshift: any moment will do.
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

/// Returns the number of the last span on disk by a line of a driver.
fn written(line: &str) -> Option<u64> {
    line.split(' ').nth(1)?.parse().ok()
}

/// Runs a driver until `spans` of its spans are written, and some milliseconds more, and kills it. Returns the number
/// of the last span that it reported as written or flushed.
fn run_and_kill(driver: &Path, server: &Server, spool: &Path, first: u64, spans: u64, millis: u64) -> u64 {
    let mut child = Command::new(driver)
        .args(["--spans=100000", "--tasks=1", "--depth=3", "--rate=600", "--payload-bytes=200"])
        .arg(format!("--first={first}"))
        .arg("--spool")
        .arg(spool)
        .env("PREFACTOR_API_URL", server.url())
        .env("PREFACTOR_API_TOKEN", server.token())
        .env("PREFACTOR_AGENT_NAME", "spooler")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut output, mut last, mut line) =
        (BufReader::new(child.stdout.take().unwrap()), first - 1, String::new());
    while last + 1 < first + spans {
        assert!(output.read_line(&mut line).unwrap() > 0, "the driver ended by itself");
        last = last.max(written(line.trim_end()).unwrap_or(0));
        line.clear();
    }
    // A kill must be possible at any moment, so the time is random.
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter_map(written).fold(last, u64::max)
}

#[test]
fn f42_spans_that_were_said_to_be_written_are_delivered_once_after_random_kills() {
    let kills = variable("SPOOL_KILLS").unwrap_or(20);
    let now: u64 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
    let seed = variable("SPOOL_SEED").unwrap_or(now) | 1;
    let spool = tempfile::tempdir().unwrap().keep();
    eprintln!("SPOOL_SEED={seed} SPOOL_KILLS={kills}, files in {}", spool.display());
    let (driver, mut random) = (nested_cargo::program("load"), seed);
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let mut written = Vec::new();
    for kill in 0..kills {
        oracle.heal();
        match kill % 3 {
            0 => {}
            1 => oracle.inject(Rule::new(Fault::applied_after(Duration::from_secs(3_600)))),
            _ => oracle.inject(Rule::new(Fault::status(503))),
        }
        let first = kill * STRIDE + 1;
        let (spans, millis) = (next(&mut random) % MAX_SPANS, next(&mut random) % 20);
        let last = run_and_kill(&driver, &server, &spool, first, spans, millis);
        written.push((first, last));
    }
    oracle.heal();

    let last = client(&server, &spool);
    while !files(&spool).is_empty() {
        let requests = oracle.ledger().requests().len();
        let goes_on = || oracle.ledger().requests().len() > requests || files(&spool).is_empty();
        wait_until(&format!("the spool to be emptied, SPOOL_SEED={seed}"), goes_on);
    }
    let ledger = oracle.ledger();
    let tally = ledger.check().unwrap_or_else(|breach| panic!("SPOOL_SEED={seed}: {breach}"));
    assert_eq!(tally.finished, tally.spans, "SPOOL_SEED={seed}: every span has its end");
    let creates = ledger.items().filter(|item| item.kind == Kind::CreateSpan);
    let arrived: BTreeSet<u64> = creates
        .filter_map(|item| {
            let payload: serde_json::Value = serde_json::from_str(&item.field("payload")?).ok()?;
            payload["number"].as_u64()
        })
        .collect();
    let mut promised = 0;
    for (first, last) in written {
        for number in first..=last {
            assert!(
                arrived.contains(&number),
                "SPOOL_SEED={seed}: span {number} of {first}..={last} is lost"
            );
        }
        promised += last + 1 - first;
    }
    let runs = ledger.count(Kind::Register);
    eprintln!(
        "{kills} kills: {promised} spans promised, {} arrived, {runs} runs, {} sent again",
        tally.spans, tally.resent
    );
    assert!(promised > 0);
    end(&last, &oracle);
    std::fs::remove_dir_all(&spool).unwrap();
}
