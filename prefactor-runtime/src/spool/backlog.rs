//! A journal that was taken over from an ended process. Its operations are read a second time and given out in portions.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;

use crate::operation::stored::{RecordId, Sent};
use crate::operation::{InstanceKey, InstanceRecord, Operation, SpanKey};
use crate::platform::clock::Timestamp;
use crate::spool::attempts;
use crate::spool::index::{Index, run_of};
use crate::spool::journal::{self, Journal};
use crate::spool::record::{self, Record};
use crate::spool::segment::Segment;

/// The next operation.
#[derive(Debug)]
pub(crate) enum Item {
    Run(Box<LeftRun>),
    Operation {
        operation: Operation,
        record: RecordId,
        sent: Option<Sent>,
    },
    /// Belongs to a run that can never be registered.
    Lost {
        record: RecordId,
        is_span: bool,
    },
}

/// A run as the journal knows it.
#[derive(Debug)]
pub(crate) struct LeftRun {
    pub(crate) record: InstanceRecord,
    pub(crate) register: Option<(RecordId, Option<Sent>)>,
    pub(crate) api_id: Option<String>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) has_start: bool,
    pub(crate) refused: Vec<(SpanKey, Option<SpanKey>)>,
    pub(crate) renamed: Vec<(SpanKey, String)>,
}

/// A journal that is being delivered for a process that has ended.
#[derive(Debug)]
pub(crate) struct Backlog {
    number: u32,
    journal: Journal,
    index: Index,
    segments: VecDeque<PathBuf>,
    current: Option<(Segment, usize)>,
    /// Runs that were given.
    given: HashSet<u64>,
    has_attempts: bool,
    /// Whether operations were given before.
    has_begun: bool,
}

impl Backlog {
    /// One with that number, of which those segments are to be read.
    pub(super) fn new(number: u32, journal: Journal, index: Index, segments: VecDeque<PathBuf>) -> Self {
        Self {
            number,
            journal,
            index,
            segments,
            current: None,
            given: HashSet::new(),
            has_attempts: true,
            has_begun: false,
        }
    }

    pub(crate) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Whether nothing of it is left to deliver.
    pub(crate) fn is_settled(&self) -> bool {
        self.journal.is_empty()
    }

    /// Which of the journals that this process holds it is.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// To be called before operations are given. The process lives on after it was given the first ones: they are not what
    /// ends processes.
    pub(crate) fn begin_round(&mut self) {
        if std::mem::replace(&mut self.has_begun, true) {
            self.survived();
        }
    }

    /// Something of it was settled: it is not what ends processes.
    pub(crate) fn survived(&mut self) {
        if std::mem::take(&mut self.has_attempts) {
            attempts::survived(self.journal.path());
        }
    }

    /// The next operation. `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Item> {
        loop {
            let Some((segment, at)) = &mut self.current else {
                let path = self.segments.pop_front()?;
                self.current = Segment::read(&path).ok().map(|segment| (segment, 0));
                continue;
            };
            let Some(frame) = segment.frames.get(*at) else {
                self.current = None;
                continue;
            };
            let number = frame.number;
            let is_left = frame.kind & journal::NOTE == 0 && !self.index.is_settled(number);
            let record = if is_left { record::read(frame.kind, segment.body(frame)) } else { None };
            let Some(record) = record else {
                *at += 1;
                continue;
            };
            let id = RecordId { journal: self.number, number };
            let (run, operation) = match record {
                Record::Register { run, .. } => (run, None),
                Record::Operation(operation) => (run_of(&operation), Some(operation)),
                _ => {
                    *at += 1;
                    continue;
                }
            };
            if !self.index.is_deliverable(run) {
                *at += 1;
                let is_span = operation.is_some_and(|operation| operation.is_span());
                return Some(Item::Lost { record: id, is_span });
            }
            if self.given.insert(run) {
                return self.left_run(run).map(|run| Item::Run(Box::new(run)));
            }
            *at += 1;
            let Some(operation) = operation else { continue };
            let operation = of_journal(operation, self.number);
            return Some(Item::Operation {
                operation,
                record: id,
                sent: self.index.sent.get(&number).copied(),
            });
        }
    }

    fn left_run(&mut self, run: u64) -> Option<LeftRun> {
        let number = self.number;
        let index = &mut self.index;
        let left = index.runs.get_mut(&run)?;
        let nonce = left.nonce()?;
        let is_left = |number: &u64| !index.settled.contains(number);
        let register = left.register.filter(is_left);
        Some(LeftRun {
            record: InstanceRecord::adopted(
                InstanceKey::adopted(number, run),
                nonce,
                left.registration.clone().into(),
            ),
            register: register.map(|record| {
                (RecordId { journal: number, number: record }, index.sent.get(&record).copied())
            }),
            api_id: left.api_id.clone(),
            started_at: left.started_at.or(left.start.filter(|(start, _)| !is_left(start)).map(|(_, at)| at)),
            has_start: left.start.is_some_and(|(start, _)| is_left(&start)),
            refused: std::mem::take(&mut left.refused),
            renamed: std::mem::take(&mut left.renamed),
        })
    }

    /// Deletes the journal, if everything in it is settled.
    pub(crate) fn close(mut self) -> bool {
        self.survived();
        self.journal.close()
    }
}

/// The operation, of a run of that journal.
fn of_journal(operation: Operation, journal: u32) -> Operation {
    let of = |instance: InstanceKey| InstanceKey::adopted(journal, instance.0);
    match operation {
        Operation::Register(record) => Operation::Register(record),
        Operation::StartInstance { instance, at } => Operation::StartInstance { instance: of(instance), at },
        Operation::FinishInstance { instance, status, at } => {
            Operation::FinishInstance { instance: of(instance), status, at }
        }
        Operation::ReleaseInstance { instance, at } => {
            Operation::ReleaseInstance { instance: of(instance), at }
        }
        Operation::StartSpan(mut start) => {
            start.instance = of(start.instance);
            Operation::StartSpan(start)
        }
        Operation::FinishSpan(mut finish) => {
            finish.instance = of(finish.instance);
            Operation::FinishSpan(finish)
        }
        Operation::Note(mut note) => {
            note.instance = of(note.instance);
            Operation::Note(note)
        }
    }
}
