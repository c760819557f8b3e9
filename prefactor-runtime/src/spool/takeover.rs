//! Takes over a journal that nobody holds: spans and runs that were cut off are ended on disk before anything is sent.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::spool::attempts::Search;
use crate::spool::backlog::Backlog;
use crate::spool::contents::Contents;
use crate::spool::directory;
use crate::spool::folder;
use crate::spool::index::Index;
use crate::spool::journal::Journal;
use crate::spool::lock::Lock;
use crate::spool::owner::Owner;
use crate::spool::record;
use crate::spool::writer::put_snapshots;

/// The result of a look at the directory.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) backlog: Option<Backlog>,
    /// Journals of others.
    pub(crate) foreign: usize,
    /// Places that were damaged, and files that were set aside.
    pub(crate) damaged: u64,
}

/// The oldest journal that nobody holds and that belongs to `owner`. `partition` is the account's, if it is known.
pub(crate) fn find(
    root: &Path,
    owner: &Owner,
    partition: Option<u32>,
    number: u32,
    search: &Search,
) -> io::Result<Found> {
    let mut found = Found::default();
    for path in directory::journals(root)? {
        let Ok(Some(lock)) = Lock::try_take(&path) else { continue };
        if let Some(backlog) = open(path, lock, owner, partition, number, search, &mut found)? {
            found.backlog = Some(backlog);
            break;
        }
    }
    Ok(found)
}

fn open(
    path: PathBuf,
    lock: Lock,
    owner: &Owner,
    partition: Option<u32>,
    number: u32,
    search: &Search,
    found: &mut Found,
) -> io::Result<Option<Backlog>> {
    let Contents { identity, mut index, books, next, gaps, others, unreadable } = Contents::read(&path)?;
    found.damaged += gaps;
    for (file, version) in others {
        found.damaged += 1;
        folder::set_aside(&file, &format!("version-{version}"));
    }
    for file in unreadable {
        found.damaged += 1;
        folder::set_aside(&file, "unreadable");
    }
    let Some(identity) = identity else {
        // Without a complete head, the owner is unknown: the process may have been killed at its first write.
        for book in &books {
            let file = folder::segment_path(&path, book.number);
            if book.is_damaged || book.bytes > 4_096 {
                found.damaged += 1;
                folder::set_aside(&file, "damaged");
            } else {
                let _ = fs::remove_file(file);
            }
        }
        folder::remove_folder(&path);
        return Ok(None);
    };
    let is_same_account = partition.is_some() && index.partition() == partition;
    let is_ours = Owner::of_json(&identity).is_some_and(|other| owner.is_same(&other, is_same_account));
    if !is_ours {
        found.foreign += 1;
        return Ok(None);
    }
    let Some(is_hopeless) = search.is_hopeless(&path) else { return Ok(None) };
    if is_hopeless {
        for book in &books {
            found.damaged += 1;
            folder::set_aside(&folder::segment_path(&path, book.number), "ends-processes");
        }
        folder::remove_folder(&path);
        return Ok(None);
    }
    let mut journal = Journal::take_over(path, lock, identity, books, next);
    end_what_was_cut_off(&mut index, &mut journal)?;
    if journal.is_empty() {
        journal.close();
        return Ok(None);
    }
    let segments = directory::segments(journal.path())?.into_iter().map(|(_, _, path)| path).collect();
    Ok(Some(Backlog::new(number, journal, index, segments)))
}

/// Writes the ends of spans and runs that have none, and the states of the runs.
fn end_what_was_cut_off(index: &mut Index, journal: &mut Journal) -> io::Result<()> {
    let mut ends = index.ends();
    index.open.clear();
    if ends.is_empty() && journal.is_empty() {
        return Ok(());
    }
    journal.begin_segment()?;
    put_snapshots(journal, &index.snapshots());
    for end in &mut ends {
        journal.append(record::kind_of(end), |out| record::put_operation(out, end, record::put_rendered));
    }
    let result = journal.write_all();
    for end in ends {
        index.operation(&end, 0);
    }
    result
}
