//! A journal: the undelivered operations of one client, in segments. This is the end that writes.
//!
//! Records have numbers. Those of operations stay until they are settled, which further records say; a segment is deleted
//! when all of its operations are settled and no older one is left. Each segment begins with the objects that its records refer to,
//! so that it does not need those that are gone.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::spool::frame;
use crate::spool::lock::Lock;
use crate::spool::segment::{self, MAX_SEGMENT};

/// The kinds of records that are not operations, and need no settlement, have this bit.
pub(crate) const NOTE: u8 = 0x80;
/// The kind of the record that lists operations as settled.
pub(crate) const SETTLED: u8 = 0x81;
/// Stands for the folder among the numbers of segments, which begin with 1.
const FOLDER: u64 = 0;
/// Numbers in one such record: all that waits in a large queue may be settled at once, and a record has a bound.
const MAX_SETTLED: usize = 8_192;
/// How names of segments end.
pub(crate) const EXTENSION: &str = "segment";

/// A journal that is held by this process.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    _lock: Lock,
    identity: Vec<u8>,
    current: Option<Current>,
    /// The oldest first; the last is the one that is written.
    segments: VecDeque<SegmentBook>,
    /// Bytes of all of them.
    bytes: u64,
    /// The number of the next segment.
    next_segment: u64,
    /// The number of the next record.
    next: u64,
    /// Records that are not written yet.
    buffer: Vec<u8>,
    /// The number of the first of them.
    buffer_first: u64,
    /// Operations among them.
    buffered: u64,
    /// Numbers settled, not said yet.
    settled: Vec<u64>,
    /// Files with bytes that may not be on the medium, by the numbers of their segments; 0 is the folder.
    unsynced: Vec<(u64, Arc<File>)>,
}

#[derive(Debug)]
struct Current {
    file: Arc<File>,
    length: u64,
}

/// The state of a segment.
#[derive(Debug)]
pub(crate) struct SegmentBook {
    pub(crate) number: u64,
    /// Its first record.
    pub(crate) first: u64,
    pub(crate) bytes: u64,
    /// Its operations that are not settled.
    pub(crate) unsettled: u64,
    /// Whether something of it is damaged: it is set aside, not deleted.
    pub(crate) is_damaged: bool,
}

impl Journal {
    /// A new one, of which nothing is on disk but its folder and its lock.
    /// Its first record will have that number.
    pub(crate) fn create(path: PathBuf, identity: Vec<u8>, next: u64) -> io::Result<Self> {
        make_private(&path)?;
        let lock = Lock::create(&path)?.ok_or(io::ErrorKind::AlreadyExists)?;
        Ok(Self::of(path, lock, identity, VecDeque::new(), next))
    }

    /// One that is taken over, with its segments and the number of its next record.
    pub(crate) fn take_over(
        path: PathBuf,
        lock: Lock,
        identity: Vec<u8>,
        segments: VecDeque<SegmentBook>,
        next: u64,
    ) -> Self {
        Self::of(path, lock, identity, segments, next)
    }

    fn of(path: PathBuf, lock: Lock, identity: Vec<u8>, segments: VecDeque<SegmentBook>, next: u64) -> Self {
        let next_segment = segments.back().map_or(1, |last| last.number + 1);
        Self {
            path,
            _lock: lock,
            identity,
            current: None,
            bytes: segments.iter().map(|segment| segment.bytes).sum(),
            segments,
            next_segment,
            next,
            buffer: Vec::new(),
            buffer_first: next,
            buffered: 0,
            settled: Vec::new(),
            unsynced: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the next record.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether operations are left that are not settled, or waits to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.buffered == 0 && self.segments.iter().all(|segment| segment.unsettled == 0)
    }

    /// Whether the next record begins a segment, which repeats the open operations first.
    pub(crate) fn wants_segment(&self) -> bool {
        self.current.as_ref().is_none_or(|current| current.length >= MAX_SEGMENT)
    }

    /// Begins the next segment.
    pub(crate) fn begin_segment(&mut self) -> io::Result<()> {
        let head = segment::head(&self.identity);
        let number = self.next_segment;
        let path = segment_path(&self.path, number);
        let file = segment::create(&path)?;
        self.next_segment += 1;
        if let Err(error) = (&file).write_all(&head) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let (file, length) = (Arc::new(file), head.len() as u64);
        let first = if self.buffer.is_empty() { self.next } else { self.buffer_first };
        let bytes = length;
        // Syncs the directory too, because it holds the names of the segments.
        if self.unsynced.iter().all(|(number, _)| *number != FOLDER) {
            self.unsynced.extend(File::open(&self.path).ok().map(|folder| (FOLDER, Arc::new(folder))));
        }
        self.unsynced.push((number, Arc::clone(&file)));
        self.current = Some(Current { file, length });
        // The next commit may delete earlier segments, because this one repeats what is still open.
        self.bytes += bytes;
        self.segments.push_back(SegmentBook { number, first, bytes, unsettled: 0, is_damaged: false });
        Ok(())
    }

    /// Adds a record to those to be written, and returns its number.
    pub(crate) fn append(&mut self, kind: u8, write: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let number = self.next;
        self.next += 1;
        if self.buffer.is_empty() {
            self.buffer_first = number;
        }
        frame::append(&mut self.buffer, kind, number, write);
        self.buffered += u64::from(kind & NOTE == 0);
        number
    }

    /// Says that an operation needs no delivery any more.
    pub(crate) fn settle(&mut self, number: u64) {
        self.settled.push(number);
    }

    /// Whether there is anything to write.
    pub(crate) fn has_news(&self) -> bool {
        !self.buffer.is_empty() || !self.settled.is_empty()
    }

    /// Writes the added records: all of them, or none.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        let result = self.write_all();
        // Deletes segments only after the record that settles them is written.
        if result.is_ok() {
            self.delete_settled();
        }
        result
    }

