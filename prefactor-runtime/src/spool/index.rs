//! The result of a journal's first reading: the settled operations, how the rest was sent, and which runs and spans were cut off.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::operation::stored::{Sent, Snapshot};
use crate::operation::{InstanceKey, Operation, SpanFinish, SpanKey};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::spool::record::Record;
use crate::types::pfid::Pfid;
use crate::types::status::{InstanceStatus, SpanStatus};

/// The result of a span that was open when its process ended.
const DIED: &[u8] = br#"{"error_type":"process_died","message":"the process ended before the span did"}"#;

#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(super) runs: BTreeMap<u64, Run>,
    /// Numbers of operations.
    pub(super) settled: HashSet<u64>,
    /// By the number of the operation.
    pub(super) sent: HashMap<u64, Sent>,
    /// Spans without a finish, with their run, and whether they have started.
    pub(super) open: HashMap<SpanKey, (u64, bool)>,
}

#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) nonce: String,
    pub(super) registration: Vec<u8>,
    /// The number of its record.
    pub(super) register: Option<u64>,
    pub(super) api_id: Option<String>,
    /// The number of the record and the time in it.
    pub(super) start: Option<(u64, Timestamp)>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) last_at: Option<Timestamp>,
    pub(super) is_finish_requested: bool,
    /// As far as the operation is still there.
    pub(super) finish: Option<(InstanceStatus, Timestamp)>,
    pub(super) refused: Vec<(SpanKey, Option<SpanKey>)>,
    pub(super) renamed: Vec<(SpanKey, String)>,
}

impl Run {
    pub(super) fn nonce(&self) -> Option<Pfid> {
        self.nonce.parse().ok().or_else(|| Pfid::from_parts(0, 0, [0; 10]))
    }

    /// When it started, as far as anything tells.
    pub(super) fn began_at(&self) -> Option<Timestamp> {
        self.started_at.or(self.start.map(|(_, at)| at))
    }
}

impl Index {
    /// Takes a record with its number in.
    pub(super) fn take(&mut self, record: Record, number: u64) {
        match record {
            Record::Register { run, nonce, registration } => {
                let run = self.runs.entry(run).or_default();
                (run.nonce, run.registration, run.register) = (nonce, registration, Some(number));
            }
            Record::Operation(operation) => self.operation(&operation, number),
            Record::Registered { run, id } => self.runs.entry(run).or_default().api_id = Some(id),
            Record::Sent { numbers, sent } => {
                self.sent.extend(numbers.into_iter().map(|number| (number, sent)));
            }
            Record::Settled(numbers) => {
                for number in numbers {
                    self.sent.remove(&number);
                    self.settled.insert(number);
                }
            }
            Record::Refused { run, key, parent } => {
                self.open.remove(&key);
                self.runs.entry(run).or_default().refused.push((key, parent));
            }
            Record::Renamed { run, key, id } => self.runs.entry(run).or_default().renamed.push((key, id)),
            Record::Run(snapshot) => self.snapshot(snapshot),
            Record::OpenSpan { run, key } => drop(self.open.insert(key, (run, true))),
        }
    }

    fn snapshot(&mut self, snapshot: Snapshot) {
        let run = self.runs.entry(snapshot.instance.0).or_default();
        (run.nonce, run.registration) = (snapshot.nonce, snapshot.registration);
        run.api_id = snapshot.api_id.or(run.api_id.take());
        run.started_at = snapshot.started_at.or(run.started_at);
        run.last_at = run.last_at.max(Some(snapshot.last_at));
        run.is_finish_requested |= snapshot.is_finish_requested;
    }

