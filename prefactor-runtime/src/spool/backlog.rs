//! A journal that is taken over from a process that has ended: what is left of it to deliver.
//!
//! It is read twice. The first time tells what is settled, how the rest was sent, and which spans and runs were cut off;
//! these get their ends, which are written before anything is sent. The second time gives the operations, some at a time.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::operation::stored::{Mark, RecordId, Sent, Snapshot};
use crate::operation::{InstanceKey, InstanceRecord, Operation, SpanFinish, SpanKey};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::spool::directory;
use crate::spool::journal::{self, Journal, SegmentBook};
use crate::spool::lock::Lock;
use crate::spool::owner::Owner;
use crate::spool::record::{self, Record};
use crate::spool::segment::Segment;
use crate::spool::writer::put_snapshots;
use crate::types::pfid::Pfid;
use crate::types::status::{InstanceStatus, SpanStatus};

/// Times that a journal may be taken over by processes that end before anything of it is settled.
const MAX_ATTEMPTS: u32 = 5;
/// The file that counts them.
const ATTEMPTS: &str = "attempts";
/// The result of a span that was open when its process ended.
const DIED: &[u8] = br#"{"error_type":"process_died","message":"the process ended before the span did"}"#;

/// What is given next.
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

/// What a look at the directory found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) backlog: Option<Backlog>,
    /// Journals of others.
    pub(crate) foreign: usize,
    /// Places that were damaged, and files that were set aside.
    pub(crate) damaged: u64,
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

/// What the first reading tells.
#[derive(Debug, Default)]
struct Index {
    runs: BTreeMap<u64, Run>,
    settled: HashSet<u64>,
    sent: HashMap<u64, Sent>,
    /// Spans without a finish, with their run, and whether they have started.
    open: HashMap<SpanKey, (u64, bool)>,
}

#[derive(Debug, Default)]
struct Run {
    nonce: String,
    registration: Vec<u8>,
    register: Option<u64>,
    api_id: Option<String>,
    /// The number of the record and the time in it.
    start: Option<(u64, Timestamp)>,
    started_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    is_finish_requested: bool,
    refused: Vec<(SpanKey, Option<SpanKey>)>,
    renamed: Vec<(SpanKey, String)>,
}

impl Backlog {
    /// The oldest journal that nobody holds and that belongs to `owner`. `partition` is the account's, if it is known.
    pub(crate) fn find(root: &Path, owner: &Owner, partition: Option<u32>, number: u32) -> io::Result<Found> {
        let mut found = Found::default();
        for path in directory::journals(root)? {
            let Ok(Some(lock)) = Lock::try_take(&path) else { continue };
            if let Some(backlog) = open(path, lock, owner, partition, number, &mut found)? {
                found.backlog = Some(backlog);
                break;
            }
        }
        Ok(found)
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
            let _ = fs::remove_file(self.journal.path().join(ATTEMPTS));
        }
    }

    /// What is to be done next. `None` at the end.
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
            let is_left = frame.kind & journal::NOTE == 0 && !self.index.settled.contains(&number);
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
            // A registration goes with its run.
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
        let nonce = left.nonce.parse().unwrap_or(Pfid::from_parts(0, 0, [0; 10])?);
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

fn open(
    path: PathBuf,
    lock: Lock,
    owner: &Owner,
    partition: Option<u32>,
    number: u32,
    found: &mut Found,
) -> io::Result<Option<Backlog>> {
    let (mut index, mut identity) = (Index::default(), None);
    let (mut books, mut operations, mut next) = (VecDeque::new(), Vec::new(), 1);
    for (segment_number, bytes, file) in directory::segments(&path)? {
        let Ok(segment) = Segment::read(&file) else { continue };
        if let Some(version) = segment.damage.version {
            found.damaged += 1;
            journal::set_aside(&file, &format!("version-{version}"));
            continue;
        }
        if identity.is_none() {
            identity.clone_from(&segment.identity);
        }
        let is_damaged = segment.damage.gaps > 0 || segment.frames.is_empty() && segment.damage.is_torn;
        found.damaged += segment.damage.gaps;
        let first = segment.frames.first().map_or(next, |frame| frame.number);
        let mut own = Vec::new();
        for frame in &segment.frames {
            next = next.max(frame.number + 1);
            if frame.kind & journal::NOTE == 0 {
                own.push(frame.number);
            }
            if let Some(record) = record::read(frame.kind, segment.body(frame)) {
                index.take(record, frame.number);
            }
        }
        operations.push(own);
        books.push_back(SegmentBook { number: segment_number, first, bytes, unsettled: 0, is_damaged });
    }
    let Some(identity) = identity else {
        // Without a whole head nothing tells whose it is. A process that was killed at its first write leaves such a one.
        for book in &books {
            let file = journal::segment_path(&path, book.number);
            if book.is_damaged || book.bytes > 4_096 {
                found.damaged += 1;
                journal::set_aside(&file, "damaged");
            } else {
                let _ = fs::remove_file(file);
            }
        }
        journal::remove_folder(&path);
        return Ok(None);
    };
    for (book, own) in books.iter_mut().zip(&operations) {
        book.unsettled = own.iter().filter(|number| !index.settled.contains(number)).count() as u64;
    }
    drop(operations);
    let is_same_account = partition.is_some() && index.partition() == partition;
    let is_ours = Owner::of_json(&identity).is_some_and(|other| owner.is_same(&other, is_same_account));
    if !is_ours {
        found.foreign += 1;
        return Ok(None);
    }
    if is_hopeless(&path) {
        for book in &books {
            found.damaged += 1;
            journal::set_aside(&journal::segment_path(&path, book.number), "ends-processes");
        }
        journal::remove_folder(&path);
        return Ok(None);
    }
    let mut journal = Journal::take_over(path, lock, identity, books, next);
    index.end_what_was_cut_off(&mut journal)?;
    if journal.is_empty() {
        journal.close();
        return Ok(None);
    }
    let segments = directory::segments(journal.path())?.into_iter().map(|(_, _, path)| path).collect();
    let given = HashSet::new();
    Ok(Some(Backlog {
        number,
        journal,
        index,
        segments,
        current: None,
        given,
        has_attempts: true,
        has_begun: false,
    }))
}

