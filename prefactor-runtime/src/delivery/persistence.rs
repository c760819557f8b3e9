//! The worker's side of the spool: operations are on disk before the core has them, what happens to them is noted before it is
//! sent, and the core is given what processes that have ended left behind.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::config::spool::Fsync;
use crate::delivery::core::adoption::AdoptedRun;
use crate::delivery::core::machine::Core;
use crate::delivery::queue::shards::Reply;
use crate::operation::stored::RecordId;
use crate::operation::{InstanceKey, Operation};
use crate::payload::{Redact, WithoutSensitive};
use crate::platform::internal_log::{self, FaultKind};
use crate::redaction::Redaction;
use crate::spool::backlog::{self, Backlog, Found, Item};
use crate::spool::journal;
use crate::spool::writer::Writer;
use crate::types::stats::{Counters, FlushReport};
use crate::types::status::InstanceStatus;

/// How often the directory is searched for journals of processes that have ended.
const SEARCH: Duration = Duration::from_secs(2);
/// How long after the last of a journal is settled the next one is looked for.
const SETTLED: Duration = Duration::from_millis(1);
/// Bytes taken over from other processes at a time.
const MAX_ADOPTED: usize = 4 << 20;
/// Operations taken over between two looks at everything else.
const MAX_ITEMS: usize = 256;

/// The spool, if the client has one.
pub(super) struct Persistence(Option<Box<Spool>>);

struct Spool {
    writer: Writer,
    redaction: Redaction,
    counters: Arc<Counters>,
    /// On their way to disk, and to the core after that.
    staged: VecDeque<(Operation, usize, Option<RecordId>)>,
    syncing: Option<JoinHandle<io::Result<()>>>,
    synced_at: Instant,
    /// Runs that are joined from other processes: what is in them is kept in memory alone.
    joined: HashSet<InstanceKey>,
    /// Flushes that wait for the sync that is under way.
    in_sync: Vec<Waiter>,
    /// Flushes that wait for the next one.
    waiting: Vec<Waiter>,
    adoption: Adoption,
    /// The journals that were taken over so far.
    adopted: u32,
    /// Whether the client is to be shut down: nothing is taken over any more.
    is_closing: bool,
}

struct Waiter {
    deadline: Instant,
    reply: Reply,
}

enum Adoption {
    /// Until the next search.
    Idle(Instant),
    Searching(JoinHandle<io::Result<Found>>),
    /// Its operations are given to the core, some at a time.
    Giving(Box<Backlog>),
    /// All were given.
    Given(Box<Backlog>),
}

