//! Rows F46 and F49b on real file systems: one that is full, and one that is read-only.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use prefactor::{Fsync, SpoolOptions};
use prefactor_local::oracle::{Fault, Rule};
use prefactor_tests::invariants::assert_invariants;
use tempfile::TempDir;

use crate::child::{TIMEOUT, builder, client, leave, server, wait_until};

/// A file system in memory, which is unmounted on drop.
struct FileSystem(TempDir);

impl FileSystem {
    /// Mounts one; `None` where this user cannot.
    #[expect(clippy::print_stderr, reason = "a skipped test prints its reason")]
    fn mount(options: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        if mount(directory.path(), options) {
            return Some(Self(directory));
        }
        eprintln!("skipped: this user cannot mount a file system");
        None
    }

    fn change(&self, options: &str) {
        assert!(mount(self.0.path(), &format!("remount,{options}")));
    }
}

impl Drop for FileSystem {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

fn mount(directory: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(directory).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

#[test]
fn f46_disk_that_is_full_keeps_spans_in_memory_and_is_used_again_when_there_is_room() {
    let Some(disk) = FileSystem::mount("size=128k") else { return };
    let (oracle, server) = server();
    oracle.inject(Rule::new(Fault::status(503)));
    let client = client(&server, disk.0.path());
    let run = client.register("spooler");
    let text = "x".repeat(4_000);
    for count in 1..=100 {
        run.span("test:one").complete(&text);
        wait_until("the span to be taken on", || client.stats().spooled + client.stats().unspooled == count);
    }
    let full = client.stats();
    assert!(full.spooled > 0 && full.unspooled > 0, "{full:?}");
    disk.change("size=64m");
    let mut spans = 100;
    wait_until("the disk to be used again", || {
        run.span("test:one").complete(&text);
        spans += 1;
        client.stats().spooled > full.spooled
    });
    oracle.heal();
    drop(run);
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report:?}");
    assert_eq!((report.stats.created, report.stats.acknowledged), (spans, spans), "{report:?}");
    assert_eq!(assert_invariants(&report.stats, &oracle.ledger()).finished as u64, spans);
    assert_eq!((report.stats.runs.finished, report.stats.runs.outstanding), (1, 0), "{report:?}");
}

#[test]
fn f49b_directory_that_cannot_be_written_costs_no_span_and_is_used_once_it_can() {
    let Some(disk) = FileSystem::mount("size=1m") else { return };
    disk.change("ro");
    let (oracle, server) = server();
    let client = client(&server, disk.0.path());
    let run = client.register("spooler");
    (0..50).for_each(|number| run.span("test:one").complete(&number));
    wait_until("the spans to be delivered", || client.stats().acknowledged == 50);
    assert_eq!((client.stats().spooled, client.stats().unspooled), (0, 50));
    disk.change("rw");
    let mut spans = 50;
    wait_until("the directory to be used", || {
        run.span("test:one").complete(&1);
        spans += 1;
        client.stats().spooled > 0
    });
    drop(run);
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report:?}");
    assert_eq!(assert_invariants(&report.stats, &oracle.ledger()).finished as u64, spans);
    assert_eq!((report.stats.runs.finished, report.stats.runs.outstanding), (1, 0), "{report:?}");
}

#[test]
fn spool_with_a_small_bound_has_room_for_spans_once_others_are_delivered() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let options = SpoolOptions::new(spool.path()).max_bytes(6 << 20);
    let client = builder(server.url(), server.token(), spool.path()).spool(options).build().unwrap();
    let run = client.register("spooler");
    let text = "x".repeat(8_000);
    for round in 1..=20 {
        (0..125).for_each(|_| run.span("test:one").complete(&text));
        wait_until("the spans to be delivered", || client.stats().acknowledged == 125 * round);
    }
    drop(run);
    let report = client.shutdown(TIMEOUT);
    assert_eq!((report.stats.spooled, report.stats.unspooled), (2_500, 0), "{report:?}");
    assert_eq!(assert_invariants(&report.stats, &oracle.ledger()).finished, 2_500);
}

#[test]
fn policies_differ_in_how_often_the_disk_is_synced() {
    let syncs = |fsync: Fsync| {
        let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
        oracle.inject(Rule::new(Fault::status(503)));
        let options = SpoolOptions::new(spool.path()).fsync(fsync);
        let client = builder(server.url(), server.token(), spool.path()).spool(options).build().unwrap();
        let run = client.register("spooler");
        for batch in 1..=10 {
            run.span("test:one").complete(&batch);
            wait_until("the span to be written", || client.stats().spooled == batch);
        }
        let before = client.stats().spool_syncs;
        assert!(client.flush(TIMEOUT).is_complete);
        let stats = client.stats();
        leave(&client);
        (before, stats.spool_syncs)
    };
    let (each, _) = syncs(Fsync::EveryBatch);
    assert!(each >= 10, "{each}");
    assert_eq!(syncs(Fsync::Every(Duration::from_secs(3_600))), (0, 1));
    assert_eq!(syncs(Fsync::Never), (0, 0));
}
