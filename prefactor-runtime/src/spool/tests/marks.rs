//! The marks of operations in a journal: sent, and how, and settled.

use std::fs;
use std::path::Path;

use super::records;
use crate::operation::stored::{Mark, RecordId, Sent};
use crate::operation::{InstanceKey, SpanKey};
use crate::spool::contents::Contents;
use crate::spool::directory;
use crate::spool::frame::{self, HEAD, MAX_BODY};
use crate::spool::journal::Journal;
use crate::spool::record::{append_marks, kind};
use crate::spool::segment::{Segment, head};

fn journal(root: &Path) -> Journal {
    Journal::create(directory::new_journal(root, 1), b"{}".to_vec(), 1).unwrap()
}

fn sent(number: u64, version: u32, is_terminal: bool) -> Mark {
    let record = RecordId { journal: 0, number };
    Mark::Sent { record, sent: Sent { version, is_terminal, ..Sent::default() } }
}

/// By the operations' numbers, in their order.
fn sent_in(journal: &Path) -> Vec<(u64, Sent)> {
    let mut sent: Vec<_> = Contents::read(journal).unwrap().index.sent.into_iter().collect();
    sent.sort_unstable_by_key(|(number, _)| *number);
    sent
}

#[test]
fn operations_that_were_sent_alike_share_a_record_and_the_last_word_on_each_holds() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = journal(root.path());
    let (instance, key) = (InstanceKey(0), SpanKey::of_number(1));
    let refused = Mark::Refused { instance, key, parent: None };
    let alike: Vec<_> = (1..=500).map(|number| sent(number, 0, true)).collect();
    let others = [sent(7, 1, true), refused, sent(7, 2, false), sent(501, 2, false), sent(9, 3, true)];
    append_marks(&mut journal, alike.iter().chain(&others));
    journal.commit().unwrap();
    let kinds: Vec<_> = records(journal.path()).into_iter().map(|record| record.0).collect();
    assert_eq!(kinds, [kind::SENT, kind::SENT, kind::REFUSED, kind::SENT, kind::SENT]);
    let expected = (1..=501).map(|number| {
        let (version, is_terminal) = match number {
            7 | 501 => (2, false),
            9 => (3, true),
            _ => (0, true),
        };
        (number, Sent { version, is_terminal, ..Sent::default() })
    });
    assert_eq!(sent_in(journal.path()), expected.collect::<Vec<_>>());
}

#[test]
fn file_of_the_first_version_is_read_whose_records_name_one_operation_each() {
    let root = tempfile::tempdir().unwrap();
    let path = journal(root.path()).path().to_owned();
    let mut bytes = head(b"{}", 0);
    let end = bytes.len() - HEAD - 2 - 4;
    bytes[8..12].copy_from_slice(&1_u32.to_le_bytes());
    let sum = frame::checksum(&bytes[..end], &[]);
    bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
    frame::append(&mut bytes, kind::SENT, 9, |out| {
        out.extend(4_u64.to_le_bytes());
        out.extend(2_u64.to_le_bytes());
        out.push(1);
    });
    fs::write(path.join("00000001.segment"), &bytes).unwrap();
    let segment = Segment::read(&path.join("00000001.segment")).unwrap();
    assert_eq!((segment.damage.version, segment.damage.gaps, segment.damage.is_torn), (None, 0, false));
    assert_eq!(sent_in(&path), [(4, Sent { version: 2, is_terminal: true, ..Sent::default() })]);
}

/// All that waits in a queue of two million operations may be settled at once.
#[test]
fn numbers_that_are_settled_at_once_stand_in_records_that_are_read_again() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = journal(root.path());
    let count = MAX_BODY as u64 / 8 + 1_000;
    (1..=count).for_each(|number| journal.settle(number));
    journal.commit().unwrap();
    assert!(records(journal.path()).iter().all(|record| record.2.len() <= MAX_BODY / 8));
    let contents = Contents::read(journal.path()).unwrap();
    assert!((1..=count).all(|number| contents.index.is_settled(number)));
    assert_eq!(contents.gaps, 0);
}
