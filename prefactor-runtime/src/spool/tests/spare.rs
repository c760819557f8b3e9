//! Files of segments that are settled, which the next segments take.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use super::records;
use crate::spool::directory;
use crate::spool::folder::segment_path;
use crate::spool::journal::Journal;
use crate::spool::lock::Lock;
use crate::spool::spare::NAME;

/// A journal of three segments, the first of which was settled before the third was begun.
fn journal(root: &Path, length: usize) -> (Journal, u64) {
    let mut journal = Journal::create(directory::new_journal(root, 1), b"{}".to_vec(), 1).unwrap();
    let first = journal.append(1, |out| out.extend(vec![1; length]));
    journal.commit().unwrap();
    journal.begin_segment().unwrap();
    journal.settle(first);
    let second = journal.append(1, |out| out.push(2));
    journal.commit().unwrap();
    (journal, second)
}

#[cfg(unix)]
#[test]
fn file_of_a_settled_segment_is_the_next_one_and_holds_its_records_alone() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let root = tempfile::tempdir().unwrap();
    let (mut journal, second) = journal(root.path(), 5_000);
    let spare = fs::metadata(journal.path().join(NAME)).unwrap();
    assert!(spare.len() > 5_000 && journal.bytes() == directory::bytes(root.path()));
    journal.begin_segment().unwrap();
    let third = journal.append(1, |out| out.push(3));
    journal.commit().unwrap();
    let metadata = fs::metadata(segment_path(journal.path(), 3)).unwrap();
    assert_eq!((metadata.ino(), metadata.len()), (spare.ino(), spare.len()));
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(journal.bytes(), directory::bytes(root.path()));
    let operations: Vec<_> = records(journal.path()).into_iter().filter(|record| record.0 == 1).collect();
    assert_eq!(operations, [(1, second, vec![2]), (1, third, vec![3])]);
    // Longer than the file was.
    journal.append(1, |out| out.extend(vec![4; 9_000]));
    journal.commit().unwrap();
    assert_eq!(journal.bytes(), directory::bytes(root.path()));
}

#[test]
fn file_that_is_kept_is_deleted_where_its_room_is_wanted_and_with_the_journal() {
    let root = tempfile::tempdir().unwrap();
    let (mut first, _) = journal(root.path(), 1);
    first.remove_spare();
    assert!(!first.path().join(NAME).exists() && first.bytes() == directory::bytes(root.path()));
    let (mut second, number) = journal(root.path(), 1);
    assert!(second.path().join(NAME).exists());
    second.settle(number);
    second.commit().unwrap();
    assert!(second.close());
    assert_eq!(directory::journals(root.path()).unwrap(), [first.path()]);
}

#[test]
fn file_that_a_killed_process_kept_is_deleted_by_the_one_that_takes_over() {
    let root = tempfile::tempdir().unwrap();
    let path = journal(root.path(), 1).0.path().to_owned();
    assert!(path.join(NAME).exists());
    let lock = Lock::try_take(&path).unwrap().unwrap();
    let journal = Journal::take_over(path.clone(), lock, b"{}".to_vec(), VecDeque::new(), 9);
    assert!(!path.join(NAME).exists());
    drop(journal);
}

#[test]
fn folder_is_synced_after_the_files_whose_names_it_holds() {
    let root = tempfile::tempdir().unwrap();
    let (mut journal, _) = journal(root.path(), 1);
    let is_folder: Vec<_> =
        journal.take_unsynced().iter().map(|file| file.metadata().unwrap().is_dir()).collect();
    assert_eq!(is_folder, [false, true]);
    assert!(!journal.is_unsynced());
}