/// Counts one more try, and says whether there were too many.
fn is_hopeless(journal: &Path) -> bool {
    let path = journal.join(ATTEMPTS);
    let attempts = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let _ = fs::write(&path, format!("{}\n", attempts + 1));
    attempts >= MAX_ATTEMPTS
}

impl Index {
    fn take(&mut self, record: Record, number: u64) {
        match record {
            Record::Register { run, nonce, registration } => {
                let run = self.runs.entry(run).or_default();
                (run.nonce, run.registration, run.register) = (nonce, registration, Some(number));
            }
            Record::Operation(operation) => self.operation(&operation, number),
            Record::Registered { run, id } => self.runs.entry(run).or_default().api_id = Some(id),
            Record::Sent { number, sent } => drop(self.sent.insert(number, sent)),
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

    fn operation(&mut self, operation: &Operation, number: u64) {
        let run_number = run_of(operation);
        let run = self.runs.entry(run_number).or_default();
        let at = match operation {
            Operation::Register(_) => return,
            Operation::StartInstance { at, .. } => {
                run.start = Some((number, *at));
                *at
            }
            Operation::FinishInstance { at, .. } | Operation::ReleaseInstance { at, .. } => {
                run.is_finish_requested = true;
                *at
            }
            Operation::StartSpan(start) => {
                let has_started = start.status == SpanStatus::Active;
                self.open.insert(start.key, (run_number, has_started));
                start.at
            }
            // Ends a span that was left open, or one of another process.
            Operation::FinishSpan(finish) if finish.is_by_reference => finish.at,
            Operation::FinishSpan(finish) => {
                self.open.remove(&finish.key);
                finish.at
            }
            Operation::Note(note) => note.at,
        };
        run.last_at = run.last_at.max(Some(at));
    }

    /// Whether a run is registered, or can be.
    fn is_deliverable(&self, run: u64) -> bool {
        self.runs.get(&run).is_some_and(|run| {
            run.api_id.is_some() || run.register.is_some_and(|register| !self.settled.contains(&register))
        })
    }

    /// The partition of the account to which runs were registered.
    fn partition(&self) -> Option<u32> {
        let ids = self.runs.values().filter_map(|run| run.api_id.as_deref()?.parse::<Pfid>().ok());
        ids.map(|id| id.partition()).next_back()
    }

    /// Writes the ends of spans and runs that have none, at the time of the last record of their run, and what is known of the
    /// runs, so that older segments can go.
    fn end_what_was_cut_off(&mut self, journal: &mut Journal) -> io::Result<()> {
        let open = std::mem::take(&mut self.open);
        let mut ends = Vec::new();
        for (key, (run, has_started)) in open {
            let Some(at) = self.runs.get(&run).and_then(|run| run.last_at) else { continue };
            if self.is_deliverable(run) {
                // One that was cancelled before its start is without its cancellation.
                let status = if has_started { SpanStatus::Failed } else { SpanStatus::Cancelled };
                let mut end = SpanFinish::of_worker(InstanceKey(run), key, status, at);
                if has_started {
                    end.result = Payload::of_rendered(DIED, false);
                }
                ends.push((key, Operation::FinishSpan(end)));
            }
        }
        // Children before their parents, as they would have ended.
        ends.sort_unstable_by_key(|(key, _)| std::cmp::Reverse(*key));
        let mut ends: Vec<_> = ends.into_iter().map(|(_, end)| end).collect();
        for (run, left) in &self.runs {
            if !left.is_finish_requested && self.is_deliverable(*run) {
                let (instance, status) = (InstanceKey(*run), InstanceStatus::Failed);
                let at = left.last_at.unwrap_or_else(Timestamp::now);
                ends.push(Operation::FinishInstance { instance, status, at });
            }
        }
        if ends.is_empty() && journal.is_empty() {
            return Ok(());
        }
        journal.begin_segment()?;
        put_snapshots(journal, &self.snapshots());
        for end in &ends {
            journal.append(record::kind_of(end), |out| record::put_operation(out, end));
        }
        let result = journal.write_all();
        for end in ends {
            self.operation(&end, 0);
        }
        result
    }

    fn snapshots(&self) -> Vec<Snapshot> {
        let deliverable = self.runs.iter().filter(|(run, _)| self.is_deliverable(**run));
        let snapshot = |(run, left): (&u64, &Run)| Snapshot {
            instance: InstanceKey(*run),
            nonce: left.nonce.clone(),
            registration: left.registration.clone(),
            api_id: left.api_id.clone(),
            started_at: left
                .started_at
                .or(left.start.filter(|(start, _)| self.settled.contains(start)).map(|(_, at)| at)),
            last_at: left.last_at.unwrap_or_else(Timestamp::now),
            is_finish_requested: left.is_finish_requested,
            open: Vec::new(),
            refused: left.refused.clone(),
            renamed: left.renamed.clone(),
        };
        deliverable.map(snapshot).collect()
    }
}

fn run_of(operation: &Operation) -> u64 {
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

/// Writes what happened to an operation of it.
pub(crate) fn put_mark(journal: &mut Journal, mark: &Mark) {
    journal.append(record::kind_of_mark(mark), |out| record::put_mark(out, mark));
}
