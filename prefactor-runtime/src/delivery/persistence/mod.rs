//! The worker's side of the spool. Operations are on disk before the core gets them, and what happens to a call is noted
//! before it is sent. The core also gets what ended processes have left behind.

mod adopting;
mod staging;
mod syncing;

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use tokio::time::timeout_at;

use self::adopting::{Adopting, own_notes};
use self::staging::Staging;
use self::syncing::Syncing;
use crate::delivery::core::machine::Core;
use crate::delivery::queue::shards::Reply;
use crate::operation::Operation;
use crate::redaction::Redaction;
use crate::spool::takeover::Found;
use crate::spool::writer::Writer;
use crate::types::stats::{Counters, FlushReport, Stats};
use crate::types::status::InstanceStatus;

/// The spool, if the client has one.
pub(super) struct Persistence(Option<Box<Spool>>);

struct Spool {
    writer: Writer,
    staging: Staging,
    syncing: Syncing,
    adopting: Adopting,
    counters: Arc<Counters>,
}

/// The task of the spool that has ended.
pub(super) enum Ended {
    Sync(bool),
    Search(Option<Box<Found>>),
}

impl Persistence {
    pub(super) fn new(writer: Option<Writer>, redaction: Redaction, counters: Arc<Counters>) -> Self {
        let now = Instant::now();
        Self(writer.map(|writer| {
            Box::new(Spool {
                writer,
                staging: Staging::new(redaction, Arc::clone(&counters)),
                syncing: Syncing::new(Arc::clone(&counters), now),
                adopting: Adopting::new(now),
                counters,
            })
        }))
    }

    pub(super) fn begin(&self, core: &mut Core) {
        if self.0.is_some() {
            core.record();
        }
    }

    /// Takes an operation of a caller on.
    pub(super) fn take(&mut self, mut operation: Operation, weight: usize, core: &mut Core) {
        core.complete(&mut operation);
        let Some(spool) = self.0.as_mut().filter(|_| !core.is_closed()) else {
            return core.queued_operation(operation, weight, None);
        };
        let is_register = matches!(operation, Operation::Register(_));
        if spool.writer.wants_segment() {
            // A segment begins with the open operations that the core knows, so the core gets the staged ones first.
            spool.commit(core);
        }
        spool.staging.push(operation, weight, &mut spool.writer, core);
        if is_register {
            // The core completes the run's spans from its registration, so it gets the registration first.
            spool.commit(core);
        }
    }

    /// Writes what was taken on, and gives it to the core.
    pub(super) fn commit(&mut self, core: &mut Core) {
        if let Some(spool) = &mut self.0 {
            spool.commit(core);
        }
    }

    /// Replies to a flush when what came before is on disk. Gives the reply back where it is not, so that it waits for delivery.
    pub(super) fn flush(&mut self, deadline: Instant, reply: Reply, core: &mut Core) -> Option<Reply> {
        let Some(spool) = self.0.as_mut().filter(|_| core.is_recorded()) else { return Some(reply) };
        spool.syncing.flush(deadline, reply, &mut spool.writer);
        None
    }

    /// Writes what a shutdown does to what is open, and tells the core.
    pub(super) fn close(&mut self, deadline: Instant, status: InstanceStatus, core: &mut Core) {
        let Some(spool) = self.0.as_mut().filter(|_| !core.is_closed()) else { return };
        spool.adopting.close();
        let staged: Vec<_> = core
            .closing_operations(status)
            .into_iter()
            .map(|mut operation| {
                let record = spool.staging.stage(&mut operation, &mut spool.writer, core);
                (operation, record)
            })
            .collect();
        let is_written = spool.writer.commit(Instant::now()) && spool.syncing.batch(&mut spool.writer);
        for (operation, record) in staged {
            core.own_operation(operation, record.filter(|_| is_written));
        }
        spool.syncing.close(deadline, &mut spool.writer);
    }

    /// Notes what the core has done, before it is sent.
    pub(super) fn note(&mut self, core: &mut Core) {
        if let Some(spool) = &mut self.0 {
            spool.note(core);
        }
    }

