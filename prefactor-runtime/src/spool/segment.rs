//! A file of a journal: a head that says what it is and whose, then records.
//!
//! | bytes | meaning |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 4 | version of the format |
//! | 4 | length of the identity |
//! | | the identity, a JSON object |
//! | 4 | CRC-32 of all before |
//!
//! The identity is the first record as well, so that no single damaged byte hides whose the others are. It has the number of
//! the record after it. Where the file was written before, records of then follow behind those of now: their numbers are lower.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::spool::frame::{self, Frame};

pub(crate) const MAGIC: [u8; 8] = *b"PFSPOOL\n";
pub(crate) const VERSION: u32 = 3;
/// The oldest version that is read: where a record says what was sent, it names one operation. Up to version 2 a file is
/// written once, and the identity has the number 0.
const OLDEST: u32 = 1;
/// The kind of the record with the identity.
pub(crate) const IDENTITY: u8 = 0x80;
/// The largest size of an identity.
const MAX_IDENTITY: usize = 64 << 10;
/// A segment is ended when it has grown to this. One record may go beyond.
pub(crate) const MAX_SEGMENT: u64 = 4 << 20;
/// Nothing of ours is longer: what is, is not read to its end.
const MAX_READ: u64 = MAX_SEGMENT + 2 * frame::MAX_BODY as u64;

/// The content of a file.
#[derive(Debug)]
pub(crate) struct Segment {
    bytes: Vec<u8>,
    pub(crate) identity: Option<Vec<u8>>,
    /// The whole records, but for the identity.
    pub(crate) frames: Vec<Frame>,
    pub(crate) damage: Damage,
}

/// The parts of a file that are not whole records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Places at which records are damaged, other than the end of the file.
    pub(crate) gaps: u64,
    /// Whether the last record is cut off: the process was writing it when it ended.
    pub(crate) is_torn: bool,
    /// The version that the head says, if it is another than ours.
    pub(crate) version: Option<u32>,
}

impl Segment {
    /// Reads a file. Damage is no error.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        open(path)?.take(MAX_READ).read_to_end(&mut bytes)?;
        Ok(Self::of(bytes))
    }

    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let mut segment = Self { identity: None, frames: Vec::new(), damage: Damage::default(), bytes };
        let mut at = match read_head(&segment.bytes) {
            Head::Whole { identity, end } => {
                segment.identity = Some(identity);
                end
            }
            Head::Other(version) => {
                segment.damage.version = Some(version);
                return segment;
            }
            Head::Damaged => 0,
        };
        let (mut gap, mut next_number) = ((at == 0).then_some(0), 0);
        while at < segment.bytes.len() {
            if let Some(frame) = frame::read(&segment.bytes, at) {
                if frame.number < next_number {
                    // From here on is what was in the file before. A gap ahead of it is the rest of a record of then, if none of
                    // now begins there.
                    gap = gap.filter(|at| frame::may_begin(&segment.bytes, *at, next_number));
                    break;
                }
                next_number = frame.number + u64::from(frame.kind != IDENTITY);
                segment.damage.gaps += u64::from(gap.take().is_some());
                at = frame.body.end;
                segment.take(frame);
                continue;
            }
            gap.get_or_insert(at);
            let Some(next) = frame::find(&segment.bytes, at + 1) else { break };
            at = next;
        }
        segment.damage.is_torn = gap.is_some();
        segment
    }

    fn take(&mut self, frame: Frame) {
        if frame.kind == IDENTITY {
            let body = self.body(&frame).to_vec();
            self.identity.get_or_insert(body);
        } else {
            self.frames.push(frame);
        }
    }

    pub(crate) fn body(&self, frame: &Frame) -> &[u8] {
        self.bytes.get(frame.body.clone()).unwrap_or_default()
    }
}

/// The head of a file whose first record will have that number.
pub(crate) fn head(identity: &[u8], first: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(identity.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(identity);
    let sum = frame::checksum(&bytes, &[]);
    bytes.extend_from_slice(&sum.to_le_bytes());
    frame::append(&mut bytes, IDENTITY, first, |out| out.extend_from_slice(identity));
    bytes
}

enum Head {
    Whole { identity: Vec<u8>, end: usize },
    Other(u32),
    Damaged,
}

fn read_head(bytes: &[u8]) -> Head {
    let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let (Some(version), Some(length)) = (number(8), number(12)) else { return Head::Damaged };
    let length = length as usize;
    let end = 16 + length.min(MAX_IDENTITY);
    let Some(head) = bytes.get(..end).filter(|_| bytes.starts_with(&MAGIC)) else { return Head::Damaged };
    if number(end) != Some(frame::checksum(head, &[])) {
        return Head::Damaged;
    }
    if !(OLDEST..=VERSION).contains(&version) {
        return Head::Other(version);
    }
    Head::Whole { identity: head[16..].to_vec(), end: end + 4 }
}

/// Opens a file of the spool for reading. A link is not followed.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    no_follow(&mut options);
    options.open(path)
}

/// Opens a file of the spool to write over it.
pub(crate) fn open_to_write(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).read(true);
    no_follow(&mut options);
    options.open(path)
}

/// Makes a file of the spool, which its owner alone may read.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).read(true).create_new(true);
    no_follow(&mut options);
    options.open(path)
}

#[cfg(unix)]
fn no_follow(options: &mut std::fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
}

#[cfg(not(unix))]
fn no_follow(_: &mut std::fs::OpenOptions) {}