/// What ended that the spool waited for.
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
                redaction,
                counters,
                staged: VecDeque::new(),
                syncing: None,
                synced_at: now,
                joined: HashSet::new(),
                in_sync: Vec::new(),
                waiting: Vec::new(),
                adoption: Adoption::Idle(now),
                adopted: 0,
                is_closing: false,
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
            // A segment begins with what the core knows, which is all that was taken on.
            spool.commit(core);
        }
        let (operation, record) = spool.stage(operation, core);
        spool.staged.push_back((operation, weight, record));
        if is_register {
            // What its spans are completed by, the core has to know before they come.
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
        let Some(spool) = &mut self.0 else { return Some(reply) };
        if !core.is_recorded() {
            return Some(reply);
        }
        if matches!(spool.writer.options.fsync, Fsync::Every(_))
            && (spool.writer.is_unsynced() || spool.syncing.is_some())
        {
            spool.waiting.push(Waiter { deadline, reply });
            spool.sync_if_due(Instant::now());
        } else {
            reply(spool.report(true));
        }
        None
    }

    /// Writes what a shutdown does to what is open, and tells the core.
    pub(super) fn close(&mut self, status: InstanceStatus, core: &mut Core) {
        let Some(spool) = self.0.as_mut().filter(|_| !core.is_closed()) else { return };
        spool.is_closing = true;
        let staged: Vec<_> = core
            .closing_operations(status)
            .into_iter()
            .map(|operation| spool.stage(operation, core))
            .collect();
        let is_written = spool.writer.commit(Instant::now());
        for (operation, record) in staged {
            core.own_operation(operation, record.filter(|_| is_written));
        }
    }

    /// Notes what the core has done, before it is sent.
    pub(super) fn note(&mut self, core: &mut Core) {
        if let Some(spool) = &mut self.0 {
            spool.note(core);
        }
    }

    /// What is due by the clock: syncs, and journals of processes that have ended. `true` if there is more to be done at once.
    pub(super) fn advance(&mut self, core: &mut Core, partition: Option<u32>) -> bool {
        let Some(spool) = &mut self.0 else { return false };
        let now = Instant::now();
        spool.expire(now);
        spool.sync_if_due(now);
        spool.adopt(core, partition, now)
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        let spool = self.0.as_ref()?;
        let deadlines = spool.waiting.iter().chain(&spool.in_sync).map(|waiter| waiter.deadline);
        let sync = match spool.writer.options.fsync {
            Fsync::Every(period) if spool.writer.is_unsynced() && spool.syncing.is_none() => {
                spool.synced_at.checked_add(period)
            }
            _ => None,
        };
        let search = match spool.adoption {
            Adoption::Idle(at) if !spool.is_closing => Some(at),
            // The last answer was noted: the journal can go, and the next one come.
            Adoption::Given(ref backlog) if !spool.is_closing && backlog.is_settled() => {
                Some(Instant::now() + SETTLED)
            }
            _ => None,
        };
        deadlines.chain(sync).chain(search).min()
    }

    /// Waits for a sync or a search to end. Dropping the future loses nothing.
    pub(super) async fn ended(&mut self) -> Ended {
        let Some(spool) = &mut self.0 else { return pending().await };
        let Spool { syncing, adoption, .. } = &mut **spool;
        let sync = async {
            match syncing {
                Some(handle) => handle.await.is_ok_and(|result| result.is_ok()),
                None => pending().await,
            }
        };
        let search = async {
            match adoption {
                Adoption::Searching(handle) => handle.await.ok().and_then(Result::ok),
                _ => pending().await,
            }
        };
        tokio::select! {
            is_synced = sync => Ended::Sync(is_synced),
            found = search => Ended::Search(found.map(Box::new)),
        }
    }

    pub(super) fn on_ended(&mut self, ended: Ended) {
        let Some(spool) = &mut self.0 else { return };
        match ended {
            Ended::Sync(is_synced) => spool.synced(is_synced),
            Ended::Search(found) => spool.found(found.map(|found| *found)),
        }
    }

    /// After a panic of the worker: its runtime is gone, with what ran there.
    pub(super) fn recover(&mut self, core: &mut Core) {
        let Some(spool) = &mut self.0 else { return };
        if spool.syncing.take().is_some() {
            spool.waiting.append(&mut spool.in_sync);
        }
        if matches!(spool.adoption, Adoption::Searching(_)) {
            spool.adoption = Adoption::Idle(Instant::now() + SEARCH);
        }
        spool.commit(core);
    }

    /// The end: what is settled is deleted, what is not stays for another process.
    pub(super) fn end(&mut self, core: &mut Core) {
        let Some(spool) = &mut self.0 else { return };
        spool.note(core);
        if !spool.writer.is_empty() && spool.writer.options.fsync != Fsync::Never {
            let _ = journal::sync(&spool.writer.take_unsynced());
        }
        for waiter in spool.in_sync.drain(..).chain(spool.waiting.drain(..)) {
            (waiter.reply)(FlushReport { is_complete: true, stats: spool.counters.snapshot() });
        }
        spool.writer.close();
        let idle = Adoption::Idle(Instant::now());
        if let Adoption::Giving(mut backlog) | Adoption::Given(mut backlog) =
            std::mem::replace(&mut spool.adoption, idle)
        {
            backlog.survived();
            backlog.close();
        }
    }
}

impl Spool {
    /// Renders an operation once and for all, and adds it to what is written next.
    fn stage(&mut self, operation: Operation, core: &Core) -> (Operation, Option<RecordId>) {
        let is_span = operation.is_span();
        let is_new = is_span || matches!(operation, Operation::Note(_));
        match &operation {
            // Its end is the caller's to say, so that no later process may end it.
            Operation::Register(run) if run.is_joined() => drop(self.joined.insert(run.key)),
            Operation::ReleaseInstance { instance, .. } if self.joined.remove(instance) => {
                return (operation, None);
            }
            _ => {}
        }
        let is_ready = !self.joined.contains(&operation.instance())
            && self.writer.is_ready(Instant::now(), || core.snapshots())
            && (!is_new || !self.writer.is_full());
        if !is_ready {
            if is_span {
                self.counters.unspooled();
            }
            return (operation, None);
        }
        if let Operation::Register(run) = &operation {
            let (nonce, body) = core.registration_of(run);
            let record = self.writer.append_registration(run, &nonce, &body);
            return (operation, record);
        }
        let operation = self.rendered(operation);
        let record = self.writer.append(&operation);
        (operation, record)
    }

