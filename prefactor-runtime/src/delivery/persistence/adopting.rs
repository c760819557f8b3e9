//! Finds the journals of processes that have ended, and gives them to the core one at a time.

use std::future::pending;
use std::io;
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::delivery::core::adoption::AdoptedRun;
use crate::delivery::core::machine::Core;
use crate::operation::stored::{Mark, RecordId};
use crate::platform::internal_log::{self, FaultKind};
use crate::spool::attempts::Search;
use crate::spool::backlog::{Backlog, Item};
use crate::spool::record::append_marks;
use crate::spool::takeover::{self, Found};
use crate::spool::writer::Writer;
use crate::types::stats::Counters;

/// How often the directory is searched for journals of processes that have ended.
const SEARCH: Duration = Duration::from_secs(2);
/// How long after the last of a journal is settled the next one is looked for.
const SETTLED: Duration = Duration::from_millis(1);
/// Bytes taken over from other processes at a time.
const MAX_ADOPTED: usize = 4 << 20;
/// Operations taken over between two looks at everything else.
const MAX_ITEMS: usize = 256;

pub(super) struct Adopting {
    state: State,
    /// The journals that were taken over so far.
    count: u32,
    /// Whether the client is to be shut down: nothing is taken over any more.
    is_closing: bool,
}

enum State {
    /// Until the next search.
    Idle(Instant),
    Searching(JoinHandle<io::Result<Found>>, Search),
    /// Its operations are given to the core, some at a time.
    Giving(Box<Backlog>),
    /// All were given.
    Given(Box<Backlog>),
}

impl Adopting {
    pub(super) fn new(now: Instant) -> Self {
        Self { state: State::Idle(now), count: 0, is_closing: false }
    }

    pub(super) fn close(&mut self) {
        self.is_closing = true;
    }

    /// Goes on. `true` if there is more to be done at once.
    pub(super) fn advance(
        &mut self,
        core: &mut Core,
        writer: &Writer,
        partition: Option<u32>,
        now: Instant,
    ) -> bool {
        if self.is_closing {
            return false;
        }
        match std::mem::replace(&mut self.state, State::Idle(now + SEARCH)) {
            State::Idle(at) if at <= now => {
                self.count += 1;
                let (root, owner, number) = (writer.options.path.clone(), writer.owner.clone(), self.count);
                let search = Search::default();
                let searching = search.clone();
                let find = move || takeover::find(&root, &owner, partition, number, &searching);
                self.state = State::Searching(spawn_blocking(find), search);
                false
            }
            State::Giving(mut backlog) => {
                backlog.begin_round();
                let has_more = give(&mut backlog, core);
                let is_at_end = !has_more && core.adopted_bytes() < MAX_ADOPTED;
                if is_at_end {
                    core.adopted_all(backlog.number());
                }
                self.state = if is_at_end { State::Given(backlog) } else { State::Giving(backlog) };
                has_more
            }
            State::Given(mut backlog) => {
                backlog.begin_round();
                let is_over = backlog.journal().is_empty() && core.adopted_bytes() == 0;
                if is_over {
                    backlog.close();
                    self.state = State::Idle(now);
                } else {
                    self.state = State::Given(backlog);
                }
                is_over
            }
            other => {
                self.state = other;
                false
            }
        }
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        match self.state {
            _ if self.is_closing => None,
            State::Idle(at) => Some(at),
            State::Given(ref backlog) if backlog.is_settled() => Some(Instant::now() + SETTLED),
            _ => None,
        }
    }

    /// Waits for a search to end. Dropping the future loses nothing.
    pub(super) async fn ended(&mut self) -> Option<Found> {
        match &mut self.state {
            State::Searching(handle, _) => handle.await.ok().and_then(Result::ok),
            _ => pending().await,
        }
    }

    pub(super) fn on_ended(&mut self, found: Option<Found>, counters: &Counters) {
        let next = State::Idle(Instant::now() + SEARCH);
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
            counters.spool_damaged(damaged);
            internal_log::log_rate_limited(
                FaultKind::SpoolDamaged,
                &format!(
                    "the spool was damaged in {damaged} places: what is whole is delivered, the rest is kept in its \
                     folder `set-aside`, which no program reads; delete it when you have looked at the disk"
                ),
            );
        }
        self.state = backlog.map_or(next, |backlog| State::Giving(Box::new(backlog)));
    }

    /// The runtime is gone, with the search that ran there.
    pub(super) fn recover(&mut self) {
        if let State::Searching(_, search) = &self.state {
            search.call_off();
            self.state = State::Idle(Instant::now() + SEARCH);
        }
    }

    /// Writes what happened to operations of other processes.
    pub(super) fn note(&mut self, notes: &[(u32, Mark)], settled: &[RecordId]) {
        let (State::Giving(backlog) | State::Given(backlog)) = &mut self.state else { return };
        let number = backlog.number();
        append_marks(backlog.journal(), own_notes(notes, number));
        for record in settled.iter().filter(|record| record.journal == number) {
            backlog.survived();
            backlog.journal().settle(record.number);
        }
        if backlog.journal().has_news() {
            let _ = backlog.journal().commit();
        }
    }

    /// Lets go of the journal that is held: what is left of it stays for another process.
    pub(super) fn end(&mut self) {
        match std::mem::replace(&mut self.state, State::Idle(Instant::now())) {
            State::Giving(mut backlog) | State::Given(mut backlog) => {
                backlog.survived();
                backlog.close();
            }
            State::Searching(_, search) => search.call_off(),
            State::Idle(_) => {}
        }
    }
}

/// Returns the notes of the journal with that number.
pub(super) fn own_notes(notes: &[(u32, Mark)], journal: u32) -> impl Iterator<Item = &Mark> {
    notes.iter().filter(move |(of, _)| *of == journal).map(|(_, note)| note)
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
