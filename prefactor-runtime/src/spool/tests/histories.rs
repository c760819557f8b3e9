//! Random histories of a journal, against a model that keeps what must be on disk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::records;
use crate::spool::directory;
use crate::spool::folder::segment_path;
use crate::spool::journal::{Journal, NOTE, SETTLED, SegmentBook};
use crate::spool::lock::Lock;
use crate::spool::segment::{self, Segment};
use crate::spool::spare::NAME;

/// An event in the life of a journal.
#[derive(Clone, Debug)]
enum Step {
    Append {
        is_note: bool,
        length: usize,
    },
    Commit,
    /// The record at some place among those that are unsettled.
    Settle(usize),
    BeginSegment,
    /// The process ends while it writes; of the last commit this share is on disk, in thousandths.
    Crash(usize),
    /// The process ends between two writes, and another takes the journal over.
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (any::<bool>(), 0_usize..2_000).prop_map(|(is_note, length)| Step::Append { is_note, length }),
        3 => Just(Step::Commit),
        3 => any::<usize>().prop_map(Step::Settle),
        1 => Just(Step::BeginSegment),
        1 => (0_usize..1_000).prop_map(Step::Crash),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..80)
}

/// A journal, and what it must hold.
struct Tested {
    path: PathBuf,
    journal: Option<Journal>,
    /// Appended, not committed.
    pending: BTreeMap<u64, Vec<u8>>,
    /// Operations that are written and not settled.
    kept: BTreeMap<u64, Vec<u8>>,
    /// All that was ever appended.
    known: BTreeMap<u64, Vec<u8>>,
    /// Settled, and not committed as such.
    settling: BTreeSet<u64>,
}