    fn rendered(&mut self, operation: Operation) -> Operation {
        let redact: &dyn Redact = &self.redaction;
        match operation {
            Operation::StartSpan(mut start) => {
                start.at = start.at.fixed();
                start.payload.render_as_sent(redact);
                if let std::borrow::Cow::Owned(name) = &start.schema_name {
                    start.schema_name = redact.shape(name, false).into_owned().into();
                }
                Operation::StartSpan(start)
            }
            Operation::FinishSpan(mut finish) => {
                finish.at = finish.at.fixed();
                finish.result.render_as_sent(redact);
                Operation::FinishSpan(finish)
            }
            Operation::StartInstance { instance, at } => {
                Operation::StartInstance { instance, at: at.fixed() }
            }
            Operation::FinishInstance { instance, status, at } => {
                Operation::FinishInstance { instance, status, at: at.fixed() }
            }
            Operation::ReleaseInstance { instance, at } => {
                Operation::ReleaseInstance { instance, at: at.fixed() }
            }
            Operation::Note(mut note) => {
                note.at = note.at.fixed();
                note.payload.render_as_sent(&WithoutSensitive(redact));
                let text = note.kind.text_mut();
                *text = redact.shape(text, false).into_owned();
                Operation::Note(note)
            }
            register @ Operation::Register(_) => register,
        }
    }

    fn commit(&mut self, core: &mut Core) {
        if self.staged.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut is_written = self.writer.commit(now);
        if is_written && self.writer.options.fsync == Fsync::EveryBatch {
            is_written = self.sync_now();
        }
        if self.writer.take_has_snapshots() {
            core.snapshots_are_written();
        }
        let mut spans = 0;
        while let Some((operation, weight, record)) = self.staged.pop_front() {
            if record.is_some() && operation.is_span() {
                if is_written {
                    spans += 1;
                } else {
                    self.counters.unspooled();
                }
            }
            let record = record.filter(|_| is_written);
            core.queued_operation(operation, weight, record);
        }
        self.counters.spooled(spans);
    }

    fn note(&mut self, core: &mut Core) {
        let (notes, settled) = core.take_notes();
        if notes.is_empty() && settled.is_empty() {
            return;
        }
        let mut backlog = match &mut self.adoption {
            Adoption::Giving(backlog) | Adoption::Given(backlog) => Some(backlog),
            _ => None,
        };
        let mut has_adopted = false;
        for (of, note) in &notes {
            match &mut backlog {
                _ if *of == 0 => self.writer.note(note),
                Some(backlog) if backlog.number() == *of => {
                    has_adopted = true;
                    backlog::put_mark(backlog.journal(), note);
                }
                _ => {}
            }
        }
        for record in &settled {
            match &mut backlog {
                _ if record.journal == 0 => self.writer.settle(record.number),
                Some(backlog) if backlog.number() == record.journal => {
                    has_adopted = true;
                    backlog.survived();
                    backlog.journal().settle(record.number);
                }
                _ => {}
            }
        }
        if let Some(backlog) = backlog.filter(|_| has_adopted) {
            let _ = backlog.journal().commit();
        }
        let is_written = self.writer.commit(Instant::now());
        if is_written && self.writer.options.fsync == Fsync::EveryBatch && !notes.is_empty() {
            self.sync_now();
        }
    }

    fn sync_now(&mut self) -> bool {
        journal::sync(&self.writer.take_unsynced()).is_ok()
    }

    /// Begins a sync beside the worker, if one is due or waited for.
    fn sync_if_due(&mut self, now: Instant) {
        let Fsync::Every(period) = self.writer.options.fsync else { return };
        let is_due = !self.waiting.is_empty() || now.saturating_duration_since(self.synced_at) >= period;
        let is_needed = self.writer.is_unsynced() || !self.waiting.is_empty();
        if self.syncing.is_some() || !is_due || !is_needed {
            return;
        }
        let files: Vec<Arc<File>> = self.writer.take_unsynced();
        self.in_sync.append(&mut self.waiting);
        self.synced_at = now;
        self.syncing = Some(spawn_blocking(move || journal::sync(&files)));
    }

