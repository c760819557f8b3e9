//! The real thread with a spool: when what is written is synced, on a disk that works and on one that hangs.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::worker::{Rig, TIMEOUT, ToModel};
use crate::config::spool::{Fsync, SpoolOptions};
use crate::delivery::queue::shards::Reply;
use crate::spool::owner::Owner;
use crate::spool::writer::Writer;
use crate::transport::{Request, SendFuture, Transport};
use crate::types::stats::{Counters, FlushReport, Stats};
use crate::types::status::InstanceStatus;

const HOUR: Duration = Duration::from_secs(3_600);

/// Never answers.
struct Away;

impl Transport for Away {
    fn send(&self, _: Request) -> SendFuture<'_> {
        Box::pin(std::future::pending())
    }
}

/// A worker with a spool, and the disk: whoever locks that has it hang at its syncs.
struct Spooling {
    rig: Rig,
    disk: Arc<Mutex<()>>,
    _directory: TempDir,
}

impl Spooling {
    fn new(fsync: Fsync, transport: impl FnOnce(Arc<Counters>) -> Arc<dyn Transport>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = SpoolOptions::new(directory.path().join("spool")).fsync(fsync);
        let writer = Writer::new(options, Owner::default());
        let disk = Arc::clone(&writer.disk);
        Self { rig: Rig::spooling(writer, transport), disk, _directory: directory }
    }

    fn away(fsync: Fsync) -> Self {
        Self::new(fsync, |_| Arc::new(Away))
    }

    fn stats(&self) -> Stats {
        self.rig.counters.snapshot()
    }

    fn wait_until(&self, what: &str, condition: impl Fn(&Stats) -> bool) {
        let begin = Instant::now();
        while !condition(&self.stats()) {
            assert!(begin.elapsed() < TIMEOUT, "waited in vain for {what}: {:?}", self.stats());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn flush(&self, timeout: Duration) -> FlushReport {
        Self::ask(|reply| self.rig.queue.flush(Instant::now() + timeout, reply))
    }

    fn shutdown(&self, timeout: Duration) -> FlushReport {
        Self::ask(|reply| self.rig.queue.shutdown(Instant::now() + timeout, InstanceStatus::Complete, reply))
    }

    fn ask(ask: impl FnOnce(Reply)) -> FlushReport {
        let (reply, report) = mpsc::channel();
        ask(Box::new(move |report| drop(reply.send(report))));
        report.recv_timeout(TIMEOUT).expect("it is answered by its deadline")
    }
}

#[test]
fn shutdown_whose_disk_hangs_at_a_sync_ends_at_its_deadline_and_says_what_is_not_safe() {
    let spooling = Spooling::away(Fsync::default());
    let hanging = spooling.disk.lock().unwrap();
    spooling.rig.spans(10);
    let report = spooling.shutdown(Duration::from_millis(50));
    assert!(!report.is_complete, "written, and not synced: {report:?}");
    assert_eq!(
        (report.stats.kept, report.stats.spooled, report.stats.spool_syncs),
        (10, 10, 0),
        "{report:?}"
    );
    drop(hanging);
}

#[test]
fn shutdown_syncs_what_it_leaves_before_it_returns() {
    let spooling = Spooling::away(Fsync::Every(HOUR));
    spooling.rig.spans(10);
    let report = spooling.shutdown(Duration::from_secs(2));
    assert!(report.is_complete, "{report:?}");
    assert_eq!((report.stats.kept, report.stats.spool_syncs), (10, 1), "{report:?}");
}

#[test]
fn flush_returns_when_what_came_before_is_synced_or_its_deadline_has_come() {
    let spooling = Spooling::away(Fsync::Every(HOUR));
    let hanging = spooling.disk.lock().unwrap();
    spooling.rig.spans(10);
    assert!(!spooling.flush(Duration::from_millis(50)).is_complete);
    assert_eq!((spooling.stats().spooled, spooling.stats().spool_syncs), (10, 0));
    drop(hanging);
    let report = spooling.flush(TIMEOUT);
    assert!(report.is_complete && report.stats.spool_syncs > 0, "{report:?}");
}

/// Notes how often was synced before each request, and never answers.
struct Noting(Arc<Counters>, Mutex<mpsc::Sender<u64>>);

impl Transport for Noting {
    fn send(&self, request: Request) -> SendFuture<'_> {
        if !request.body.is_empty() {
            let _ = self.1.lock().unwrap().send(self.0.snapshot().spool_syncs);
        }
        Box::pin(std::future::pending())
    }
}

#[test]
fn every_batch_is_synced_before_anything_of_it_is_sent() {
    let (sender, syncs) = mpsc::channel();
    let spooling =
        Spooling::new(Fsync::EveryBatch, |counters| Arc::new(Noting(counters, Mutex::new(sender))));
    spooling.rig.spans(10);
    let before_the_first_request = syncs.recv_timeout(TIMEOUT).unwrap();
    assert!(before_the_first_request > 0);
    spooling.wait_until("all to be written", |stats| stats.spooled == 10);
    let before = spooling.stats().spool_syncs;
    assert!(spooling.flush(TIMEOUT).is_complete);
    assert_eq!(spooling.stats().spool_syncs, before, "there is nothing left for the flush to sync");
}

#[test]
fn period_is_kept_without_a_flush_and_beside_the_worker() {
    let spooling = Spooling::new(Fsync::Every(Duration::from_millis(1)), |_| Arc::new(ToModel::default()));
    let hanging = spooling.disk.lock().unwrap();
    spooling.rig.spans(10);
    spooling.wait_until("delivery while the disk hangs", |stats| stats.acknowledged == 10);
    assert_eq!(spooling.stats().spool_syncs, 0);
    drop(hanging);
    spooling.wait_until("the sync", |stats| stats.spool_syncs > 0);
}

#[test]
fn period_of_an_hour_syncs_at_a_flush_alone_and_never_means_never() {
    for (fsync, syncs) in [(Fsync::Every(HOUR), 1), (Fsync::Never, 0)] {
        let spooling = Spooling::new(fsync, |_| Arc::new(Away));
        spooling.rig.spans(10);
        spooling.wait_until("all to be written", |stats| stats.spooled == 10);
        assert_eq!(spooling.stats().spool_syncs, 0, "{fsync:?}");
        assert!(spooling.flush(TIMEOUT).is_complete, "{fsync:?}");
        assert_eq!(spooling.stats().spool_syncs, syncs, "{fsync:?}");
    }
}

#[test]
fn spans_that_were_accepted_while_the_worker_was_held_are_written_in_its_next_round() {
    let spooling = Spooling::away(Fsync::EveryBatch);
    let held = spooling.disk.lock().unwrap();
    spooling.rig.spans(100);
    // The writer waits in its sync, so nothing counts as written yet.
    assert_eq!(spooling.stats().spooled, 0);
    drop(held);
    spooling.wait_until("all to be written", |stats| stats.spooled == 100);
    assert_eq!(spooling.stats().unspooled, 0);
}
