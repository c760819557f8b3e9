//! A file that a journal is done with, kept to be written again as its next segment.
//!
//! The system holds the pages of the file in memory and its blocks on the medium. To write over them takes a quarter of the
//! time that fresh ones take, and a sync has no length to write. What was in the file stays behind the new records until they
//! reach it; a reader knows it by its numbers, which are lower.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::spool::segment::{self, MAX_SEGMENT};

/// Its name in the folder of the journal, which is none of a segment: whoever takes the journal over reads nothing of it.
pub(crate) const NAME: &str = "spare";
/// The lengths of files that are kept: full segments without a very long record at their end. Tests keep short ones.
const KEPT: Range<u64> = if cfg!(test) { 0..1 << 20 } else { MAX_SEGMENT..MAX_SEGMENT + (1 << 20) };

/// A file of which nothing is needed.
#[derive(Debug)]
pub(crate) struct Spare {
    path: PathBuf,
    pub(crate) bytes: u64,
}

impl Spare {
    /// Keeps the file of a segment. `None`, with the file where it is, if that is not worth it.
    pub(crate) fn keep(journal: &Path, segment: &Path, bytes: u64) -> Option<Self> {
        let path = journal.join(NAME);
        let is_kept = KEPT.contains(&bytes) && fs::rename(segment, &path).is_ok();
        is_kept.then_some(Self { path, bytes })
    }

    /// Makes it a segment with that head, under that path. It has the name of a segment only once its old records are void.
    pub(crate) fn begin(&self, head: &[u8], segment: &Path) -> io::Result<File> {
        let file = segment::open_to_write(&self.path)?;
        (&file).write_all(head)?;
        fs::rename(&self.path, segment)?;
        Ok(file)
    }

    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}
