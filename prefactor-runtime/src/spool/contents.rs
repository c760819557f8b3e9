//! Reads all files of a journal, without changing anything on disk.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

use crate::operation::Operation;
use crate::spool::directory;
use crate::spool::index::Index;
use crate::spool::journal::{self, SegmentBook};
use crate::spool::record::{self, Record};
use crate::spool::segment::Segment;

#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// `None` if no file has a whole head.
    pub(super) identity: Option<Vec<u8>>,
    pub(super) index: Index,
    /// The segments of our version, the oldest first.
    pub(super) books: VecDeque<SegmentBook>,
    /// The number of the next record.
    pub(super) next: u64,
    /// Places that are damaged, other than the end of a file.
    pub(super) gaps: u64,
    /// Segments of other versions.
    pub(super) others: Vec<(PathBuf, u32)>,
    /// Segments that are there and cannot be read.
    pub(super) unreadable: Vec<PathBuf>,
}

impl Contents {
    /// Reads all segments. One that is gone meanwhile was settled by whoever holds the journal.
    pub(crate) fn read(journal: &Path) -> io::Result<Self> {
        let mut contents = Self { next: 1, ..Self::default() };
        let mut operations = Vec::new();
        for (number, bytes, file) in directory::segments(journal)? {
            let segment = match Segment::read(&file) {
                Ok(segment) => segment,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(_) => {
                    contents.unreadable.push(file);
                    continue;
                }
            };
            if let Some(version) = segment.damage.version {
                contents.others.push((file, version));
                continue;
            }
            if contents.identity.is_none() {
                contents.identity.clone_from(&segment.identity);
            }
            let is_damaged = segment.damage.gaps > 0 || segment.frames.is_empty() && segment.damage.is_torn;
            contents.gaps += segment.damage.gaps;
            let first = segment.frames.first().map_or(contents.next, |frame| frame.number);
            contents.books.push_back(SegmentBook { number, first, bytes, unsettled: 0, is_damaged });
            operations.push(contents.take(&segment));
        }
        let index = &contents.index;
        for (book, own) in contents.books.iter_mut().zip(operations) {
            book.unsettled = own.into_iter().filter(|number| !index.is_settled(*number)).count() as u64;
        }
        Ok(contents)
    }

    /// Reads the operations once more, and says of each whether it waits for delivery. The registrations of runs are not among
    /// them.
    pub(super) fn each_operation(
        &self,
        journal: &Path,
        mut take: impl FnMut(Operation, bool) -> io::Result<()>,
    ) -> io::Result<()> {
        for (_, _, file) in directory::segments(journal)? {
            let Ok(segment) = Segment::read(&file) else { continue };
            for frame in segment.frames.iter().filter(|frame| frame.kind & journal::NOTE == 0) {
                if let Some(Record::Operation(operation)) = record::read(frame.kind, segment.body(frame)) {
                    take(operation, !self.index.is_settled(frame.number))?;
                }
            }
        }
        Ok(())
    }

    /// The numbers of the operations of a segment.
    fn take(&mut self, segment: &Segment) -> Vec<u64> {
        let mut operations = Vec::new();
        for frame in &segment.frames {
            self.next = self.next.max(frame.number + 1);
            if frame.kind & journal::NOTE == 0 {
                operations.push(frame.number);
            }
            if let Some(record) = record::read(frame.kind, segment.body(frame)) {
                self.index.take(record, frame.number);
            }
        }
        operations
    }
}