    /// Does the work that is due by the clock: syncs, and journals of ended processes. `true` if more can be done at once.
    pub(super) fn advance(&mut self, core: &mut Core, partition: Option<u32>) -> bool {
        let Some(spool) = &mut self.0 else { return false };
        let now = Instant::now();
        spool.syncing.expire(now);
        spool.syncing.begin_if_due(&mut spool.writer, now);
        spool.adopting.advance(core, &spool.writer, partition, now)
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        let spool = self.0.as_ref()?;
        spool.syncing.wake_at(&spool.writer).into_iter().chain(spool.adopting.wake_at()).min()
    }

    /// Waits for a sync or a search to end. Dropping the future loses nothing.
    pub(super) async fn ended(&mut self) -> Ended {
        let Some(spool) = &mut self.0 else { return pending().await };
        let Spool { syncing, adopting, .. } = &mut **spool;
        tokio::select! {
            is_synced = syncing.ended() => Ended::Sync(is_synced),
            found = adopting.ended() => Ended::Search(found.map(Box::new)),
        }
    }

    pub(super) fn on_ended(&mut self, ended: Ended) {
        let Some(spool) = &mut self.0 else { return };
        match ended {
            Ended::Sync(is_synced) => spool.syncing.on_ended(is_synced, &mut spool.writer),
            Ended::Search(found) => spool.adopting.on_ended(found.map(|found| *found), &spool.counters),
        }
    }

    /// After a panic of the worker: its runtime is gone, with what ran there.
    pub(super) fn recover(&mut self, core: &mut Core) {
        let Some(spool) = &mut self.0 else { return };
        spool.syncing.recover();
        spool.adopting.recover();
        spool.commit(core);
    }

    /// Waits until what the shutdown leaves is synced, if it is to be, at most until the deadline. A disk that hangs is waited for no
    /// longer, and none where nothing is left.
    pub(super) async fn last_sync(&mut self) {
        while let Some(deadline) = self.0.as_ref().and_then(|spool| spool.waits_until()) {
            if let Some(spool) = &mut self.0 {
                spool.syncing.begin_last(&mut spool.writer);
            }
            match timeout_at(deadline.into(), self.ended()).await {
                Ok(ended) => self.on_ended(ended),
                Err(_) => return,
            }
        }
    }

    /// Says of the report of a shutdown that left spans on disk whether they are as safe as was asked for.
    pub(super) fn complete(&self, report: &mut FlushReport) {
        let is_left = is_left(&report.stats);
        let is_safe = || self.0.as_ref().is_none_or(|spool| spool.syncing.is_closed_safely());
        report.is_complete &= !is_left || is_safe();
    }

    /// The end: what is settled is deleted, what is not stays for another process.
    pub(super) fn end(&mut self, core: &mut Core) {
        let Some(spool) = &mut self.0 else { return };
        spool.note(core);
        spool.syncing.end();
        spool.writer.close();
        spool.adopting.end();
    }
}

impl Spool {
    /// Until when the shutdown waits for a sync of what it leaves.
    fn waits_until(&self) -> Option<Instant> {
        self.syncing.shutdown_waits_until().filter(|_| is_left(&self.counters.snapshot()))
    }

    fn commit(&mut self, core: &mut Core) {
        if self.staging.is_empty() {
            return;
        }
        let is_written = self.writer.commit(Instant::now()) && self.syncing.batch(&mut self.writer);
        if self.writer.take_has_snapshots() {
            core.snapshots_are_written();
        }
        self.staging.give(is_written, core);
    }

    fn note(&mut self, core: &mut Core) {
        let (notes, settled) = core.take_notes();
        if notes.is_empty() && settled.is_empty() {
            return;
        }
        self.adopting.note(&notes, &settled);
        self.writer.note(own_notes(&notes, 0));
        for record in settled.iter().filter(|record| record.journal == 0) {
            self.writer.settle(record.number);
        }
        if self.writer.commit(Instant::now()) && !notes.is_empty() {
            self.syncing.batch(&mut self.writer);
        }
    }
}

/// Whether anything is not delivered.
fn is_left(stats: &Stats) -> bool {
    stats.outstanding + stats.runs.outstanding > 0
}