    /// Takes an operation in; 0 is the number of one that has none.
    pub(super) fn operation(&mut self, operation: &Operation, number: u64) {
        let run_number = run_of(operation);
        let run = self.runs.entry(run_number).or_default();
        let at = match operation {
            Operation::Register(_) => return,
            Operation::StartInstance { at, .. } => {
                run.start = Some((number, *at));
                *at
            }
            Operation::FinishInstance { at, status, .. } => {
                run.is_finish_requested = true;
                run.finish.get_or_insert((*status, *at));
                *at
            }
            Operation::ReleaseInstance { at, .. } => {
                run.is_finish_requested = true;
                run.finish.get_or_insert((InstanceStatus::Complete, *at));
                *at
            }
            Operation::StartSpan(start) => {
                let has_started = start.status == SpanStatus::Active;
                self.open.insert(start.key, (run_number, has_started));
                start.at
            }
            // A finish by reference ends a span that was left open, or a span of another process.
            Operation::FinishSpan(finish) if finish.is_by_reference => finish.at,
            Operation::FinishSpan(finish) => {
                self.open.remove(&finish.key);
                finish.at
            }
            Operation::Note(note) => note.at,
        };
        run.last_at = run.last_at.max(Some(at));
    }

    pub(super) fn is_settled(&self, number: u64) -> bool {
        self.settled.contains(&number)
    }

    /// Whether a run is registered, or can be.
    pub(super) fn is_deliverable(&self, run: u64) -> bool {
        self.runs.get(&run).is_some_and(|run| {
            run.api_id.is_some() || run.register.is_some_and(|register| !self.is_settled(register))
        })
    }

    /// The partition of the account to which runs were registered.
    pub(super) fn partition(&self) -> Option<u32> {
        let ids = self.runs.values().filter_map(|run| run.api_id.as_deref()?.parse::<Pfid>().ok());
        ids.map(|id| id.partition()).next_back()
    }

    /// The ends of spans and runs that have none, since their process ended before them: at the time of the last record of their
    /// run.
    pub(super) fn ends(&self) -> Vec<Operation> {
        let mut ends = Vec::new();
        for (key, (run, has_started)) in &self.open {
            let Some(at) = self.runs.get(run).and_then(|run| run.last_at) else { continue };
            if self.is_deliverable(*run) {
                // A span is recorded without a start only to be cancelled, so its cancellation is missing.
                let status = if *has_started { SpanStatus::Failed } else { SpanStatus::Cancelled };
                let mut end = SpanFinish::of_worker(InstanceKey(*run), *key, status, at);
                if *has_started {
                    end.result = Payload::of_rendered(DIED, false);
                }
                ends.push(end);
            }
        }
        ends.sort_unstable_by_key(|end| std::cmp::Reverse(end.key));
        let mut ends: Vec<_> = ends.into_iter().map(Operation::FinishSpan).collect();
        for (run, left) in &self.runs {
            if !left.is_finish_requested && self.is_deliverable(*run) {
                let (instance, status) = (InstanceKey(*run), InstanceStatus::Failed);
                let at = left.last_at.unwrap_or_else(Timestamp::now);
                ends.push(Operation::FinishInstance { instance, status, at });
            }
        }
        ends
    }

    /// The states of the runs, so that older segments can be deleted.
    pub(super) fn snapshots(&self) -> Vec<Snapshot> {
        let deliverable = self.runs.iter().filter(|(run, _)| self.is_deliverable(**run));
        let snapshot = |(run, left): (&u64, &Run)| Snapshot {
            instance: InstanceKey(*run),
            nonce: left.nonce.clone(),
            registration: left.registration.clone(),
            api_id: left.api_id.clone(),
            started_at: left
                .started_at
                .or(left.start.filter(|(start, _)| self.is_settled(*start)).map(|(_, at)| at)),
            last_at: left.last_at.unwrap_or_else(Timestamp::now),
            is_finish_requested: left.is_finish_requested,
            open: Vec::new(),
            refused: left.refused.clone(),
            renamed: left.renamed.clone(),
        };
        deliverable.map(snapshot).collect()
    }
}

/// The number of the run that an operation is of.
pub(super) fn run_of(operation: &Operation) -> u64 {
    match operation {
        Operation::Register(record) => record.key.0,
        Operation::StartInstance { instance, .. }
        | Operation::FinishInstance { instance, .. }
        | Operation::ReleaseInstance { instance, .. } => instance.0,
        Operation::StartSpan(start) => start.instance.0,
        Operation::FinishSpan(finish) => finish.instance.0,
        Operation::Note(note) => note.instance.0,
    }
}
