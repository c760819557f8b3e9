//! The store: what was written is read, whatever happens to the files.

mod damage;
mod histories;
mod marks;
mod spare;

use std::path::Path;

use crate::spool::directory;
use crate::spool::frame::Frame;
use crate::spool::segment::Segment;

/// The records of a journal: their kinds, numbers and bodies.
fn records(journal: &Path) -> Vec<(u8, u64, Vec<u8>)> {
    let mut records = Vec::new();
    for (_, _, path) in directory::segments(journal).unwrap() {
        let segment = Segment::read(&path).unwrap();
        let record = |frame: &Frame| (frame.kind, frame.number, segment.body(frame).to_vec());
        records.extend(segment.frames.iter().map(record));
    }
    records
}
