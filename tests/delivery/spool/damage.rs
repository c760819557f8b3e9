//! Rows F46, F47 and F49b: a disk that is full or not there, and files that are damaged.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use prefactor::{Client, SpoolOptions};
use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Oracle, Rule};
use prefactor_tests::invariants::{assert_conserved, assert_invariants};

use crate::child::{TIMEOUT, builder, client, end, files, leave, server, wait_for_finished, wait_until};

/// A client that could not deliver its twenty spans before its shutdown.
fn left_behind(oracle: &Oracle, server: &Server, spool: &Path) {
    oracle.inject(Rule::new(Fault::status(503)));
    let client = client(server, spool);
    let run = client.register("spooler");
    (0..20).for_each(|number| run.span("test:one").complete(&number));
    leave(&client);
    oracle.heal();
}

fn delivers(client: &Client, count: u64) {
    let run = client.register("spooler");
    (0..count).for_each(|number| run.span("test:one").complete(&number));
    drop(run);
    let stats = client.shutdown(TIMEOUT).stats;
    assert_eq!((stats.created, stats.acknowledged, stats.runs.finished), (count, count, 1), "{stats:?}");
}

/// Delivers five hundred spans, whatever the disk does.
#[test]
#[ignore = "a program under test"]
fn limited() {
    let [Ok(url), Ok(token), Ok(spool)] = ["SPOOL_URL", "SPOOL_TOKEN", "SPOOL_DIR"].map(env::var) else {
        return;
    };
    let client = builder(&url, &token, Path::new(&spool)).build().unwrap();
    let run = client.register("spooler");
    (0..500).for_each(|number| run.span("test:one").complete(&number));
    drop(run);
    let stats = client.shutdown(TIMEOUT).stats;
    assert_eq!((stats.created, stats.acknowledged, stats.runs.finished), (500, 500, 1), "{stats:?}");
    assert_conserved(&stats);
    assert_eq!(stats.spooled + stats.unspooled, 500, "{stats:?}");
    assert!(stats.unspooled > 0, "{stats:?}");
}

#[cfg(unix)]
#[test]
fn f46_disk_that_is_full_costs_no_span_and_is_counted() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    // Files of at most 8 KiB; the signal for larger ones is ignored, so a write fails as on a full disk.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "damage::limited", "--ignored"])
        .env("SPOOL_URL", server.url())
        .env("SPOOL_TOKEN", server.token())
        .env("SPOOL_DIR", spool.path())
        .output()
        .unwrap();
    // The output goes to a pipe, because the limit would hold for a file.
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(oracle.ledger().check().unwrap().finished, 500);
}

#[test]
fn f46_spool_that_has_reached_its_bound_keeps_new_spans_in_memory_and_counts_them() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let options = SpoolOptions::new(spool.path()).max_bytes(1);
    let client = builder(server.url(), server.token(), spool.path()).spool(options).build().unwrap();
    delivers(&client, 100);
    assert!(client.stats().unspooled > 0, "{:?}", client.stats());
    assert_eq!(assert_invariants(&client.stats(), &oracle.ledger()).finished, 100);
}

#[test]
fn f47_journal_with_a_damaged_record_is_delivered_but_for_that_and_set_aside() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    left_behind(&oracle, &server, spool.path());
    let segment = files(spool.path()).into_iter().find(|file| file.ends_with(".segment")).unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let at = bytes.windows(8).rposition(|window| window == b"test:one").unwrap();
    bytes[at] ^= 1;
    fs::write(&segment, bytes).unwrap();

    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    wait_until("the journal to be set aside", || {
        files(spool.path()).iter().all(|file| file.ends_with(".damaged")) && !files(spool.path()).is_empty()
    });
    assert!(next.stats().spool_damaged > 0);
    assert_eq!(end(&next, &oracle).spans, 19);
    assert_invariants(&next.stats(), &oracle.ledger());
}

#[test]
fn f47_journal_of_another_version_is_set_aside_under_a_name_that_says_so() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    left_behind(&oracle, &server, spool.path());
    let segment = files(spool.path()).into_iter().find(|file| file.ends_with(".segment")).unwrap();
    let mut head = b"PFSPOOL\n\x09\x00\x00\x00\x00\x00\x00\x00".to_vec();
    head.extend(crc32(&head).to_le_bytes());
    fs::write(&segment, head).unwrap();
    let next = client(&server, spool.path());
    wait_until("the file to be set aside", || {
        files(spool.path()).iter().any(|file| file.ends_with(".version-9"))
    });
    end(&next, &oracle);
}

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

#[test]
fn f49b_path_that_is_no_directory_costs_no_span() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let path = spool.path().join("file");
    fs::write(&path, "not a directory").unwrap();
    let client = client(&server, &path);
    delivers(&client, 50);
    assert_eq!(client.stats().unspooled, 50);
    assert_eq!(assert_invariants(&client.stats(), &oracle.ledger()).finished, 50);
}

#[test]
fn f49b_directory_that_is_removed_while_the_program_runs_is_made_again() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let path = spool.path().join("spool");
    let client = client(&server, &path);
    let run = client.register("spooler");
    run.span("test:one").complete(&1);
    assert!(client.flush(TIMEOUT).is_complete);
    fs::remove_dir_all(&path).unwrap();
    let mut spans = 1;
    wait_until("the directory to be made again", || {
        run.span("test:one").complete(&1);
        spans += 1;
        path.exists()
    });
    drop(run);
    let report = client.shutdown(TIMEOUT);
    assert_eq!(report.stats.acknowledged, spans, "{report:?}");
    assert_eq!(assert_invariants(&report.stats, &oracle.ledger()).finished as u64, spans);
}

#[test]
fn f49b_journal_that_ends_every_process_which_takes_it_over_is_set_aside() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    left_behind(&oracle, &server, spool.path());
    let segment = files(spool.path()).into_iter().find(|file| file.ends_with(".segment")).unwrap();
    fs::write(Path::new(&segment).with_file_name("attempts"), "5\n").unwrap();
    let next = client(&server, spool.path());
    wait_until("the journal to be set aside", || {
        files(spool.path()).iter().any(|file| file.ends_with(".ends-processes"))
    });
    wait_until("the journal to be counted", || next.stats().spool_damaged == 1);
    end(&next, &oracle);
    assert_eq!((next.stats().created, next.stats().runs.created), (0, 0), "{:?}", next.stats());
}

#[test]
fn f49b_journal_is_delivered_though_clients_were_shut_down_while_they_read_it() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let first = client(&server, spool.path());
    let run = first.register("spooler");
    let text = "x".repeat(1_000);
    (0..2_000).for_each(|_| run.span("test:one").complete(&text));
    assert!(first.flush(TIMEOUT).is_complete);
    drop(first.shutdown(Duration::from_millis(50)));
    wait_until("the spans to be left on disk", || first.stats().kept == 2_000);
    drop((run, first));
    for _ in 0..10 {
        assert!(client(&server, spool.path()).shutdown(TIMEOUT).is_complete);
    }
    oracle.heal();
    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    assert_eq!(end(&next, &oracle).spans, 2_000);
    assert_eq!(next.stats().spool_damaged, 0, "{:?}", next.stats());
}