impl Tested {
    fn new(root: &Path) -> Self {
        let path = directory::new_journal(root, 1);
        let journal = Journal::create(path.clone(), b"{}".to_vec(), 1).unwrap();
        Self {
            path,
            journal: Some(journal),
            pending: BTreeMap::new(),
            kept: BTreeMap::new(),
            known: BTreeMap::new(),
            settling: BTreeSet::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        let before = self.last_segment();
        let old = |name: &Path| fs::read(name).unwrap_or_default();
        let (old_segment, old_spare) = (old(&segment_path(&self.path, before.0)), old(&self.path.join(NAME)));
        let journal = self.journal.as_mut().unwrap();
        match *step {
            Step::Append { is_note, length } => {
                let body: Vec<u8> =
                    (0..length).map(|at| ((at * 7 + length) % 251).try_into().unwrap()).collect();
                let kind = if is_note { NOTE | 9 } else { 9 };
                let number = journal.append(kind, |out| out.extend_from_slice(&body));
                self.known.insert(number, body.clone());
                if !is_note {
                    self.pending.insert(number, body);
                }
            }
            Step::Commit => {
                journal.commit().unwrap();
                self.kept.append(&mut self.pending);
                self.settled();
            }
            Step::Settle(at) => {
                let open: Vec<_> =
                    self.kept.keys().filter(|number| !self.settling.contains(number)).collect();
                if let Some(number) = at.checked_rem(open.len()).map(|at| *open[at]) {
                    journal.settle(number);
                    self.settling.insert(number);
                }
            }
            Step::BeginSegment => journal.begin_segment().unwrap(),
            Step::Crash(share) => {
                journal.write_all().unwrap();
                let after = self.last_segment();
                if after.0 == 0 {
                    return self.reopen(); // there was nothing to write
                }
                let path = segment_path(&self.path, after.0);
                let new = fs::read(&path).unwrap();
                let is_reused = before.0 != after.0 && !old_spare.is_empty();
                let old = if before.0 == after.0 { old_segment } else { old_spare };
                // The head of a file that is written over is there before its name is.
                let head = if is_reused { segment::head(b"{}", 0).len() } else { 0 };
                let is_same = |(old, new): &(&u8, &u8)| old == new;
                let begin = old.iter().zip(&new).take_while(is_same).count().max(head);
                let end = if old.len() < new.len() {
                    new.len()
                } else {
                    new.len() - old.iter().rev().zip(new.iter().rev()).take_while(is_same).count()
                };
                let cut = begin + end.saturating_sub(begin) * share / 1_000;
                fs::write(&path, [&new[..cut], old.get(cut..).unwrap_or_default()].concat()).unwrap();
                // A complete record counts as kept, although unconfirmed. A torn one was never confirmed.
                let whole: BTreeSet<_> = records(&self.path).into_iter().map(|record| record.1).collect();
                self.kept
                    .extend(std::mem::take(&mut self.pending).into_iter().filter(|(n, _)| whole.contains(n)));
                self.reopen();
            }
            Step::Reopen => {
                self.pending.clear();
                self.reopen();
            }
        }
    }

    fn settled(&mut self) {
        for number in std::mem::take(&mut self.settling) {
            self.kept.remove(&number);
        }
    }

    fn last_segment(&self) -> (u64, u64) {
        let segments = directory::segments(&self.path).unwrap();
        segments.last().map_or((0, 0), |(number, bytes, _)| (*number, *bytes))
    }

    /// Lets go of the journal as a process does that ends, and takes it over as another does.
    fn reopen(&mut self) {
        self.journal = None;
        self.check();
        let said: BTreeSet<_> = settled_on_disk(&self.path);
        self.kept.retain(|number, _| !said.contains(number));
        self.settling.clear();
        let lock = Lock::try_take(&self.path).unwrap().unwrap();
        let mut next = 1 + self.known.keys().next_back().copied().unwrap_or_default();
        let (mut books, mut seen) = (VecDeque::new(), 0);
        for (number, bytes, path) in directory::segments(&self.path).unwrap() {
            let segment = Segment::read(&path).unwrap();
            let first = segment.frames.first().map_or(seen, |frame| frame.number);
            seen = segment.frames.last().map_or(seen, |frame| frame.number + 1);
            let of = segment.frames.iter().filter(|frame| self.kept.contains_key(&frame.number));
            let unsettled = of.count() as u64;
            next = next.max(segment.frames.last().map_or(0, |frame| frame.number + 1));
            books.push_back(SegmentBook { number, first, bytes, unsettled, is_damaged: false });
        }
        self.journal = Some(Journal::take_over(self.path.clone(), lock, b"{}".to_vec(), books, next + 1));
    }

    /// All that must be there is, and nothing is there that was never appended.
    fn check(&self) {
        let records = records(&self.path);
        let numbers: Vec<_> = records.iter().map(|record| record.1).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        for (kind, number, body) in &records {
            if *kind != SETTLED {
                assert_eq!(self.known.get(number), Some(body), "record {number}");
            }
        }
        for (number, body) in &self.kept {
            let found = records.iter().find(|record| record.1 == *number);
            assert!(found.is_some_and(|found| found.2 == *body), "record {number} is lost");
        }
    }
}

/// Numbers that the records on disk say are settled.
fn settled_on_disk(journal: &Path) -> BTreeSet<u64> {
    let lists = records(journal).into_iter().filter(|record| record.0 == SETTLED);
    lists
        .flat_map(|(_, _, body)| {
            body.chunks_exact(8)
                .map(|number| u64::from_le_bytes(number.try_into().unwrap()))
                .collect::<Vec<_>>()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn journal_of_any_history_holds_what_was_written_and_is_not_settled(steps in steps()) {
        let root = tempfile::tempdir().unwrap();
        let mut tested = Tested::new(root.path());
        for step in &steps {
            tested.step(step);
            if !matches!(step, Step::Append { .. } | Step::Settle(_)) {
                tested.check();
            }
        }
    }
}

#[test]
fn journal_of_which_everything_is_settled_leaves_nothing_behind() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(directory::new_journal(root.path(), 1), b"{}".to_vec(), 1).unwrap();
    let numbers: Vec<_> = (0..3).map(|_| journal.append(1, |out| out.push(1))).collect();
    journal.commit().unwrap();
    for number in numbers {
        journal.settle(number);
    }
    journal.commit().unwrap();
    assert!(journal.close());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn lock_that_is_held_is_not_taken_and_is_free_when_it_is_let_go() {
    let root = tempfile::tempdir().unwrap();
    let path = directory::new_journal(root.path(), 1);
    let journal = Journal::create(path.clone(), b"{}".to_vec(), 1).unwrap();
    assert!(Lock::try_take(&path).unwrap().is_none());
    drop(journal);
    let taken = Lock::try_take(&path).unwrap();
    assert!(taken.is_some());
    assert!(Lock::try_take(&path).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let spool = root.path().join("a/b");
    directory::prepare(&spool).unwrap();
    let path = directory::new_journal(&spool, 1);
    let mut journal = Journal::create(path.clone(), b"{}".to_vec(), 1).unwrap();
    journal.append(1, |out| out.push(1));
    journal.commit().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&spool), mode(&path)), (0o700, 0o700));
    for entry in fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}