    /// As [`Journal::commit`], and deletes nothing.
    pub(crate) fn write_all(&mut self) -> io::Result<()> {
        let settled = std::mem::take(&mut self.settled);
        for numbers in settled.chunks(MAX_SETTLED) {
            self.append(SETTLED, |out| numbers.iter().for_each(|number| out.extend(number.to_le_bytes())));
        }
        let result = self.write();
        self.buffer.clear();
        self.buffer.shrink_to(1 << 20);
        let buffered = std::mem::take(&mut self.buffered);
        if result.is_ok() {
            if let Some(book) = self.segments.back_mut() {
                book.unsettled += buffered;
            }
        }
        for number in settled {
            self.count_settled(number);
        }
        result
    }

    fn write(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if self.current.is_none() {
            self.begin_segment()?;
        }
        let (Some(current), Some(book)) = (&mut self.current, self.segments.back_mut()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        if let Err(error) = (&*current.file).write_all(&self.buffer) {
            // Removes a partial record. If this fails too, readers skip the record.
            let _ = current.file.set_len(current.length);
            self.current = None;
            return Err(error);
        }
        let written = self.buffer.len() as u64;
        current.length += written;
        book.bytes = current.length;
        self.bytes += written;
        if self.unsynced.last().is_none_or(|(number, _)| *number != book.number) {
            self.unsynced.push((book.number, Arc::clone(&current.file)));
        }
        Ok(())
    }

    /// The files that are to be synced, the directory among them. They count as synced from now on.
    pub(crate) fn take_unsynced(&mut self) -> Vec<Arc<File>> {
        std::mem::take(&mut self.unsynced).into_iter().map(|(_, file)| file).collect()
    }

    /// Whether bytes were written since the last sync.
    pub(crate) fn is_unsynced(&self) -> bool {
        !self.unsynced.is_empty()
    }

    fn count_settled(&mut self, number: u64) {
        let after = self.segments.partition_point(|segment| segment.first <= number);
        let book = after.checked_sub(1).and_then(|at| self.segments.get_mut(at));
        if let Some(book) = book {
            book.unsettled = book.unsettled.saturating_sub(1);
        }
    }

    /// Deletes the oldest segments as long as they are settled, but for the one that is written.
    fn delete_settled(&mut self) {
        while self.segments.len() > 1 && self.segments.front().is_some_and(|segment| segment.unsettled == 0) {
            if let Some(book) = self.segments.pop_front() {
                self.bytes -= book.bytes;
                self.delete(&book);
                // A deleted segment needs no sync. With a server nearby, this saves nearly all syncs.
                self.unsynced.retain(|(number, _)| *number != book.number);
            }
        }
    }

    fn delete(&self, book: &SegmentBook) {
        let path = segment_path(&self.path, book.number);
        if book.is_damaged {
            set_aside(&path, "damaged");
        } else {
            let _ = fs::remove_file(path);
        }
    }

    /// Deletes the files of a journal whose operations are all settled, and returns whether they are.
    pub(crate) fn close(mut self) -> bool {
        if !self.is_empty() {
            return false;
        }
        self.current = None;
        for book in std::mem::take(&mut self.segments) {
            self.delete(&book);
        }
        remove_folder(&self.path);
        true
    }
}

/// Syncs files to the medium.
pub(crate) fn sync(files: &[Arc<File>]) -> io::Result<()> {
    files.iter().try_for_each(|file| file.sync_data())
}

pub(crate) fn segment_path(journal: &Path, number: u64) -> PathBuf {
    journal.join(format!("{number:08}.{EXTENSION}"))
}

/// Removes the folder of a journal without segments.
pub(crate) fn remove_folder(journal: &Path) {
    for name in ["attempts", "lock"] {
        let _ = fs::remove_file(journal.join(name));
    }
    let _ = fs::remove_dir(journal);
}

/// Moves a file to a folder that nobody reads, under a name that says its problem.
pub(crate) fn set_aside(path: &Path, why: &str) {
    let names = (path.parent().and_then(Path::file_name), path.file_stem());
    let (Some(journal), Some(segment)) = names else { return };
    let Some(root) = path.parent().and_then(Path::parent) else { return };
    let folder = root.join(SET_ASIDE);
    let _ = make_private(&folder);
    let name = format!("{}-{}.{why}", journal.to_string_lossy(), segment.to_string_lossy());
    let _ = fs::rename(path, folder.join(name));
}

/// The folder for files that cannot be delivered.
pub(crate) const SET_ASIDE: &str = "set-aside";

/// Makes a folder that its owner alone may enter.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