    fn synced(&mut self, is_synced: bool) {
        self.syncing = None;
        if !is_synced {
            internal_log::log_rate_limited(
                FaultKind::Spool,
                "the spool cannot be synced to its medium: what is written survives the process, but perhaps no power \
                 cut; look at the disk",
            );
        }
        for waiter in std::mem::take(&mut self.in_sync) {
            (waiter.reply)(self.report(is_synced));
        }
        self.sync_if_due(Instant::now());
    }

    fn expire(&mut self, now: Instant) {
        let (in_sync, waiting) = (std::mem::take(&mut self.in_sync), std::mem::take(&mut self.waiting));
        for (from, to) in [(in_sync, true), (waiting, false)] {
            for waiter in from {
                if waiter.deadline <= now {
                    (waiter.reply)(self.report(false));
                } else if to {
                    self.in_sync.push(waiter);
                } else {
                    self.waiting.push(waiter);
                }
            }
        }
    }

    fn report(&self, is_complete: bool) -> FlushReport {
        FlushReport { is_complete, stats: self.counters.snapshot() }
    }

    // Journals of processes that have ended.

    fn adopt(&mut self, core: &mut Core, partition: Option<u32>, now: Instant) -> bool {
        if self.is_closing {
            return false;
        }
        match std::mem::replace(&mut self.adoption, Adoption::Idle(now + SEARCH)) {
            Adoption::Idle(at) if at <= now => {
                self.adopted += 1;
                let (root, owner, number) =
                    (self.writer.options.path.clone(), self.writer.owner.clone(), self.adopted);
                let search = move || Backlog::find(&root, &owner, partition, number);
                self.adoption = Adoption::Searching(spawn_blocking(search));
                false
            }
            Adoption::Giving(mut backlog) => {
                backlog.begin_round();
                let has_more = give(&mut backlog, core);
                let is_at_end = !has_more && core.adopted_bytes() < MAX_ADOPTED;
                if is_at_end {
                    core.adopted_all(backlog.number());
                }
                self.adoption = if is_at_end { Adoption::Given(backlog) } else { Adoption::Giving(backlog) };
                has_more
            }
            Adoption::Given(mut backlog) => {
                backlog.begin_round();
                let is_over = backlog.journal().is_empty() && core.adopted_bytes() == 0;
                if is_over {
                    backlog.close();
                    self.adoption = Adoption::Idle(now);
                } else {
                    self.adoption = Adoption::Given(backlog);
                }
                is_over
            }
            other => {
                self.adoption = other;
                false
            }
        }
    }

    fn found(&mut self, found: Option<Found>) {
        let next = Adoption::Idle(Instant::now() + SEARCH);
        let Found { backlog, foreign, damaged } = found.unwrap_or_default();
        if foreign > 0 {
            internal_log::log_rate_limited(
                FaultKind::SpoolForeign,
                &format!(
                    "{foreign} journals in the spool belong to another server, account or agent: they are kept; start \
                     the agent that they belong to with this directory, and it delivers them"
                ),
            );
        }
        if damaged > 0 {
            self.counters.spool_damaged(damaged);
            internal_log::log_rate_limited(
                FaultKind::SpoolDamaged,
                &format!(
                    "the spool was damaged in {damaged} places: what is whole is delivered, the rest is kept in its \
                     folder `set-aside`, which no program reads; delete it when you have looked at the disk"
                ),
            );
        }
        self.adoption = backlog.map_or(next, |backlog| Adoption::Giving(Box::new(backlog)));
    }
}

/// Gives some operations to the core. Whether it would take more at once.
fn give(backlog: &mut Backlog, core: &mut Core) -> bool {
    for _ in 0..MAX_ITEMS {
        if core.adopted_bytes() >= MAX_ADOPTED {
            return false;
        }
        match backlog.next() {
            Some(Item::Run(run)) => {
                let run = *run;
                core.adopt_run(AdoptedRun {
                    record: run.record,
                    register: run.register,
                    api_id: run.api_id,
                    started_at: run.started_at,
                    has_start: run.has_start,
                    refused: run.refused,
                    renamed: run.renamed,
                });
            }
            Some(Item::Operation { operation, record, sent }) => {
                core.adopted_operation(operation, record, sent);
            }
            Some(Item::Lost { record, is_span }) => core.lost_operation(record, is_span),
            None => return false,
        }
    }
    true
}
