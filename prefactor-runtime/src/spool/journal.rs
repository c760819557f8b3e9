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

use crate::spool::folder::{make_private, remove_folder, segment_path, set_aside};
use crate::spool::frame;
use crate::spool::lock::Lock;
use crate::spool::segment::{self, MAX_SEGMENT};
use crate::spool::spare::{self, Spare};

/// The kinds of records that are not operations, and need no settlement, have this bit.
pub(crate) const NOTE: u8 = 0x80;
/// The kind of the record that lists operations as settled.
pub(crate) const SETTLED: u8 = 0x81;
/// Numbers in one such record: all that waits in a large queue may be settled at once, and a record has a bound.
const MAX_SETTLED: usize = 8_192;

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
    /// Files with bytes that may not be on the medium, by the numbers of their segments.
    unsynced: Vec<(u64, Arc<File>)>,
    /// The folder, if names in it may not be on the medium.
    unsynced_folder: Option<Arc<File>>,
    /// The file of a deleted segment, for the next one.
    spare: Option<Spare>,
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
    /// The length of its file.
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
        let _ = fs::remove_file(path.join(spare::NAME));
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
            unsynced_folder: None,
            spare: None,
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
        self.bytes + self.spare.as_ref().map_or(0, |spare| spare.bytes)
    }

    /// Lets go of the file that is kept for the next segment: its room is wanted.
    pub(crate) fn remove_spare(&mut self) {
        if let Some(spare) = self.spare.take() {
            spare.remove();
        }
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
        let first = if self.buffer.is_empty() { self.next } else { self.buffer_first };
        let head = segment::head(&self.identity, first);
        let number = self.next_segment;
        let (file, bytes) = self.new_file(&segment_path(&self.path, number), &head)?;
        self.next_segment += 1;
        let (file, length) = (Arc::new(file), head.len() as u64);
        if self.unsynced_folder.is_none() {
            self.unsynced_folder = File::open(&self.path).ok().map(Arc::new);
        }
        self.unsynced.push((number, Arc::clone(&file)));
        self.current = Some(Current { file, length });
        // The next commit may delete earlier segments, because this one repeats what is still open.
        self.bytes += bytes;
        self.segments.push_back(SegmentBook { number, first, bytes, unsettled: 0, is_damaged: false });
        Ok(())
    }

    /// A file that begins with that head, and its length.
    fn new_file(&mut self, path: &Path, head: &[u8]) -> io::Result<(File, u64)> {
        if let Some(spare) = self.spare.take() {
            match spare.begin(head, path) {
                Ok(file) => return Ok((file, spare.bytes.max(head.len() as u64))),
                Err(_) => spare.remove(),
            }
        }
        let file = segment::create(path)?;
        if let Err(error) = (&file).write_all(head) {
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok((file, head.len() as u64))
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
            self.bytes -= book.bytes - current.length;
            book.bytes = current.length;
            self.current = None;
            return Err(error);
        }
        current.length += self.buffer.len() as u64;
        // A file that was written before is longer, until its old end is reached.
        let grown = current.length.saturating_sub(book.bytes);
        book.bytes += grown;
        self.bytes += grown;
        if self.unsynced.last().is_none_or(|(number, _)| *number != book.number) {
            self.unsynced.push((book.number, Arc::clone(&current.file)));
        }
        Ok(())
    }

    /// The files that are to be synced, and after them the folder with their names. They count as synced from now on.
    pub(crate) fn take_unsynced(&mut self) -> Vec<Arc<File>> {
        let files = std::mem::take(&mut self.unsynced).into_iter().map(|(_, file)| file);
        files.chain(self.unsynced_folder.take()).collect()
    }

    /// Whether bytes were written since the last sync.
    pub(crate) fn is_unsynced(&self) -> bool {
        !self.unsynced.is_empty() || self.unsynced_folder.is_some()
    }

    fn count_settled(&mut self, number: u64) {
        let book = self.segments.iter_mut().rev().find(|segment| segment.first <= number);
        if let Some(book) = book {
            book.unsettled = book.unsettled.saturating_sub(1);
        }
    }

    /// Deletes the oldest segments as long as they are settled, but for the one that is written.
    fn delete_settled(&mut self) {
        while self.segments.len() > 1 && self.segments.front().is_some_and(|segment| segment.unsettled == 0) {
            if let Some(book) = self.segments.pop_front() {
                self.bytes -= book.bytes;
                if self.spare.is_none() && !book.is_damaged {
                    let path = segment_path(&self.path, book.number);
                    self.spare = Spare::keep(&self.path, &path, book.bytes);
                }
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
        self.spare = None;
        remove_folder(&self.path);
        true
    }
}

/// Syncs files to the medium.
pub(crate) fn sync(files: &[Arc<File>]) -> io::Result<()> {
    files.iter().try_for_each(|file| file.sync_data())
}
